/* Three ways in which customers change, by steps: right answers, and windows in which an alarm rings. */
"use strict";

lab("distribution_shift-severity", {
  controls: ({ worlds }) => [
    { name: "world", label: "this week", kind: "choice", start: "older", options: ["older", "later", "found"].map((name) => [name, worlds[name].who]) },
    { name: "at", label: "severity", kind: "range", min: 0, max: 5, step: 1, start: 0, says: (at) => (at ? `${at} of 5` : "as always") },
  ],

  show({ parts: { worlds }, state: { world, at }, stage }) {
    const { curve, who } = worlds[world];
    const here = (name) => curve.lines[name].values[at];
    const [right, alarm, labels] = ["right answers", "any of the three", "labels"].map(here);
    const lost = 100 * (curve.lines["right answers"].values[0] - right);
    const kinds = { "right answers": "victim", "an alarm rings": "defence" };
    const lines = { "right answers": curve.lines["right answers"], "an alarm rings": curve.lines["any of the three"] };
    const drawn = labCurve({ ...curve, lines, kinds, response_name: "" }, at,
      { said: "Right answers, and windows in which one of three alarms rings, up to this severity" });
    /* Each week's window as a lamp: as many of twenty are lit as ring. */
    const lit = Math.round(20 * alarm);
    const lamps = labElement("div", { class: "lab-lamps", "aria-hidden": "true" }, ...Array.from({ length: 20 }, (_, i) => labElement("span", { class: i < lit ? "lit" : "" })));
    stage.replaceChildren(drawn, labElement("div", { class: "lab-side" },
      labElement("p", { class: "lab-told" }, "Of twenty windows ", labElement("b", {}, lit), lit === 1 ? " rings an alarm" : " ring an alarm"), lamps));
    return {
      says: `${who}, ${at} of 5: ${labPercent(right, 1)} right answers, ${lost.toFixed(1)} points lost; an alarm rings in ${labPercent(alarm)} of the windows.`,
      reads: [
        ["lost", "points of right answers lost", lost, lost.toFixed(1).replace("-", "−"), "victim"],
        ["alarm", "windows with an alarm", alarm, labPercent(alarm), "defence"],
        ["labels", "with one on a hundred labels", labels, labPercent(labels), "attacker"],
      ],
    };
  },
});
