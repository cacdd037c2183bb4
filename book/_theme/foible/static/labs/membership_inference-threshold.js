/* One threshold on two hills of scores, and the point of the curve where it stands. */
"use strict";

lab("membership_inference-threshold", {
  controls({ loss: { alarms: { values } } }) {
    const last = values.length - 1;
    const oneIn = (share) => Number((1 / share).toPrecision(2)).toLocaleString("en");
    return [
      { name: "attack", label: "attack", kind: "choice", start: "loss", options: [["loss", "the loss alone"], ["lira", "LiRA, with shadows"]] },
      { name: "at", label: "threshold", kind: "range", min: 0, max: last, step: 1, start: 30, says: (at) => (at ? `accuses 1 in ${oneIn(values[last - at])} strangers` : "accuses every stranger") },
      { name: "axes", label: "axes", kind: "choice", start: "linear", options: [["linear", "ordinary"], ["log", "where few are accused"]] },
    ];
  },

  show({ parts, state, stage }) {
    const one = parts[state.attack];
    const last = one.found.values.length - 1;
    const at = last - state.at;
    const [found, alarms] = [one.found.values[at], one.alarms.values[at]];
    const said = `Of 1,000 members it finds ${(1000 * found).toFixed(0)}, of 1,000 strangers it accuses ${(1000 * alarms).toFixed(1)}.`;
    stage.replaceChildren(this.hills(one, at, state.axes === "log"), this.curve(parts, state, [alarms, found]));
    return {
      says: said,
      reads: [
        ["found", "members found", found, labPercent(found, found < 0.1 ? 2 : 1)],
        ["alarms", "strangers accused", alarms, labPercent(alarms, alarms < 0.1 ? 2 : 1)],
      ],
    };
  },

  /* Scores of strangers and of members, and what lies right of the threshold; where few are
     accused, only the right end, its heights logarithmic. */
  hills({ ends, members, strangers, threshold, alarms }, at, log) {
    const [first, high] = ends.values;
    const wide = (high - first) / members.values.length;
    const low = log ? threshold.values[alarms.values.findIndex((share) => share > 0.4)] : first;
    const outline = (shares) => [...shares.values].map((share, i) => [first + (i + 0.5) * wide, share]).filter(([score]) => score >= low);
    const [least, most] = [log ? 0.00003 : 0, 1.1 * Math.max(...members.values, ...strangers.values)];
    const height = (part) => (log ? least * (most / least) ** part : part * most);
    const name = log ? low + 0.97 * (high - low) : low + 0.12 * (high - low);
    const cut = Math.max(low, threshold.values[at]);
    return labChart({
      said: "Two hills of scores, of strangers and of members, and the threshold",
      x: { from: low, to: high, label: log ? "score, its right end" : "score" },
      y: log ? { from: least, to: most, log, label: "share of each", ticks: [[0.0001, "0.01 %"], [0.001, "0.1 %"], [0.01, "1 %"], [0.1, "10 %"]].filter(([share]) => share < most) } : { from: 0, to: most },
      areas: [{ points: outline(strangers), kind: "victim" }, { points: outline(members), kind: "attacker" }],
      lines: [
        { points: outline(strangers), kind: "victim", name: "strangers", at: [name, height(0.8)] },
        { points: outline(members), kind: "attacker", name: "members", at: [name, height(0.88)] },
        { points: [[cut, least], [cut, most]], kind: "ink" },
      ],
    });
  },

  /* Where on the axes a curve's name stands free of it. */
  beside: { linear: { lira: [0.13, 0.62], loss: [0.74, 0.44] }, log: { lira: [0.0015, 0.09], loss: [0.05, 0.0035] } },

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
          at: this.beside[axes][name],
        })),
      ],
      marks: [{ x: alarms, y: found, kind: "attacker" }],
    });
  },
});
