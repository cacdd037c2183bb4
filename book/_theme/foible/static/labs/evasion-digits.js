/* Two networks read a digit, each after an attack made for it. */
"use strict";

lab("evasion-digits", {
  controls: ({ shown, digits }) => [
    {
      name: "digit", label: "digit", kind: "choice", start: 0,
      options: [...shown.values].map((at, which) => [which,
        labPicture(labRow(digits.rows, at), digits.image, labA(digits.labels.values[at]))]),
    },
    { name: "radius", label: "each pixel moves by at most", kind: "range", min: 0, max: 0.3, step: 0.01, start: 0, says: (value) => value.toFixed(2) },
    { name: "way", label: "attack", kind: "choice", start: "pgd", options: [["pgd", "forty small steps, PGD"], ["fgsm", "one large step, FGSM"]] },
    { name: "steps", label: "steps taken", kind: "range", min: 0, max: 40, step: 1, start: 40, when: ({ way }) => way === "pgd" },
    { name: "all", label: `read all ${digits.labels.values.length} so`, kind: "press", start: 0 },
  ],

  /* The row after the attack; a step is 2.5 radii in forty parts, or all of one. */
  moved(network, row, label, { radius, way, steps }) {
    const [size, count] = way === "fgsm" ? [radius, 1] : [(2.5 / 40) * radius, steps];
    const at = Float64Array.from(row);
    for (let step = 0; step < count; step += 1) {
      const slope = network.slope(at, label);
      for (let i = 0; i < at.length; i += 1) {
        const next = at[i] + size * Math.sign(slope[i]);
        at[i] = Math.min(Math.max(next, row[i] - radius, 0), row[i] + radius, 1);
      }
    }
    return at;
  },

  /* How many of all digits each network reads rightly, one digit at a time. */
  * count({ parts: { plain, trained, digits }, state }) {
    const right = { plain: 0, trained: 0 };
    const many = digits.labels.values.length;
    for (let i = 0; i < many; i += 1) {
      const row = labRow(digits.rows, i);
      const label = digits.labels.values[i];
      for (const [name, network] of Object.entries({ plain, trained })) {
        right[name] += network.answer(this.moved(network, row, label, state)) === label;
      }
      yield i / many;
    }
    return { plain: right.plain / many, trained: right.trained / many };
  },

  show(room, lever) {
    const { parts: { plain, trained, digits, shown }, state, stage } = room;
    const at = shown.values[state.digit];
    const label = digits.labels.values[at];
    const seen = { plain: "the plain network", trained: "the one that learned from attacks" };
    const answers = {};
    stage.replaceChildren(...Object.entries({ plain, trained }).map(([name, network]) => {
      const row = this.moved(network, labRow(digits.rows, at), label, state);
      const shares = labSoftmax(network.logits(row));
      const read = answers[name] = labLargest(shares);
      const said = `${seen[name]} reads ${read}`;
      return labElement("figure", { class: `lab-half ${read === label ? "holds" : "turned"}` },
        labElement("figcaption", {}, `${seen[name]} reads `, labElement("strong", { "data-reads": name, "data-value": read }, read)),
        labPicture(row, digits.image, `the digit after the attack on it; ${said}`),
        this.bars(shares, label));
    }));
    const count = `The digit is ${labA(label)}. After the attack on each, ${seen.plain} reads ${answers.plain}, ${seen.trained} ${answers.trained}.`;
    if (lever === "all" || lever === "" && state.all) {
      const many = digits.labels.values.length;
      room.slowly(this.count(room),
        (share) => room.tell(count, [["share", "of all digits", share, `${labPercent(share)} done`]]),
        (right) => room.tell(
          `${count} Of ${many} digits, ${seen.plain} reads ${labPercent(right.plain, 1)} rightly, ${seen.trained} ${labPercent(right.trained, 1)}.`,
          [["plain-all", `plain, right of ${many}`, right.plain, labPercent(right.plain, 1)],
            ["trained-all", `taught by attacks, right of ${many}`, right.trained, labPercent(right.trained, 1)]]));
    }
    return { says: count };
  },

  /* How sure a network is of each digit. */
  bars(shares, label) {
    return labElement("ol", { class: "lab-bars", start: 0, "aria-hidden": "true" }, ...[...shares].map((share, digit) => {
      const bar = labElement("li", digit === label ? { class: "right" } : {}, digit);
      bar.style.setProperty("--share", share.toFixed(3));
      return bar;
    }));
  },
});
