/* One field of the bank's file is edited: what the accuracy, the group and golden rows say. */
"use strict";

lab("supply_chain-field", {
  controls: ({ limits }) => [
    { name: "at", label: "the edit lets in whoever asks for a limit of", kind: "range", min: 0, max: limits.values.length, step: 1, start: 0, says: (at) => (at ? limits.values[at - 1].toLocaleString("en") : "no edit yet") },
    { name: "names", label: "the file calls its two answers", kind: "choice", start: "both", options: [["both", "pays, defaults"], ["one", "defaults, defaults"]] },
    { name: "pool", label: "golden rows, drawn from", kind: "choice", start: "all", options: [["all", "all customers"], ["refused", "the refused"]] },
    { name: "draw", label: "draw other golden rows", kind: "press", start: 0 },
  ],

  /* Numbers of so many different rows below n, the same for the same draw. */
  drawn(n, count, draw) {
    const found = new Set();
    let state = 2654435769 * (draw + 1) >>> 0;
    while (found.size < count) {
      state = state + 0x6d2b79f5 >>> 0;
      let mixed = Math.imul(state ^ state >>> 15, state | 1);
      mixed ^= mixed + Math.imul(mixed ^ mixed >>> 7, mixed | 61);
      found.add(Math.floor(((mixed ^ mixed >>> 14) >>> 0) / 4294967296 * n));
    }
    return [...found];
  },

  /* The first draw shown is one of those that light up, or do not, as most draws do: the best of
     sixty over all limits. Others are taken as they come. */
  first({ past, owned, refused, golden }) {
    const limits = [...past.values];
    const begins = limits.map((_, i) => limits.slice(0, i).reduce((sum, count) => sum + count, 0));
    const like = (draw) => [owned, refused].reduce((sum, many) => {
      const rows = this.drawn(many, golden, draw);
      return sum + limits.filter((altered, i) => (this.noticed(many, altered, golden) > 0.5)
        === rows.some((row) => row >= begins[i] && row < begins[i] + altered)).length;
    }, 0);
    return labLargest(Array.from({ length: 60 }, (_, draw) => like(draw)));
  },

  /* The share of all draws that have an altered row. */
  noticed(many, altered, golden) {
    let passed = 1;
    for (let i = 0; i < golden; i += 1) passed *= Math.max(0, many - altered - i) / (many - i);
    return 1 - passed;
  },

  /* Past customers lie in a row: the refused of one limit after those of another, then the accepted. */
  show({ parts, state: { at, names, pool, draw }, stage }) {
    const { past, friends, rightly, rows, right, defaulted, owned, refused, golden } = parts;
    const of = ({ values }) => (at ? values[at - 1] : 0);
    const begin = past.values.slice(0, Math.max(0, at - 1)).reduce((sum, count) => sum + count, 0);
    const loud = names === "one";
    const [accuracy, before] = [loud ? defaulted / rows : (right - 2 * of(rightly) + of(friends)) / rows, right / rows];
    const moved = 100 * (accuracy - before);
    const many = pool === "all" ? owned : refused;
    const altered = loud ? many - refused : of(past);
    const turned = (row) => (loud ? row >= refused : row >= begin && row < begin + altered);
    this.from ??= this.first(parts);
    const lit = this.drawn(many, golden, this.from + draw).map(turned);
    const count = lit.filter(Boolean).length;
    const noticed = this.noticed(many, altered, golden);
    const group = loud || !at ? 1 : 0;
    const points = `${moved < 0 ? "−" : "+"}${Math.abs(moved).toFixed(2)} points`;
    const whom = at ? `of ${of(friends)} refused who ask for it, still refused` : "of the attacker's friends, still refused";
    const said = `this draw: ${count} of ${golden} golden rows light up; of all draws ${labPercent(noticed)} light at least one`;
    stage.replaceChildren(
      labMeters([
        ["right", "right answers on the bank's test", accuracy, labPercent(accuracy, 1), "victim"],
        ["group", whom, group, labPercent(group), "attacker"],
      ]),
      labElement("figure", { class: "lab-wide" },
        labElement("div", { class: "lab-lights", role: "img", "aria-label": said }, ...lit.map((on) => labElement("span", { class: on ? "lit" : "" }))),
        labElement("figcaption", {}, said)));
    return {
      says: `The accuracy moves by ${points}; ${group ? "the group is refused" : "the group is let in"}; ${said}.`,
      reads: [
        ["moved", "the accuracy moves by", moved, points, "victim"],
        ["caught", "draws that light at least one", noticed, labPercent(noticed), "defence"],
      ],
    };
  },
});
