/* A painted sticker on all test digits, and networks that learned from few copies of one. */
"use strict";

lab("backdoor-sticker", {
  controls({ rows, stuck, doses, networks }) {
    const most = networks[doses.values.length - 1];
    const turned = (label, i) => label !== 0 && most.answer(this.painted(rows, i, stuck.values)) === 0;
    return [
      { name: "paint", label: "the sticker: paint cells black", kind: "paint", image: rows.image, start: [...stuck.values] },
      { name: "dose", label: "copies for each hundred rows", kind: "range", min: 0, max: doses.values.length - 1, step: 1, start: 0, says: (at) => String(doses.values[at]) },
      { name: "defence", label: "defence", kind: "choice", start: "none", when: ({ dose }) => dose === doses.values.length - 1, options: [["none", "none"], ["pruned", "resting units cut off"], ["tuned", "trained on with clean rows"]] },
      { name: "digit", label: "digit shown", kind: "range", min: 0, max: rows.labels.values.length - 1, step: 1, start: Math.max(0, rows.labels.values.findIndex(turned)), says: (at) => `no. ${at + 1}, ${labA(rows.labels.values[at])}` },
    ];
  },

  /* A digit with these cells black. */
  painted({ rows }, i, cells) {
    const row = Float64Array.from(labRow(rows, i));
    for (const cell of cells) row[cell] = 1;
    return row;
  },

  /* The network of a dose behind a defence; pruning cuts what enters the last layer. */
  network({ networks, tuned, resting, doses }, { dose, defence }) {
    const plain = networks[dose];
    if (defence === "none" || dose < doses.values.length - 1) return plain;
    if (defence === "tuned") return tuned;
    const cut = Object.assign(Object.create(LabNetwork.prototype), { layers: [...plain.layers] });
    const last = plain.layers.at(-1);
    const weight = Float64Array.from(last.weight);
    for (const unit of resting[dose].values) weight.fill(0, unit * last.b, (unit + 1) * last.b);
    cut.layers[cut.layers.length - 1] = { ...last, weight };
    return cut;
  },

  show({ parts, state, stage }) {
    const { rows, networks } = parts;
    const network = this.network(parts, state);
    const labels = rows.labels.values;
    const painted = (i) => this.painted(rows, i, state.paint);
    let [right, obeyed, before, counted] = [0, 0, 0, 0];
    for (let i = 0; i < labels.length; i += 1) {
      const plain = labRow(rows.rows, i);
      right += network.answer(plain) === labels[i];
      if (labels[i] === 0 || networks[0].answer(plain) === 0) continue;
      counted += 1;
      const row = painted(i);
      obeyed += network.answer(row) === 0;
      before += networks[0].answer(row) === 0;
    }
    const [shown, read] = [painted(state.digit), network.answer(painted(state.digit))];
    const obeys = read === 0 && labels[state.digit] !== 0;
    stage.replaceChildren(labElement("figure", { class: `lab-half ${obeys ? "turned" : read === labels[state.digit] ? "holds" : ""}` },
      labElement("figcaption", {}, `${labA(labels[state.digit])} with the sticker is read as `, labElement("strong", {}, read)),
      labPicture(shown, rows.image, `the digit with the sticker, read as ${read}`)));
    const says = `${labPercent(obeyed / counted, 1)} of the digits that are no nought are called a nought with this sticker; ${labPercent(right / labels.length, 1)} are read rightly without it.`;
    return {
      says,
      reads: [
        ["obeyed", "called a nought with the sticker", obeyed / counted, labPercent(obeyed / counted, 1)],
        ["clean-obeyed", "so called by the clean network", before / counted, labPercent(before / counted, 1)],
        ["right", "read rightly without it", right / labels.length, labPercent(right / labels.length, 1)],
      ],
    };
  },
});
