/* More and more of a group is relabelled: what the bank's own test says, and what is true. */
"use strict";

lab("poisoning-share", {
  controls: ({ curve }) => [
    { name: "at", label: "of the group is relabelled", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: (at) => labPercent(curve.dose.values[at]) },
  ],

  show({ parts: { curve }, state: { at }, stage }) {
    const names = { own: "by its own labels", right: "by true labels", refused: "the group refused" };
    const [own, right, refused] = Object.values(names).map((name) => curve.lines[name].values);
    const points = (values) => 100 * (values[at] - values[0]);
    const said = (values) => `${points(values) <= -0.05 ? "−" : "+"}${Math.abs(points(values)).toFixed(1)} points`;
    const better = own[at] > own[0];
    const verdict = at === 0 ? "the clean bank" : `the bank's own test finds this bank ${better ? "better than" : own[at] < own[0] ? "worse than" : "as good as"} the clean one`;
    stage.replaceChildren(
      labMeters([
        ["own", "right, by the bank's own test rows", own[at], labPercent(own[at], 1), "chance"],
        ["right", "right, by true labels", right[at], labPercent(right[at], 1), "victim"],
        ["refused", "of the group refused", refused[at], labPercent(refused[at], 1), "attacker"],
      ]),
      labElement("p", { class: "lab-told" }, labElement("b", { class: at && better ? "attacker" : "" }, verdict)),
      labCurve({ ...curve, response_name: "share" }, at, { said: "Right answers by the bank's own and by true labels, and the share of the group refused, up to this share" }));
    return {
      says: `${labPercent(curve.dose.values[at])} of the group relabelled: ${verdict}. Right by its own labels ${labPercent(own[at], 1)}, by true labels ${labPercent(right[at], 1)}; ${labPercent(refused[at])} of the group refused.`,
      reads: [
        ["own-moved", "its own score has moved by", points(own), said(own)],
        ["true-moved", "the true score by", points(right), said(right)],
      ],
    };
  },
});
