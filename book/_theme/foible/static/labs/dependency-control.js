/* One control is switched on: which of the ways in it stops, who walks around it, and what it refuses. */
"use strict";

lab("dependency-control", {
  controls({ controls }) {
    return [{ name: "at", label: "what is switched on", kind: "choice", start: 0, options: controls.map((control, at) => [at, this.said[control] ?? control]) }];
  },

  ways: {
    "and RECORD rewritten": "an installed file patched, and its digest written anew",
    "built before the lock": "in the package before its digests were taken",
    "swapped before the lock": "the wheel swapped before its digest was taken",
  },
  said: { none: "nothing", "==": "exact versions", hashes: "digests", signature: "a signature", all: "all seven" },

  show({ parts: { controls, attacks, ran, around, wishes, kept }, state: { at }, stage }) {
    const count = controls.length;
    const runs = attacks.map((_, i) => ran.values[i * count + at] > 0);
    const left = wishes.filter((_, i) => kept.values[i * count + at] > 0);
    const stopped = runs.filter((one) => !one).length;
    const row = (told, name, run) => labElement("li", { class: run ? "attacker" : "quiet" },
      labElement("span", { class: run ? "attacker" : "" }, told), labElement("span", {}, name));
    const knowing = Object.entries(around).filter(([control]) => control.split(", ")[0] === controls[at]);
    const whom = (control) => (control.includes(", ") ? "where installed files are compared with their wheels, too, who knows that" : controls[at] === "all" ? "who knows them" : "who knows it");
    stage.replaceChildren(labElement("div", { class: "lab-side" },
      labElement("ol", { class: "lab-found" }, ...attacks.map((name, i) => row(runs[i] ? "▲ runs" : "■ stopped", name, runs[i]))),
      labElement("ol", { class: "lab-found" }, ...knowing.map(([control, { way, share }]) => row(share ? "▲ runs" : "■ stopped", `${whom(control)}: ${this.ways[way] ?? way}`, share > 0))),
      labElement("p", { class: "lab-told" }, "Honest wishes"),
      labElement("ol", { class: "lab-found" }, ...wishes.map((name) => labElement("li", { class: left.includes(name) ? "" : "quiet" },
        labElement("span", {}, left.includes(name) ? "granted" : "refused"), labElement("span", {}, name))))));
    const name = `Switched on: ${this.said[controls[at]] ?? controls[at]}`;
    return {
      says: `${name}. ${stopped} of ${attacks.length} ways are stopped, and ${left.length} of ${wishes.length} honest wishes are left.${knowing.map(([control, { way }]) => ` Of attackers, ${whom(control)}: ${this.ways[way] ?? way}.`).join("")}`,
      reads: [
        ["stopped", `stopped, of ${attacks.length} ways in`, stopped, String(stopped), "defence"],
        ["kept", `honest wishes left, of ${wishes.length}`, left.length, String(left.length), "victim"],
      ],
    };
  },
});
