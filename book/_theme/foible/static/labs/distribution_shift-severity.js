/* Three ways in which customers change, by steps: right answers, and windows in which an alarm rings. */
"use strict";

lab("distribution_shift-severity", {
  who: { older: "older ones come", later: "more pay late", found: "one group, found by search, defaults" },

  controls() {
    return [
    { name: "world", label: "what changes", kind: "choice", start: "older", options: Object.entries(this.who) },
    { name: "at", label: "severity", kind: "range", min: 0, max: 5, step: 1, start: 0, says: (at) => (at ? `${at} of 5` : "as always") },
    ];
  },

  show({ parts: { worlds }, state: { world, at }, stage }) {
    const { curve } = worlds[world];
    const here = (name) => curve.lines[name].values[at];
    const [right, alarm, labels] = ["right answers", "any of the three", "labels"].map(here);
    const lost = 100 * (curve.lines["right answers"].values[0] - right);
    const kinds = { "right answers": "victim", "an alarm rings": "defence", "by labels": "ink" };
    const lines = { "right answers": curve.lines["right answers"], "an alarm rings": curve.lines["any of the three"], "by labels": curve.lines.labels };
    const drawn = labCurve({ ...curve, lines, kinds, dose: { values: [0, 1, 2, 3, 4, 5] }, dose_name: "severity", response_name: "" }, at,
      { said: "Right answers, windows in which one of three alarms rings, and windows in which a hundred true labels ring, up to this severity" });
    /* Each week's window as a lamp: as many of twenty are lit as ring. */
    const lit = Math.round(20 * alarm);
    const lamps = labElement("div", { class: "lab-lamps", "aria-hidden": "true" }, ...Array.from({ length: 20 }, (_, i) => labElement("span", { class: i < lit ? "lit" : "" })));
    const named = [["victim", "right answers"], ", ", ["defence", "windows in which one of the three alarms without labels rings"], ", and ", ["ink", "in which the alarm on a hundred true labels does"]];
    const chart = labElement("figure", { class: "lab-wide" }, drawn,
      labElement("figcaption", {}, ...named.map((it) => (Array.isArray(it) ? labElement("span", { class: it[0] }, it[1]) : it))));
    stage.replaceChildren(chart, labElement("div", { class: "lab-side" },
      labElement("p", { class: "lab-told" }, "Of twenty windows without labels ", labElement("b", {}, lit), lit === 1 ? " rings an alarm" : " ring an alarm"), lamps));
    return {
      says: `${this.who[world]}, ${at} of 5: ${labPercent(right, 1)} right answers, ${lost.toFixed(1).replace("-", "−")} points lost; an alarm rings in ${labPercent(alarm)} of the windows, and with a hundred true labels in ${labPercent(labels)}.`,
      reads: [
        ["lost", "points of right answers lost", lost, lost.toFixed(1).replace("-", "−"), "victim"],
        ["alarm", "windows that ring without labels", alarm, labPercent(alarm), "defence"],
        ["labels", "windows that ring by true labels", labels, labPercent(labels)],
      ],
    };
  },
});
