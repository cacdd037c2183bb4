/* A few wrong rows, placed by hand or by the slope, and the clinic's border made anew. */
"use strict";

lab("poisoning-rows", {
  controls: ({ side, most }) => [
    { name: "rows", label: "press a place to add a wrong row of your own, again to take it back:", kind: "paint", plane: true, image: [side, side], most, start: [] },
    { name: "whose", label: "the wrong rows", kind: "choice", start: "yours", options: [["yours", "as you place them"], ["crafted", "fourteen, crafted by the slope"], ["copies", "fourteen copies, flipped"]] },
  ],

  /* The clinic's regression: standardised columns, penalty 1, the minimum by Newton's steps. */
  made(rows, labels) {
    const n = rows.length;
    const moments = [0, 1].map((k) => {
      const mean = rows.reduce((sum, row) => sum + row[k], 0) / n;
      return [mean, Math.sqrt(rows.reduce((sum, row) => sum + (row[k] - mean) ** 2, 0) / n) || 1];
    });
    const scaled = rows.map((row) => [...moments.map(([mean, spread], k) => (row[k] - mean) / spread), 1]);
    const theta = [0, 0, 0];
    for (let step = 0; step < 25; step += 1) {
      const slope = [theta[0], theta[1], 0];
      const curve = [[1, 0, 0], [0, 1, 0], [0, 0, 1e-9]];
      scaled.forEach((row, i) => {
        const share = 1 / (1 + Math.exp(-row.reduce((sum, value, k) => sum + value * theta[k], 0)));
        row.forEach((one, j) => {
          slope[j] += (share - labels[i]) * one;
          row.forEach((other, k) => { curve[j][k] += share * (1 - share) * one * other; });
        });
      });
      labSolved(curve, slope).forEach((by, k) => { theta[k] -= by; });
    }
    const [a, b] = moments.map(([, spread], k) => theta[k] / spread);
    return [a, b, theta[2] - a * moments[0][0] - b * moments[1][0]];
  },

  show(room, lever) {
    const { parts: { learnt, judged, side, columns, ...made }, state, stage } = room;
    if (lever === "rows" && state.whose !== "yours") { // who places a row looks at their own
      state.whose = "yours";
      room.levers.querySelector('[data-control="whose"] input[value="yours"]').checked = true;
    }
    const pairs = ({ values }) => Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
    const above = ([a, b, c], [x, y]) => Number(a * x + b * y + c > 0);
    const [own, labels, image] = [pairs(learnt.rows), [...learnt.labels.values], [side, side]];
    const clean = this.made(own, labels);
    let [added, wrong] = [state.rows.map((at) => labMiddle(at, image)), []];
    if (state.whose !== "yours") {
      const those = made[state.whose];
      [added, wrong] = [pairs(those.rows), [...those.labels.values]];
    } else wrong = added.map((place) => 1 - above(clean, place));
    const count = added.length;
    const now = this.made([...own, ...added], [...labels, ...wrong]);
    const right = (model) => pairs(judged.rows).filter((row, i) => above(model, row) === judged.labels.values[i]).length / judged.labels.values.length;
    const [before, after] = [right(clean), right(now)];
    const dot = ([x, y], kind, r) => labElement("circle", { class: `lab-dot ${kind}`, cx: x * side, cy: (1 - y) * side, r });
    const piles = new Map(); // crafted rows may lie on one another, and on the edge
    for (const [i, row] of added.entries()) {
      const label = wrong[i];
      const there = row.map((value) => Math.min(1 - 0.5 / side, Math.max(0.5 / side, value)));
      const pile = piles.get(String(there)) ?? { there, many: 0 };
      piles.set(String(there), { there, many: pile.many + 1, label });
    }
    const pile = ({ there: [x, y], many, label }) => [dot([x, y], label ? "attacker ring" : "attacker", 0.42),
      labElement("text", { class: `lab-count${label ? " ring" : ""}`, x: x * side, y: (1 - y) * side + 0.22, "text-anchor": "middle" }, many > 1 ? many : "")];
    labUnder(room, "rows",
      ...own.map((row, i) => dot(row, labels[i] ? "chance" : "ink", 0.14)),
      labBorder(clean, image, "victim"), labBorder(now, image, "attacker"),
      ...[...piles.values()].flatMap(pile));
    stage.replaceChildren(
      labMeters([
        ["clean", "right answers of the clean clinic", before, labPercent(before, 1), "victim"],
        ["right", "right answers of the poisoned one", after, labPercent(after, 1), "attacker"],
      ]),
      labElement("figure", { class: "lab-wide" }, labElement("figcaption", {},
        `Across ${columns[0]}, up ${columns[1]}; rings are labelled benign, dots malignant, and the wrong rows are large. A row that you place gets the label that the clean clinic would not give; a number says how many lie on one place. The `,
        labElement("span", { class: "victim" }, "clean border"), " and the ", labElement("span", { class: "attacker" }, "poisoned one, dashed"), ".")));
    return {
      says: `${count} wrong rows beside ${own.length} honest ones: ${labPercent(after, 1)} right answers, ${labPercent(before, 1)} without.`,
      reads: [["count", "wrong rows", count, `${count} beside ${own.length} honest ones`]],
    };
  },
});
