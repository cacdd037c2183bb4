/* What a document may decide in a plan of calls: attacks that are left, and honest errands that are refused. */
"use strict";

lab("agents-labels", {
  controls: () => [["when", "whether a call is made"], ["whom", "whom it goes to"], ["tool", "which tool is called"]].map(([name, label]) => (
    { name, label, kind: "choice", start: "user", options: [["user", "the user"], ["document", "a document, too"]] })),

  /* What an attacker writes who may write both documents. */
  written: { "bill.late": "late", "bill.for": "eve", "bill.due": "9", "letter.meet": "friday", "bill.asks": "pay eve 9", "letter.asks": "pay eve 9" },

  /* A plan run step by step: each word with the document that it came from, if any. */
  run({ policy }, plan, read, open) {
    const calls = [];
    const value = (word) => (word.includes(".") ? { word: read(word), source: word.split(".")[0] } : { word, source: "" });
    for (const step of plan.split(" ; ")) {
      const [condition, said] = step.includes(" ? ") ? step.split(" ? ") : ["", step];
      if (condition && !open.when) return { calls, refused: `the ${condition.split(".")[0]} would decide on a call` };
      if (condition && read(condition) !== condition.split(".")[1]) continue;
      const [tool, ...others] = said.split(" ").map(value);
      if (tool.source && !open.tool) return { calls, refused: `the ${tool.source} would choose a tool` };
      const free = (i) => policy[tool.word]?.[i]?.split(" ") ?? [];
      const wrong = others.find(({ source }, i) => source && !open.whom && !free(i).includes(source));
      if (wrong) return { calls, refused: `the ${wrong.source} would choose for ${tool.word}` };
      calls.push({ tool, others, condition, reserved: others.filter((_, i) => !policy[tool.word]?.[i]) });
    }
    return { calls, refused: "" };
  },

  /* In how many plans of one or two steps do the outputs, between them, change what is chosen?
     A plan that was refused at its first step goes no further. */
  swayed(parts, open) {
    const { steps, outputs: { names, words } } = parts;
    const worlds = words.map((said) => Object.fromEntries(said.split(" ").map((word, i) => [names[i], word])));
    const done = steps.map((step) => worlds.map((world) => {
      const { calls, refused } = this.run(parts, step, (field) => world[field], open);
      const chosen = calls.map(({ tool, reserved }) => [tool, ...reserved].map(({ word, source }) => `${word}<${source}`).join(" "));
      return { chosen: chosen.join(), refused };
    }));
    const differ = (those) => those.some((one) => one !== those[0]);
    const both = (one, other) => worlds.map((_, i) => (one[i].refused ? [one[i]] : [one[i], other[i]]).map(({ chosen }) => chosen).filter(Boolean).join());
    const plans = [...done.map((one) => one.map(({ chosen }) => chosen)), ...done.flatMap((one) => done.map((other) => both(one, other)))];
    return [plans.filter(differ).length, plans.length];
  },

  show({ parts, state, stage }) {
    const { rows, honest } = parts;
    const open = Object.fromEntries(Object.entries(state).map(([name, who]) => [name, who === "document"]));
    const [swayed, plans] = this.swayed(parts, open);
    const read = (field) => this.written[field];
    const refused = honest.filter((plan) => this.run(parts, plan, read, open).refused).length / honest.length;
    const chip = ({ word, source }) => [labElement("span", { class: `lab-word ${source ? "data" : "user"}` }, word), " "];
    const call = ({ tool, others, condition }) => [tool, ...others].flatMap(chip).concat(condition ? ["if ", ...chip({ word: condition.split(".")[1], source: condition })] : []);
    const opened = Object.values(open).filter(Boolean).length;
    const office = ["a document decides nothing: every word keeps a label of where it came from", "a document decides one thing", "a document decides two things", "a document decides all: no labels, the hijacked agent"][opened];
    const ends = [labElement("p", { class: "lab-told" }, labElement("b", { class: opened ? "attacker" : "" }, office))];
    stage.replaceChildren(labElement("div", { class: "lab-orders" }, ...ends, labElement("ol", { class: "lab-found" }, ...rows.orders.map((order, i) => {
      const done = this.run(parts, rows.planned[i], read, open);
      const calls = done.calls.filter(({ tool }) => tool.word !== "read");
      return labElement("li", {}, labElement("span", {}, order), " ",
        labElement("span", { class: done.refused ? "quiet" : "" }, ...(done.refused ? [`refused: ${done.refused}`] : calls.flatMap(call))));
    }))));
    return {
      says: `${office[0].toUpperCase()}${office.slice(1)}. Documents choose in ${swayed} of ${plans} plans, and ${labPercent(refused)} of the honest errands are refused.`,
      reads: [
        ["swayed", `plans in which a document chooses, of ${plans.toLocaleString("en")}`, swayed, swayed.toLocaleString("en"), "attacker"],
        ["refused", "honest errands refused", refused, labPercent(refused, 1)],
      ],
    };
  },
});
