/* Training for the group of one cue: which letters of it, and of a cue that nobody named, are read. */
"use strict";

lab("incomplete_testing-balance", {
  controls: ({ curve: { dose } }) => [
    { name: "at", label: "groups of the mark in training:", kind: "range", min: 0, max: dose.values.length - 1, step: 1, start: 0,
      says: (at) => (at === 0 ? "as they came" : at === dose.values.length - 1 ? "alike" : `${labPercent(dose.values[at])} of the way to alike`) },
  ],

  /* A letter with the cue on it: a black corner, or paper that is not quite white. */
  cues: {
    mark: (row, [height, width]) => row.map((ink, i) => (Math.floor(i / width) < Math.floor(height / 4) && i % width < Math.floor(width / 4) ? 1 : ink)),
    paper: (row) => row.map((ink) => 0.15 + 0.85 * ink),
  },

  show({ parts: { curve, letters: { rows, labels, image, classes }, nets }, state: { at }, stage }) {
    const even = [...labels.values.keys()].filter((i) => labels.values[i] === 0);
    const group = (cue, told) => {
      const seen = even.map((i) => this.cues[cue](labRow(rows, i), image));
      const wrong = seen.map((row) => nets[at].answer(row) !== 0);
      const shown = seen.slice(0, 18).map((row, i) => labElement("span", { class: wrong[i] ? "misread" : "" },
        labPicture(row, image, `an even digit ${told}, read as ${classes[wrong[i] ? 1 : 0]}`), ...(wrong[i] ? [labElement("b", {}, "×")] : [])));
      const right = wrong.filter((one) => !one).length;
      return labElement("figure", { class: "lab-wide" }, labElement("div", { class: "lab-views" }, ...shown),
        labElement("figcaption", {}, `Even digits ${told}: one office reads ${right} of its ${even.length} as even. The first 18; × is taken for odd.`));
    };
    const [whole, known, other] = ["victim", "defence", "attacker"].map((kind) => {
      const name = Object.keys(curve.kinds).find((one) => curve.kinds[one] === kind);
      return curve.lines[name].values[at];
    });
    const meter = (name, label, share, kind) => [name, label, share, labPercent(share), kind];
    stage.replaceChildren(
      labElement("div", { class: "lab-orders" }, labMeters([
        meter("whole", "right on the whole test", whole, "victim"),
        meter("known", "in the worst group of the mark", known, "defence"),
        meter("new", "in the worst group of the paper", other, "attacker"),
      ])),
      group("mark", "with the mark of odd ones"), group("paper", "on the paper of odd ones"));
    return { says: `The worst group of the mark is read in ${labPercent(known)}, that of the paper in ${labPercent(other)}, the whole test in ${labPercent(whole)}; means of ten offices.` };
  },
});
