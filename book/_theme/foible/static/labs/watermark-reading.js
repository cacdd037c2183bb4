/* Marked texts that an attacker reads, the pairs of words that they take for favoured, and a text forged by these. */
"use strict";

lab("watermark-reading", {
  controls: ({ curve, leads }) => [
    { name: "at", label: "marked words read", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: (at) => (100 * curve.dose.values[at]).toLocaleString("en") },
    { name: "head", label: "the key's list behind", kind: "choice", start: 0, options: leads.map((word, at) => [at, word]) },
  ],

  /* The commonest words behind this one: favoured, as the attacker believes, or not known yet. */
  list({ behind, believed, favoured }, at, head) {
    const words = behind[head].split(" ");
    const from = head * words.length;
    const now = labRow(believed, at).subarray(from);
    return words.map((word, i) => {
      const right = Boolean(favoured.values[from + i]);
      return { word, right, kind: now[i] < 0.8 ? "unknown" : right ? "right" : "turned" };
    });
  },

  /* The curve over words: a text has a hundred. */
  inWords(curve) {
    const [forged, control] = Object.values(curve.lines);
    return {
      ...curve, dose_name: "marked words read", dose: { values: curve.dose.values.map((texts) => 100 * texts) },
      lines: { forged, unmarked: control }, kinds: { forged: "attacker", unmarked: "chance" },
    };
  },

  show({ parts, state: { at, head }, stage }) {
    const { curve, leads, forged } = parts;
    const [passed, control] = Object.values(curve.lines).map(({ values }) => values[at]);
    const words = 100 * curve.dose.values[at];
    const list = this.list(parts, at, head);
    const taken = list.filter(({ kind }) => kind !== "unknown");
    const right = taken.filter(({ kind }) => kind === "right").length;
    const favoured = [...labRow(forged.favoured, at)];
    const text = forged.texts[at].split(" ").flatMap((word, i) => [
      favoured[i] ? labElement("b", {}, word) : word, " "]);
    stage.replaceChildren(
      labCurve(this.inWords(curve), at, { log: true, said: "Share of forged texts called marked, up to so many texts read, beside that of who read no mark" }),
      labElement("div", { class: "lab-side" },
        labElement("p", { class: "lab-words" }, "Behind ", labElement("b", {}, leads[head]), `, they take ${taken.length} of these words for favoured: `,
          ...list.flatMap(({ word, kind }) => [labElement("span", { class: `lab-word ${kind}` }, word), " "])),
        labElement("p", { class: "lab-told" }, "and forge ", ...text, "…"),
        labElement("p", { class: "lab-note" }, `${favoured.filter(Boolean).length} of the ${favoured.length} words of this text are on the key's lists; by chance about half would be.`)));
    return {
      says: `After ${words.toLocaleString("en")} words, ${taken.length} of ${list.length} are taken for favoured, ${right} of them rightly, and ${labPercent(passed, 1)} of the forged texts are called marked.`,
      reads: [
        ["forged", "forged, called marked", passed, labPercent(passed, 1), "attacker"],
        ["control", "after as much unmarked text", control, labPercent(control, 1)],
        ["taken", "rightly on the list", right, `${right} of ${taken.length}`],
      ],
    };
  },
});
