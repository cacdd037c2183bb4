/* An agent that is charged for change, by what it is compared with: its way through many rooms, and what it loses. */
"use strict";

lab("side_effects-baseline", {
  charged: ["not at all", "against the first state", "against never acting", "against waiting", "against waiting, some steps ahead"],
  ways: [[0, 0], [-1, 0], [0, 1], [1, 0], [0, -1]],

  controls({ names }) {
    return [
      { name: "base", label: "change is charged", kind: "choice", start: 0, options: [...this.charged.entries()] },
      { name: "room", label: "the room:", kind: "range", min: 0, max: Math.min(19, names.length - 1), step: 1, start: 0, says: (at) => names[at] },
    ];
  },

  /* A room by its letters, and its first state. */
  opened(plan) {
    const lines = plan.split("/");
    const cells = lines.flatMap((line, y) => [...line].map((letter, x) => ({ letter, y, x })));
    const of = (letters) => cells.filter(({ letter }) => letters.includes(letter));
    const [belt, load] = [of("=vd"), of("vd")[0]];
    return { lines, cells, of, belt, dish: plan.includes("d"), reach: plan.includes("G"),
      first: { ...of("A")[0], load: load ? belt.indexOf(load) : belt.length, runs: !plan.includes("s"), whole: of("V").map(() => true) } };
  },

  /* The rule of a room: what follows on an action. */
  after({ lines, of, belt }, state, action) {
    let { y, x, load, runs, whole } = state;
    const [row, column] = [y + this.ways[action][0], x + this.ways[action][1]];
    if (action && lines[row]?.[column] !== "#") {
      [y, x] = [row, column];
      whole = whole.map((one, i) => one && (of("V")[i].y !== y || of("V")[i].x !== x));
      if (lines[y][x] === "s") runs = !runs;
      const spot = belt.findIndex((cell) => cell.y === y && cell.x === x);
      if (spot >= 0 && load === -1) load = spot;
      else if (spot >= 0 && load === spot) load = -1;
    }
    return { y, x, whole, runs, load: runs && load >= 0 && load < belt.length ? load + 1 : load };
  },

  /* A walk by its actions: all states, the step that did the job, and what is lost in the end. */
  walked(room, actions) {
    const states = [room.first];
    for (const action of actions) states.push(this.after(room, states.at(-1), action));
    const goal = room.of("G")[0];
    const paid = states.findIndex((one, i) => i > 0 && (room.reach ? one.y === goal.y && one.x === goal.x : one.load === -1));
    const rest = (state) => Array.from(actions).reduce((one) => this.after(room, one, 0), state);
    const [end, alone] = [rest(states.at(-1)), rest(room.first)].map((one) => ({ ...one, gone: one.load === room.belt.length }));
    const lost = end.whole.filter((one) => !one).map(() => "a vase is broken");
    if (room.dish && alone.gone && !end.gone) lost.push("the dish does not come to whom it was for");
    if (!room.dish && room.belt.length && room.of("v").length && end.gone && !(room.reach && alone.gone)) lost.push("the vase on the belt is broken");
    return { states, paid: Math.max(0, paid), lost: paid > 0 ? lost : [], end };
  },

  drawing(room, { states, lost, end }, said) {
    const drawn = labElement("svg", { class: "lab-room", viewBox: `0 0 ${room.lines[0].length} ${room.lines.length}`, role: "img", "aria-label": said });
    const text = ({ y, x }, glyph, kind = "") => drawn.append(labElement("text", { class: kind, x: x + 0.5, y: y + (kind ? 0.85 : 0.72), "text-anchor": "middle" }, glyph));
    const vase = ({ y, x }) => drawn.append(labElement("path", { class: "vase", d: `M${x + 0.38} ${y + 0.2}h.24l-.05 .2c.25 .1 .15 .4 .05 .4h-.24c-.1 0-.2-.3 .05-.4z` }));
    for (const cell of room.cells) drawn.append(labElement("rect", { class: cell.letter === "#" ? "wall" : room.belt.includes(cell) ? "belt" : "", x: cell.x, y: cell.y, width: 1, height: 1 }));
    drawn.append(labElement("path", { class: lost.length ? "attacker" : "defence", d: states.map(({ y, x }, i) => `${i ? "L" : "M"}${x + 0.5} ${y + 0.5}`).join("") }));
    const glyphs = { A: "■", G: "+", s: "◇", d: "○" };
    for (const cell of room.cells) if (glyphs[cell.letter]) text(cell, glyphs[cell.letter]);
    for (const cell of room.of("Vv")) if (cell.letter === "v" || end.whole[room.of("V").indexOf(cell)]) vase(cell); else text(cell, "×", "attacker");
    if (lost.length > end.whole.filter((one) => !one).length) text(room.belt.at(-1), "×", "attacker");
    return drawn;
  },

  show({ parts: { names, plans, actions, drawn }, state: { base, room: at }, stage }) {
    const walk = (which) => {
      const room = this.opened(plans[which]);
      return [room, this.walked(room, labRow(actions, which * this.charged.length + base))];
    };
    const [room, done] = walk(at);
    const tried = names.map((name, i) => [name, i]).filter(([name]) => name.startsWith("drawn"));
    const share = tried.filter(([, i]) => walk(i)[1].lost.length).length / drawn;
    const waits = [...labRow(actions, at * this.charged.length + base)].slice(0, done.paid).filter((action) => action === 0).length;
    const after = `${done.paid} ${done.paid === 1 ? "step" : "steps"}${waits ? `, ${waits} of them spent waiting` : ""}`;
    const end = `${done.paid ? `The job is done after ${after}` : "The job is not done"}; ${done.lost.join(", and ") || "nothing is lost"}.`;
    const job = room.reach ? "The job is to come to +" : "The job is to take off the belt what rides on it";
    stage.replaceChildren(labElement("figure", { class: "lab-wide" }, this.drawing(room, done, end), labElement("figcaption", {}, `${end} ${job}; the agent goes on after it, and the line is all of its way. It starts at ■, × is what is lost; dashed is a belt that runs to the right, ◇ starts or stops it${room.dish ? ", ○ is a dish on its way to somebody" : ""}.`)));
    return {
      says: `${names[at]}, change charged ${this.charged[base]}: ${end} Of ${drawn} drawn rooms ${labPercent(share, 1)} lose something.`,
      reads: [
        ["paid", "steps to the job", done.paid, done.paid ? String(done.paid) : "not done", "victim"],
        ["lost", `of ${drawn} drawn rooms lose something`, share, labPercent(share, 1), "attacker"],
      ],
    };
  },
});
