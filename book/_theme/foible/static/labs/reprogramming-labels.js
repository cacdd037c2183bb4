/* Labels that an attacker pays for, the frame that they buy, and irises that a reader of digits then sorts. */
"use strict";

lab("reprogramming-labels", {
  controls: ({ curve, rows }) => [
    { name: "at", label: "labels paid for", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: (at) => curve.dose.values[at].toLocaleString("en") },
    { name: "which", label: "irises shown", kind: "range", min: 1, max: Math.min(...rows.classes.map((_, label) => rows.labels.values.filter((it) => it === label).length)), step: 1, start: 1, says: String },
  ],

  /* An iris in the frame: its lengths stay where they are written, and all else is the frame's. */
  written: ({ rows, frames, frame }, at, i) => labRow(rows.rows, i).map((value, pixel) => (frame.values[pixel] ? labRow(frames, at)[pixel] : value)),

  show({ parts, state: { at, which }, stage }) {
    const { curve, network, rows, names } = parts;
    const labels = [...rows.labels.values];
    const meant = labRow(names, at);
    const read = labels.map((_, i) => network.answer(this.written(parts, at, i)));
    const right = labels.filter((label, i) => meant[read[i]] === label).length / labels.length;
    const shown = rows.classes.map((_, label) => [...labels.keys()].filter((i) => labels[i] === label)[which - 1]);
    const list = rows.classes.map((name, label) => `${name} ${[...meant.keys()].filter((digit) => meant[digit] === label).join(" ")}`);
    stage.replaceChildren(
      labElement("div", { class: "lab-side" },
        labElement("div", { class: "lab-three" }, ...shown.map((i, label) => {
          const said = `${read[i]}: ${rows.classes[meant[read[i]]]}`;
          return labElement("figure", {}, labPicture(this.written(parts, at, i), rows.image, `${labA(rows.classes[label])} in the frame, read as ${said}`),
            labElement("figcaption", {}, `${labA(rows.classes[label])}, read as `, labElement("strong", { class: meant[read[i]] === label ? "attacker" : "" }, said)));
        })),
        labElement("p", { class: "lab-note" }, `What the answers mean: ${list.join("; ")}.`)),
      this.chart(curve, at));
    const [ours, control] = ["attacker", "chance"].map((kind) => Object.keys(curve.lines).find((name) => curve.kinds[name] === kind)).map((name) => [name, curve.lines[name].values[at]]);
    return {
      says: `For ${curve.dose.values[at].toLocaleString("en")} labels the network that is shown sorts ${labPercent(right)} of the irises; in the mean of ten, those that read digits sort ${labPercent(ours[1])}, untrained ones ${labPercent(control[1])}.`,
      reads: [
        ["here", "sorted rightly by this network", right, labPercent(right), "attacker"],
        ["ours", `mean of ten, ${ours[0]}`, ours[1], labPercent(ours[1]), "attacker"],
        ["control", `mean of ten, ${control[0]}`, control[1], labPercent(control[1])],
      ],
    };
  },

  /* Both kinds of networks, up to what is paid. */
  chart: ({ dose, lines, kinds }, at) => labChart({
    said: "Irises sorted rightly by networks that read digits, and by untrained ones, up to so many labels",
    x: { from: 0, to: dose.values.length - 1, label: "labels paid for", ticks: [...dose.values].map((value, i) => [i, value.toLocaleString("en")]) },
    y: { from: 0, to: 1, label: "irises sorted rightly", ticks: [0, 0.5, 1].map((share) => [share, labPercent(share)]) },
    lines: Object.entries(lines).map(([name, { values }]) => ({ points: [...values].slice(0, at + 1).map((value, i) => [i, value]), kind: kinds[name], name, at: [0, values[0] + (kinds[name] === "attacker" ? 0.06 : -0.12)] })),
    marks: Object.entries(lines).map(([name, { values }]) => ({ x: at, y: values[at], kind: kinds[name] })),
  }),
});
