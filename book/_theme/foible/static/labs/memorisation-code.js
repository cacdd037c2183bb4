/* Copies of a door code among the texts, and the digits that the model puts behind its prompt. */
"use strict";

lab("memorisation-code", {
  controls: ({ curve }) => [
    { name: "at", label: "copies among the texts, of each code shown", kind: "range", min: 0, max: curve.dose.values.length - 1, step: 1, start: 0, says: (at) => String(curve.dose.values[at]) },
    { name: "who", label: "whose code is asked", kind: "range", min: 1, max: 16, step: 1, start: 1, says: String },
  ],

  /* How likely each of ten digits is at each place, behind those that were told before. */
  steps({ paths }, i) {
    const row = labRow(paths, i);
    return Array.from({ length: row.length / 10 }, (_, place) => row.subarray(10 * place, 10 * place + 10));
  },

  show({ parts, state: { at, who }, stage }) {
    const { curve, copies, codes, people, said: answers } = parts;
    const those = [...copies.values.keys()].filter((i) => copies.values[i] === curve.dose.values[at]);
    const [code, said] = [codes, answers].map((digits) => (i) => labRow(digits, i).join(" "));
    const whole = (i) => said(i) === code(i);
    const share = those.filter(whole).length / those.length;
    const stood = ["that were never there", "that stood there once"][curve.dose.values[at]] ?? `that stood there ${curve.dose.values[at]} times`;
    const i = those[who - 1];
    stage.replaceChildren(
      labElement("figure", { class: "lab-side" },
        labElement("figcaption", {}, "for the door code of ", labElement("b", {}, people[i]), " the model says ", labElement("strong", { class: whole(i) ? "attacker" : "" }, said(i)),
          whole(i) ? "" : `, and in truth it is ${code(i)}`),
        this.tree(this.steps(parts, i), labRow(answers, i), labRow(codes, i)),
        labElement("p", { class: "lab-note" }, "The likelier a digit, the stronger its branch; orange digits are right.")),
      labCurve({ ...curve, lines: { "told at first try": curve.lines.greedy }, kinds: { "told at first try": "attacker" } }, at, { log: true, said: "Share of the codes that are told whole, up to so many copies" }));
    return {
      says: `Copies of the code: ${curve.dose.values[at]}. The model says ${said(i)} for ${people[i]}, ${whole(i) ? "which is the code" : `and the code is ${code(i)}`}. Of the ${those.length} codes ${stood} ${labPercent(share)} are told.`,
      reads: [
        ["told", `told, of the ${those.length} codes ${stood}`, share, labPercent(share, 1), "attacker"],
      ],
    };
  },

  /* Ten branches at each digit, as bright as they are likely; the answer goes along the brightest. */
  tree(steps, said, code) {
    const [wide, high, left] = [320, 220, 14];
    const across = (place) => left + place * (wide - left - 14) / steps.length;
    const down = (digit) => 12 + digit * (high - 24) / 9;
    const drawn = labElement("svg", { class: "lab-chart lab-tree", viewBox: `0 0 ${wide} ${high}`, role: "img", "aria-label": `Ten digits at each of four places; the model says ${said.join(" ")}` });
    let from = high / 2;
    steps.forEach((shares, place) => {
      const told = said[place];
      shares.forEach((share, digit) => {
        const kind = digit !== told ? "chance" : told === code[place] ? "attacker" : "ink";
        const lit = Math.max(0.12, Math.sqrt(share)).toFixed(2);
        drawn.append(
          labElement("path", { class: `lab-branch ${kind}`, d: `M${across(place) + 9} ${from}L${across(place + 1) - 9} ${down(digit)}`, opacity: lit }),
          labElement("text", { class: `lab-name ${kind}`, x: across(place + 1), y: down(digit) + 4, "text-anchor": "middle" }, digit));
      });
      from = down(told);
    });
    return drawn;
  },
});
