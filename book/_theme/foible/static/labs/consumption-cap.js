/* A cap on the layers of an answer: what costly requests still take, and which honest answers are cut. */
"use strict";

lab("consumption-cap", {
  controls: ({ caps, shown }) => [
    { name: "at", label: "most layers that an answer may take", kind: "range", min: 0, max: caps.length, step: 1, start: 0, says: (at) => (at ? String(caps[at - 1]) : "no cap") },
    { name: "kind", label: "answer to", kind: "choice", start: "searched", options: [["searched", "searched words"], ["random", "random words"], ["honest", "honest ones"]] },
    { name: "which", label: "another of these", kind: "press", round: Math.min(...Object.values(shown).map(({ asked }) => asked.length)), start: 0 },
  ],

  /* How many tokens come before the one that would take too many layers, and what they take. */
  kept(layers, cap) {
    let [tokens, spent] = [0, 0];
    while (tokens < layers.length && layers[tokens] && spent + layers[tokens] <= cap) {
      spent += layers[tokens];
      tokens += 1;
    }
    return { tokens, spent };
  },

  /* The words of an answer one after another, as wide as their layers, beside the cap and the honest mean. */
  ruler(took, { cap, spent, usual, kinds, most }) {
    const x = (layers) => 2 + layers * 316 / most;
    let begun = 0;
    const blocks = took.filter(Boolean).map((layers) => {
      begun += layers;
      return labElement("rect", { class: begun <= spent ? `lab-mark ${kinds}` : "lab-area", "stroke-width": 0, x: x(begun - layers), y: 22, width: x(layers) - x(0) - 0.8, height: 22 });
    });
    const tick = (layers, y, text) => [
      labElement("line", { class: "lab-branch ink", x1: x(layers), x2: x(layers), y1: 17, y2: 49 }),
      labElement("text", { x: Math.max(0, x(layers) - 4), y }, text)];
    return labElement("svg", { class: "lab-chart", viewBox: "0 0 320 66", role: "img", "aria-label": `${spent} layers, of an honest answer ${usual.toFixed(1)} on average` },
      ...blocks, ...tick(usual, 63, "an honest answer, on average"), ...(cap <= most ? tick(cap, 12, "the cap") : []));
  },

  show({ parts: { shown, work, caps, most }, state: { at, kind, which }, stage }) {
    const cap = at ? caps[at - 1] : Infinity;
    const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const usual = mean(work.values);
    const over = (name) => {
      const { asked, deep } = shown[name];
      return mean(asked.map((_, i) => this.kept(labRow(deep, i), cap).spent)) / usual;
    };
    const { asked, said, deep } = shown[kind];
    const took = labRow(deep, which);
    const { tokens, spent } = this.kept(took, cap);
    const words = [...said[which].split(" ").filter(Boolean), "end"].slice(0, took.filter(Boolean).length);
    const cut = tokens < words.length;
    const ended = cut ? "cut off" : words.at(-1) === "end" ? "ended by itself" : "as long as the desk can write";
    const kinds = kind === "honest" ? "victim" : "attacker";
    stage.replaceChildren(labElement("div", { class: "lab-side" },
      labElement("p", { class: "lab-told" }, "Asked ", labElement("b", { class: "ink" }, `“${asked[which]}”`), ", answered ",
        labElement("b", { class: kinds === "attacker" ? kinds : "ink" }, words.slice(0, tokens).join(" ")), " ", labElement("s", { class: "lab-near" }, words.slice(tokens).join(" "))),
      this.ruler([...took], { cap, spent, usual, kinds, most }),
      labElement("p", { class: "lab-note" }, "A block for each word, as wide as the layers that it took; what is cut off is pale.")));
    const [searched, random, lost] = [over("searched"), over("random"), work.values.filter((one) => one > cap).length / work.values.length];
    const times = (ratio) => `${ratio.toFixed(1)} ×`;
    return {
      says: `${at ? `At most ${cap} layers` : "No cap"}: requests that were searched take ${times(searched)} the work of an honest one, and ${labPercent(lost, 1)} of honest answers are cut. This answer: ${spent} layers for ${tokens} tokens, ${ended}.`,
      reads: [
        ["searched", "mean of the searched requests, over that of honest ones", searched, times(searched), "attacker"],
        ["random", "mean of the costliest random ones", random, times(random)],
        ["cut", "honest answers cut", lost, labPercent(lost, 1), "victim"],
      ],
    };
  },
});
