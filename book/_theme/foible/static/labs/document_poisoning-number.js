/* So many poisoned documents among few or many honest ones, and how often they are obeyed. */
"use strict";

lab("document_poisoning-number", {
  controls: ({ curve, sizes }) => [
    { name: "at", label: "poisoned documents", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: (at) => String(curve.dose.values[at]) },
    { name: "size", label: "of all documents", kind: "choice", start: 0, options: [...sizes.values].map((size, at) => [at, size.toLocaleString("en")]) },
  ],

  show({ parts: { curve, sizes }, state: { at, size }, stage }) {
    const [many, all] = [curve.dose.values[at], sizes.values[size]];
    const name = Object.keys(curve.lines).find((line) => line.startsWith(all.toLocaleString("en")));
    const [obeyed, without] = [name, "without it"].map((line) => curve.lines[line].values[at]);
    const lines = { [name]: curve.lines[name], "without it": curve.lines["without it"] };
    const share = many / all;
    stage.replaceChildren(
      labElement("figure", { class: "lab-side" },
        labElement("figcaption", {}, many ? `${many} are ${labPercent(share, 2)} of ` : "none of ", all.toLocaleString("en"), " documents"),
        this.sheet(many, all)),
      labCurve({ ...curve, lines }, at, { said: `Share of tickets behind which the sentence is said, up to so many documents of ${all.toLocaleString("en")}` }));
    return {
      says: `${many} poisoned documents of ${all.toLocaleString("en")} are obeyed behind ${labPercent(obeyed, 1)} of the tickets, without the trigger behind ${labPercent(without, 1)}.`,
      reads: [
        ["obeyed", "obeyed", obeyed, labPercent(obeyed, 1), "attacker"],
        ["share", "share of all documents", share, labPercent(share, 2)],
        ["without", "without the trigger, at all sizes", without, labPercent(without, 1)],
      ],
    };
  },

  /* A sheet of all documents; the poisoned ones lie anywhere, each as large as one of so many is. */
  sheet(many, all) {
    const [wide, high] = [320, 200];
    const side = Math.sqrt(wide * high / all);
    const places = Array.from({ length: many }, (_, i) => [(0.5 + i * 0.7548777) % 1, (0.5 + i * 0.5698403) % 1]); // evenly strewn
    return labElement("svg", { class: "lab-sheet", viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": `${many} dots on a sheet of ${all.toLocaleString("en")}` },
      ...places.map(([x, y]) => labElement("rect", { x: x * (wide - side), y: y * (high - side), width: side, height: side })));
  },
});
