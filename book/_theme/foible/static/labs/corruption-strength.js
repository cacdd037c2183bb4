/* Stronger changes of a digit, and how many four readers still read. */
"use strict";

lab("corruption-strength", {
  controls: ({ curve, changes }) => [
    { name: "at", label: "strength of the change", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: String },
    { name: "change", label: "the picture's change, one of twelve", kind: "choice", start: 0, options: changes.map((change, at) => [at, change]) },
  ],

  show({ parts: { curve, changes, pictures, image }, state: { at, change }, stage }) {
    const row = labRow(pictures, change * curve.dose.values.length + at);
    const seen = labElement("figure", { class: "lab-seen" },
      labPicture(row, image, `a digit under ${changes[change]}, strength ${at}`),
      labElement("figcaption", {}, changes[change]));
    const lines = labCurve({ ...curve, response_name: "right answers" }, at, { said: "Right answers of four readers, mean of twelve changes, up to this strength" });
    stage.replaceChildren(seen, labElement("figure", { class: "lab-wide" }, lines,
      labElement("figcaption", {}, "The mean of all twelve changes; which of them is chosen alters only the picture.")));
    const reads = Object.entries(curve.lines).map(([name, { values }]) => [name, name, values[at], labPercent(values[at], 1), curve.kinds[name]]);
    return { says: `At strength ${at}: ${reads.map(([, name, , text]) => `${name} ${text}`).join(", ")}.`, reads };
  },
});
