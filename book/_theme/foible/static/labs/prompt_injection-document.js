/* A desk translates a document that the reader writes, and a small language model reads all of it. */
"use strict";

lab("prompt_injection-document", {
  controls: ({ tongues, aim, found, before, marks }) => [
    { name: "desk", label: "desk", kind: "choice", start: "plain", options: [["plain", "one channel"], ["fenced", "fenced and trained"], ["stripped", "marks stripped, too"]] },
    { name: "order", label: "the user orders", kind: "choice", start: tongues.find((tongue) => tongue !== aim), options: tongues.filter((tongue) => tongue !== aim).map((tongue) => [tongue, `in ${tongue}`]) },
    { name: "document", label: "the document, three or four letters that somebody else wrote", kind: "text", most: 60, start: "a b d" },
    { name: "plant", label: "add to it", kind: "choice", start: "nothing", options: [["nothing", "nothing"], ["order", `in ${aim}`], ["fence", `${marks[1]} in ${aim} ${marks[0]}, before its last letter`], ["found", `${found.join(" ")}${before ? ", before its last letter" : ""}`]] },
  ],

  /* The words that the model reads, each with whose it is. */
  framed({ plain, aim, marks, found, before }, { desk, order, document, plant }) {
    const added = { nothing: [], order: ["in", aim], fence: [marks[1], "in", aim, marks[0]], found }[plant];
    const room = plain.model.w.places.shape[0] - 8 - 6 - added.length; // beside the answer and the frame
    let words = document.toLowerCase().split(/\s+/).filter(Boolean).slice(0, room);
    const behind = { fence: 1, found: before }[plant] ?? 0; // so many words stay behind what is added
    words.splice(Math.max(0, words.length - behind), 0, ...added);
    if (desk === "stripped") words = words.filter((word) => !marks.includes(word));
    const fence = desk === "plain" ? [[], []] : [[marks[0]], [marks[1]]];
    const users = (those) => those.map((word) => [word, "user"]);
    return [...users(["in", order, ":", ...fence[0]]), ...words.map((word) => [word, "data"]), ...users([...fence[1], "="])];
  },

  show({ parts, state, stage }) {
    const { plain, trained, letters, spoken, tongues } = parts;
    const { model, texts: { words } } = state.desk === "plain" ? plain : trained;
    const read = this.framed(parts, state);
    const number = new Map(words.map((word, at) => [word, at]));
    const answer = model.complete(read.map(([word]) => number.get(word) ?? 1), 8).map((token) => words[token]);
    const asked = read.filter(([word, whose]) => whose === "data" && letters.includes(word)).map(([word]) => word);
    const said = (tongue) => asked.map((letter) => spoken[tongue][letters.indexOf(letter)]).join(" ");
    const whose = tongues.find((tongue) => asked.length && said(tongue) === answer.join(" "));
    const chip = ([word, kind]) => [labElement("span", { class: `lab-word ${number.has(word) ? kind : "unknown"}` }, word), " "];
    const verdict = whose === state.order ? "the user's order" : whose ? `the document's: ${whose}` : asked.length < 3 || asked.length > 4 ? "nobody: it has learned of three or four letters" : "nobody: the answer is broken";
    stage.replaceChildren(
      labElement("p", { class: "lab-words" }, "It reads ", ...read.flatMap(chip)),
      labElement("p", { class: "lab-words" }, "and answers ", ...answer.flatMap((word) => chip([word, whose === state.order ? "right" : "turned"]))));
    return {
      says: `The desk answers ${answer.join(" ") || "nothing"}. It obeyed ${verdict}.`,
      reads: [["obeyed", "it obeyed", whose && whose !== state.order ? 1 : 0, verdict, whose === state.order ? "defence" : "attacker"]],
    };
  },
});
