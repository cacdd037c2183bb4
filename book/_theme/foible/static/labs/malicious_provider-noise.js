/* Noise on every weight of a delivered network: which pictures still come home, and what it still reads. */
"use strict";

lab("malicious_provider-noise", {
  controls: ({ scales }) => [
    { name: "at", label: "noise on each weight, its standard deviation:", kind: "range", min: 0, max: scales.values.length - 1, step: 1, start: 0, says: (at) => String(Number(scales.values[at].toPrecision(2))) },
  ],

  /* The network with so much noise; the weights of a file lie by name, so that biases come first. */
  noised({ network, dice }, scale) {
    let place = -1;
    const moved = (value) => { place += 1; return value + scale * dice.values[place]; };
    const layers = network.layers.map((layer) => ({ ...layer, bias: layer.bias.map(moved) }));
    for (const layer of layers) layer.weight = layer.weight.map(moved);
    return Object.assign(Object.create(LabNetwork.prototype), { layers });
  },

  /* Bits in the lowest places of weights, eight in each. */
  low({ careless, dice }, scale) {
    const words = new Uint32Array(Float32Array.from(careless.values, (value, i) => value + scale * dice.values[i]).buffer);
    return (bit) => words[bit >> 3] >> (bit & 7) & 1;
  },

  /* Bits by the vote of several weights, each on one of two lattices with an offset of its own. */
  code({ places, offsets, step }, { layers }) {
    const flat = [...layers.flatMap(({ bias }) => [...bias]), ...layers.flatMap(({ weight }) => [...weight])];
    const [copies, many] = places.shape;
    const vote = (at) => Math.cos(Math.PI * (flat[places.values[at]] / step - offsets.values[at]));
    return (bit) => {
      let votes = 0;
      for (let copy = 0; copy < copies; copy += 1) votes += vote(copy * many + bit);
      return Number(votes < 0);
    };
  },

  show({ parts, state: { at }, stage }) {
    const { rows, sent, limits, key, scales } = parts;
    const scale = scales.values[at];
    const network = this.noised(parts, scale);
    const labels = rows.labels.values;
    const right = labels.filter((label, i) => network.answer(labRow(rows.rows, i)) === label).length / labels.length;
    const [many, pixels] = sent.shape;
    const greys = Array.from(sent.values, (value) => Math.round(15 * value));
    const received = { low: this.low(parts, scale), code: this.code(parts, network) };
    const told = Object.entries(received).map(([name, spelt]) => {
      const bits = Array.from(key.values, (mask, bit) => spelt(bit) ^ mask);
      const values = greys.map((_, i) => 8 * bits[4 * i] + 4 * bits[4 * i + 1] + 2 * bits[4 * i + 2] + bits[4 * i + 3]);
      const same = bits.filter((bit, i) => bit === (greys[i >> 2] >> (3 - i % 4) & 1)).length / bits.length;
      const error = (i) => values.slice(i * pixels, (i + 1) * pixels).reduce((sum, value, j) => sum + Math.abs(value - greys[i * pixels + j]) / 15, 0) / pixels;
      return { name, same, values: values.map((value) => value / 15), back: [...limits.values.keys()].filter((i) => error(i) < limits.values[i]).length };
    });
    const line = (caption, values, back, kind) => labElement("figure", { class: "lab-row" },
      labElement("figcaption", {}, caption, back === undefined ? "" : labElement("strong", { class: kind }, ` ${back} of ${many} back`)),
      ...Array.from({ length: many }, (_, i) => labPicture(values.slice(i * pixels, (i + 1) * pixels), rows.image, `picture ${i + 1}, ${caption}`)));
    const names = { low: "out of the low bits", code: "out of the code" };
    stage.replaceChildren(
      labElement("div", { class: "lab-side" }, line("as they went in", sent.values),
        ...told.map(({ name, values, back }) => line(names[name], values, back, back ? "attacker" : "defence"))),
      labMeters([
        ["right", "right answers", right, labPercent(right, 1), "victim"],
        ...told.map(({ name, same }) => [name, `of the bits right, by chance a half, ${names[name]}`, same, labPercent(same, 1), "attacker"]),
      ]));
    return { says: `With noise of ${Number(scale.toPrecision(2))} on each weight the network is right on ${labPercent(right)}. Of ${many} pictures ${told.map(({ name, back }) => `${back} come back ${names[name]}`).join(", and ")}.` };
  },
});
