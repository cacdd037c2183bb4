/* One threshold on two hills of scores, and the point of the curve where it stands. */
"use strict";

lab("membership_inference-threshold", {
  controls: ({ loss }) => [
    { name: "attack", label: "attack", kind: "choice", start: "loss", options: [["loss", "the loss alone"], ["lira", "LiRA, with shadows"]] },
    { name: "at", label: "threshold", kind: "range", min: 0, max: loss.found.values.length - 1, step: 1, start: 30, says: (at) => (at > 70 ? "strict" : at > 40 ? "middling" : "loose") },
    { name: "axes", label: "axes", kind: "choice", start: "linear", options: [["linear", "as one draws it"], ["log", "where few are accused"]] },
  ],

  show({ parts, state, stage }) {
    const one = parts[state.attack];
    const last = one.found.values.length - 1;
    const at = last - state.at;
    const [found, alarms] = [one.found.values[at], one.alarms.values[at]];
    const said = `Of 1,000 members it finds ${(1000 * found).toFixed(0)}, of 1,000 strangers it accuses ${(1000 * alarms).toFixed(1)}.`;
    stage.replaceChildren(this.hills(one, at), this.curve(parts, state, [alarms, found]));
    return {
      says: said,
      reads: [
        ["found", "members found", found, labPercent(found, found < 0.1 ? 2 : 1)],
        ["alarms", "strangers accused", alarms, labPercent(alarms, alarms < 0.1 ? 2 : 1)],
      ],
    };
  },

  /* Scores of strangers and of members, and what lies right of the threshold. */
  hills({ ends, members, strangers, threshold }, at) {
    const [low, high] = ends.values;
    const wide = (high - low) / members.values.length;
    const outline = (shares) => [...shares.values].map((share, i) => [low + (i + 0.5) * wide, share]);
    const most = Math.max(...members.values, ...strangers.values);
    const cut = threshold.values[at];
    return labChart({
      said: "Two hills of scores, of strangers and of members, and the threshold",
      x: { from: low, to: high, label: "score" },
      y: { from: 0, to: most * 1.1 },
      areas: [{ points: outline(strangers), kind: "victim" }, { points: outline(members), kind: "attacker" }],
      lines: [
        { points: outline(strangers), kind: "victim", name: "strangers", at: [low + 0.12 * (high - low), most * 0.86] },
        { points: outline(members), kind: "attacker", name: "members", at: [low + 0.12 * (high - low), most * 0.98] },
        { points: [[cut, 0], [cut, most * 1.1]], kind: "ink" },
      ],
    });
  },

  curve(parts, { attack, axes }, [alarms, found]) {
    const log = axes === "log";
    const ticks = log ? [[0.0001, "0.01 %"], [0.001, "0.1 %"], [0.01, "1 %"], [0.1, "10 %"], [1, "100 %"]]
      : [[0, "0"], [0.5, "50 %"], [1, "100 %"]];
    const axis = { from: log ? 0.0001 : 0, to: 1, log, ticks };
    const names = { loss: "loss", lira: "LiRA" };
    const line = (name) => [...parts[name].alarms.values].map((value, i) => [value, parts[name].found.values[i]]);
    return labChart({
      said: "Share of members found over the share of strangers accused, for both attacks",
      x: { ...axis, label: "strangers accused" },
      y: { ...axis, label: "members found" },
      lines: [
        { points: [[axis.from, axis.from], [1, 1]], kind: "chance" },
        ...Object.keys(names).map((name) => ({
          points: line(name), kind: name === attack ? "attacker" : "quiet", name: names[name],
          at: line(name)[log ? 25 : 108],
        })),
      ],
      marks: [{ x: alarms, y: found, kind: "attacker" }],
    });
  },
});
