/* Questions on a plane through the clinic's rows, and the regression that their answers give. */
"use strict";

lab("model_stealing-plane", {
  controls: ({ side }) => [
    { name: "asked", label: "press a place to buy its answer, again to give it back:", kind: "paint", plane: true, image: [side, side], most: 40, start: [] },
    { name: "told", label: "answers", kind: "choice", start: "full", options: [["full", "in full"], ["rounded", "to one decimal"]] },
    { name: "buy", label: "buy the next", kind: "press", start: 0 },
  ],

  /* The chance of a benign tumour, as the clinic tells it. */
  answer({ victim }, [x, y], told) {
    const [a, b, c] = victim.values;
    const share = 1 / (1 + Math.exp(-(a * x + b * y + c)));
    return told === "full" ? share : Math.round(10 * share) / 10;
  },

  /* A straight line through the log-odds, by least squares; what is nearly 0 or 1 tells nothing. */
  copy(asked) {
    const told = asked.filter(([, share]) => share > 0 && share < 1);
    if (!told.length) return null;
    const A = [0, 1, 2].map((i) => [0, 1, 2].map((j) => (i === j ? 1e-9 : 0)));
    const right = [0, 0, 0];
    for (const [[x, y], share] of told) {
      const row = [x, y, 1];
      row.forEach((one, i) => {
        right[i] += one * Math.log(share / (1 - share));
        row.forEach((other, j) => { A[i][j] += one * other; });
      });
    }
    return labSolved(A, right);
  },

  /* The share of the plane on which both decide alike. */
  agreement([a, b, c], [d, e, f], fine = 100) {
    let alike = 0;
    for (let i = 0; i < fine; i += 1) {
      for (let j = 0; j < fine; j += 1) {
        const [x, y] = [(i + 0.5) / fine, (j + 0.5) / fine];
        alike += a * x + b * y + c > 0 === d * x + e * y + f > 0;
      }
    }
    return alike / fine ** 2;
  },

  show(room, lever) {
    const { parts, state, stage } = room;
    const { victim, order, side, columns } = parts;
    if (lever === "buy") {
      const next = [...order.values].find((at) => !state.asked.includes(at));
      const { most } = room.controls.find(({ name }) => name === "asked");
      if (next !== undefined && state.asked.length < most) state.asked = [...state.asked, next];
      room.build();
      room.levers.querySelector('[data-control="buy"]').focus();
    }
    const places = state.asked.map((at) => labMiddle(at, [side, side]));
    const answers = places.map((place) => [place, this.answer(parts, place, state.told)]);
    const found = this.copy(answers);
    const image = [side, side];
    const agreed = found ? this.agreement(victim.values, found) : 0;
    labUnder(room, "asked",
      labBorder(victim.values, image, "victim"),
      ...(found && Math.hypot(found[0], found[1]) > 1e-9 ? [labBorder(found, image, "attacker")] : []),
      ...answers.map(([[x, y], share]) => labElement("circle", { class: `lab-dot ${share > 0.5 ? "chance" : "ink"}`, cx: x * side, cy: (1 - y) * side, r: 0.4 })));
    const count = state.asked.length;
    const sides = found && new Set([[0, 0], [0, 1], [1, 0], [1, 1]].map(([x, y]) => found[0] * x + found[1] * y + found[2] > 0));
    const flat = sides?.size === 1 ? `${count === 1 ? "One answer: the" : "The"} copy says the same everywhere` : "";
    const empty = answers.filter(([, share]) => share === 0 || share === 1).length;
    const useless = empty ? ` ${empty} of ${count} ${empty === 1 ? "is" : "are"} 0.0 or 1.0, by which no line can be drawn.` : "";
    const last = answers.slice(-3).map(([, share]) => (state.told === "full" ? share.toFixed(4) : share.toFixed(1)));
    stage.replaceChildren(
      labMeters([["agreed", "of the plane decided alike", agreed, found ? labPercent(agreed, 1) : "no copy yet", "attacker"]]),
      labElement("figure", { class: "lab-wide" }, labElement("figcaption", {}, `Across ${columns[0]}, up ${columns[1]}; rings are told benign, dots malignant. The `,
        labElement("span", { class: "victim" }, "clinic's border"), " and the ", labElement("span", { class: "attacker" }, "copy's, dashed"), count ? `. The last answers, chances that it is benign: ${last.join(", ")}.${useless}` : ".", flat ? ` ${flat}.` : "")));
    return {
      says: `${count} ${count === 1 ? "answer" : "answers"} bought${found ? `; the copy decides ${labPercent(agreed, 1)} of the plane as the clinic does` : ""}.${flat ? ` ${flat}.` : ""}`,
      reads: [["count", "answers bought", count, String(count)]],
    };
  },
});
