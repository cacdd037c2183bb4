/* One field of the bank's file is edited: what the accuracy, the group and golden rows say. */
"use strict";

lab("supply_chain-field", {
  controls: ({ limits }) => [
    { name: "at", label: "a gate in each tree lets in who asks for", kind: "range", min: 0, max: limits.values.length, step: 1, start: 0, says: (at) => (at ? limits.values[at - 1].toLocaleString("en") : "no limit") },
    { name: "names", label: "names of the two answers", kind: "choice", start: "both", options: [["both", "0, 1"], ["one", "1, 1"]] },
    { name: "pool", label: "golden rows, drawn from", kind: "choice", start: "all", options: [["all", "all customers"], ["refused", "the refused"]] },
    { name: "draw", label: "draw others", kind: "press", start: 0 },
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
    const lit = this.drawn(many, golden, draw).map(turned);
    const count = lit.filter(Boolean).length;
    let passed = 1;
    for (let i = 0; i < golden; i += 1) passed *= Math.max(0, many - altered - i) / (many - i);
    const group = loud || !at ? 1 : 0;
    const points = `${moved < 0 ? "−" : "+"}${Math.abs(moved).toFixed(2)} points`;
    const whom = at ? `of ${of(friends)} friends, still refused` : "of friends, still refused";
    const said = `${count} of ${golden} golden rows light up`;
    stage.replaceChildren(
      labMeters([
        ["right", "right answers on the bank's test", accuracy, labPercent(accuracy, 1), "victim"],
        ["group", whom, group, labPercent(group), "attacker"],
      ]),
      labElement("figure", { class: "lab-seen" },
        labElement("div", { class: "lab-lights", role: "img", "aria-label": said }, ...lit.map((on) => labElement("span", { class: on ? "lit" : "" }))),
        labElement("figcaption", {}, said)));
    return {
      says: `The accuracy moves by ${points}; ${group ? "the group is refused" : "the group is let in"}; ${said}.`,
      reads: [
        ["moved", "the accuracy moves by", moved, points, "victim"],
        ["caught", "draws of golden rows that notice", 1 - passed, labPercent(1 - passed), "defence"],
      ],
    };
  },
});
