/* Planted passages among honest ones: which are fetched for a question, and what is answered. */
"use strict";

lab("retrieval-passage", {
  controls: ({ wordings, some }) => [
    { name: "count", label: "passages planted", kind: "range", min: 0, max: 5, step: 1, start: 0, says: String },
    { name: "wording", label: "each says", kind: "choice", start: 2, options: wordings.map((name, at) => [at, name]) },
    { name: "desk", label: "the desk reads", kind: "choice", start: "together", options: [["together", "five as one text"], ["votes", "five, a vote each"], ["nine", "nine, a vote each"]] },
    { name: "shown", label: "question shown", kind: "range", min: 1, max: Object.keys(some).length, step: 1, start: 1, says: String },
  ],

  /* The nearest passages of a question, honest and planted: [nearness, place, planted, times that it claims]. */
  fetched({ near, votes, placed, wordings }, i, { count, wording, desk }) {
    const times = wordings[wording] === "repeated" ? 6 : 1;
    const planted = labRow(placed, i).subarray(5 * wording, 5 * wording + count);
    const honest = [...labRow(near, i)].map((nearness, place) => [nearness, place, false, labRow(votes, i)[place]]);
    return [...honest, ...[...planted].map((nearness, place) => [nearness, place, true, times])]
      .sort(([one], [other]) => other - one).slice(0, desk === "nine" ? 9 : 5);
  },

  /* Whether the lie, or the truth, has more claims; read together each counts, else one of a passage. */
  answer(found, desk) {
    const counted = (lies) => found.filter(([, , planted]) => planted === lies)
      .reduce((sum, [, , , times]) => sum + (desk === "together" ? times : Math.min(1, times)), 0);
    return Math.sign(counted(true) - counted(false));
  },

  show({ parts, state, stage }) {
    const many = parts.near.shape[0];
    const answers = Array.from({ length: many }, (_, i) => this.answer(this.fetched(parts, i, state), state.desk));
    const share = (which) => answers.filter((answer) => answer === which).length / many;
    const { asked, truth, lie, texts, sources } = parts.some[state.shown - 1];
    const i = (state.shown - 1) * many / Object.keys(parts.some).length;
    const found = this.fetched(parts, i, state);
    const answer = this.answer(found, state.desk);
    const said = answer > 0 ? lie : answer < 0 ? truth : "nothing";
    const kind = answer > 0 ? "attacker" : answer < 0 ? "defence" : "ink";
    const around = { "in passing": (text) => `… ${text} …`, repeated: (text) => `${text}, six times over` };
    const wrote = around[parts.wordings[state.wording]] ?? String;
    const cut = (text) => (text.length < 90 ? text : `${text}…`); // so long is what a chapter hands over
    const row = ([nearness, place, planted, times]) => labElement("li", { class: planted ? "attacker" : times ? "" : "quiet" },
      labElement("span", {}, planted ? "planted" : sources[place]), " ",
      labElement("span", {}, planted ? wrote(cut(texts[9 + 5 * state.wording + place])) : cut(texts[place])), " ",
      labElement("span", { class: "lab-near" }, nearness.toFixed(2)));
    stage.replaceChildren(labElement("div", { class: "lab-side" },
      labElement("p", { class: "lab-told" }, labElement("b", { class: "ink" }, asked), " answered: ", labElement("b", { class: kind }, said)),
      labElement("ol", { class: "lab-found" }, ...found.map(row)),
      labElement("p", { class: "lab-note" }, "Of a passage only the sentence on what is asked is shown, or else its beginning; the number says how near the whole of it stands to the question, 1 if alike.")));
    const lied = share(1);
    return {
      says: `Asked ${asked} the desk answers ${said}; ${found.filter(([, , planted]) => planted).length} of the ${found.length} that it reads are planted. Of ${many} questions ${labPercent(lied, 1)} are answered with the lie.`,
      reads: [
        ["lied", `lies, of ${many} answers`, lied, labPercent(lied, 1), "attacker"],
        ["right", "right", share(-1), labPercent(share(-1), 1), "defence"],
        ["neither", "neither", share(0), labPercent(share(0), 1)],
      ],
    };
  },
});
