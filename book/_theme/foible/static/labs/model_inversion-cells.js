/* Two patients behind one set of weights: what is computed while cells of the second are told. */
"use strict";

lab("model_inversion-cells", {
  controls: ({ lacking, truth }) => [
    { name: "told", label: "cells told", kind: "range", min: 0, max: lacking.values.length - 1, step: 1, start: 0, says: (at) => `${10 - lacking.values[at]} of 20` },
    { name: "pair", label: "patients", kind: "choice", start: 1, options: Array.from({ length: truth.shape[0] }, (_, at) => [at, `pair ${at + 1}`]) },
  ],

  show({ parts: { lacking, cells, truth, off, back, pairs }, state: { told, pair }, stage }) {
    const unknown = 10 + lacking.values[told];
    const [many, width] = [truth.shape[0], truth.shape[2]];
    const row = ({ values }, at) => [...values.subarray(at * width, (at + 1) * width)];
    const worst = off.values[told * many + pair];
    const seen = [...row(truth, 2 * pair), ...row(truth, 2 * pair + 1)];
    const [low, high] = [Math.floor(Math.min(...seen)) - 1, Math.ceil(Math.max(...seen)) + 1];
    const charts = ["the first patient, of whom no cell is told", `the second, ${10 - lacking.values[told]} cells told`].map((name, which) => {
      const found = row(cells, 2 * (told * many + pair) + which);
      const actual = row(truth, 2 * pair + which);
      const points = (values) => values.map((value, i) => [i + 1, Math.max(low, Math.min(value, high))]);
      return labElement("figure", { class: "lab-wide" },
        labElement("figcaption", {}, `${name}: `, labElement("span", { class: "attacker" }, "computed"), " and ", labElement("span", { class: "victim" }, "true"), Math.max(...found) > high || Math.min(...found) < low ? "; a dot on the frame lies beyond it" : ""),
        labChart({
          said: `${name}: true cells and computed ones`,
          x: { from: 0.5, to: width + 0.5, label: "cell", ticks: actual.map((_, i) => [i + 1, String(i + 1)]) },
          y: { from: low, to: high, label: "standard deviations", ticks: [low, 0, high].map((value) => [value, String(value).replace("-", "−")]) },
          lines: [{ points: points(actual), kind: "victim" }],
          marks: points(found).map(([x, y]) => ({ x, y, kind: "attacker" })),
        }));
    });
    stage.replaceChildren(...charts);
    const alone = unknown === 10 ? "One patient wholly unknown, and all others known: the chapter's headline" : "";
    if (alone) stage.append(labElement("p", { class: "lab-told" }, `${alone}.`));
    const share = back.values[told];
    return {
      says: `${unknown} cells unknown: the first patient is off by ${worst.toFixed(2)} in the worst cell; of ${pairs} such patients ${labPercent(share)} are computed exactly.${alone ? ` ${alone}.` : ""}`,
      reads: [
        ["unknown", "cells unknown", unknown, `${unknown}, by 11 equations`],
        ["off", "worst cell of the first off by", worst, worst.toFixed(2), "attacker"],
        ["back", `of ${pairs} pairs, the first is computed exactly`, share, labPercent(share), "attacker"],
      ],
    };
  },
});
