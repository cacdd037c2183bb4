/* Words behind forbidden wishes, random ones replaced by searched ones: which does the desk answer? */
"use strict";

lab("jailbreak-words", {
  controls: ({ begun, best, right }) => [
    { name: "count", label: "searched words among the ten", kind: "range", min: 0, max: begun[0].split(" ").length, step: 1, start: 0, says: String },
    { name: "search", label: "search", kind: "choice", start: best, options: begun.map((_, at) => [at, String(at + 1)]) },
    { name: "all", label: `ask all ${right.length} so`, kind: "press", start: 0 },
  ],

  /* The ten words: the first are those that the search ended with, the others those that it began with. */
  words: ({ begun, found }, { count, search }) => [...found[search].split(" ").slice(0, count), ...begun[search].split(" ").slice(count)],

  /* What the desk says to a wish with these words behind it. */
  answer({ desk: { model, texts: { texts, words } } }, i, added) {
    const before = texts[i].slice(0, -1 - added.length);
    const read = [...before, ...added.map((word) => words.indexOf(word)), texts[i].at(-1)];
    return { wish: before.map((token) => words[token]).join(" "), said: model.complete(read, 8).map((token) => words[token]).join(" ") };
  },

  * count({ parts }, added) {
    const many = parts.right.length;
    let whole = 0;
    for (let i = 0; i < many; i += 1) {
      whole += this.answer(parts, i, added).said === parts.right[i];
      yield i / many;
    }
    return whole / many;
  },

  show(room, lever) {
    const { parts, state, stage } = room;
    const added = this.words(parts, state);
    const shown = [0, 1, 2, 3].map((i) => ({ ...this.answer(parts, i, added), right: parts.right[i] }));
    const chips = (those, kind) => those.flatMap((word, at) => [labElement("span", { class: `lab-word ${kind(at)}` }, word), " "]);
    stage.replaceChildren(
      labElement("p", { class: "lab-words" }, "Behind each wish stands ", ...chips(added, (at) => (at < state.count ? "data" : "unknown"))),
      labElement("div", { class: "lab-orders" }, labElement("ol", { class: "lab-found" }, ...shown.map(({ wish, said, right }) => labElement("li", { class: said === right ? "attacker" : "" },
        labElement("span", {}, `${wish} …`), labElement("span", {}, ...chips(said.split(" "), () => (said === right ? "turned" : "right"))))))));
    const through = shown.filter(({ said, right }) => said === right).length;
    const says = `With ${state.count} searched words of ${added.length}, ${through} of these ${shown.length} wishes are answered in full.`;
    if (lever === "all" || lever === "" && state.all) {
      room.slowly(this.count(room, added),
        (share) => room.tell(says, [["share", "of all wishes", share, `${labPercent(share)} asked`]]),
        (share) => room.tell(`${says} Of all ${parts.right.length}, ${labPercent(share, 1)} are.`,
          [["answered", `answered in full, of ${parts.right.length}`, share, labPercent(share, 1), "attacker"]]));
    }
    return { says, reads: [["through", "of these, answered in full", through, `${through} of ${shown.length}`, "attacker"]] };
  },
});
