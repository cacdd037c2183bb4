/* A digit is seen more and more often: which pictures are misread, and how many digits are read every time. */
"use strict";

lab("natural_examples-views", {
  readers: { plain: ["as it is", "attacker"], longer: ["trained longer", "chance"], moves: ["trained with moves", "defence"] },

  controls: ({ count, truth }) => [
    { name: "count", label: "pictures of each digit", kind: "range", min: 1, max: count, step: 1, start: 1, says: String },
    { name: "reader", label: "the reader", kind: "choice", start: "plain", options: [["plain", "as it is"], ["longer", "trained longer"], ["moves", "trained with moves"]] },
    { name: "digit", label: "another digit", kind: "press", round: truth.values.length, start: Math.floor(truth.values.length / 2) },
  ],

  /* The share of digits of which none of so many pictures, drawn of all, is misread: eq. r(k). */
  right({ values }, all, count) {
    const none = Array.from({ length: all + 1 }, (_, bad) => {
      let chance = 1;
      for (let i = 0; i < count; i += 1) chance *= Math.max(0, all - bad - i) / (all - i);
      return chance;
    });
    return values.reduce((sum, bad) => sum + none[bad], 0) / values.length;
  },

  show({ parts: { wrong, said, count: all, views, image, truth, names }, state: { count, reader, digit }, stage }) {
    const [name, kind] = this.readers[reader];
    const answers = labRow(said[name], digit);
    const seen = Array.from({ length: count }, (_, i) => (Math.floor(all / 2) + 17 * i) % all); // as it stands, then here and there
    const misread = seen.filter((at) => answers[at] !== truth.values[digit]).length;
    const cells = Array.from({ length: all }, (_, at) => {
      if (!seen.includes(at)) return labElement("span");
      const [read, bad] = [names[answers[at]], answers[at] !== truth.values[digit]];
      return labElement("span", { class: bad ? "misread" : "" }, labPicture(labRow(views, digit * all + at), image, `read as ${read}`), ...(bad ? [labElement("b", {}, read)] : []));
    });
    const [one, every] = [1, count].map((many) => this.right(wrong[name], all, many));
    const points = Array.from({ length: count }, (_, i) => [i + 1, this.right(wrong[name], all, i + 1)]);
    const ticks = (values, text) => values.map((value) => [value, text(value)]);
    stage.replaceChildren(
      labElement("figure", { class: "lab-wide" }, labElement("div", { class: "lab-views" }, ...cells),
        labElement("figcaption", {}, `One ${names[truth.values[digit]]}, misread in ${misread} of ${count}; what is read stands in the picture.`)),
      labChart({
        said: `Digits read rightly in all of so many pictures, up to ${count}`,
        x: { from: 1, to: all, label: "pictures of each digit", ticks: ticks([1, 10, 20, 30, all], String) },
        y: { from: 0, to: 1, label: "right in all of them", ticks: ticks([0, 0.25, 0.5, 0.75, 1], labPercent) },
        lines: [{ points, kind }],
        marks: [{ x: count, y: every, kind }],
      }));
    return {
      says: `Seen ${count} ${count > 1 ? "times" : "time"}, this digit is misread in ${misread}. Of all digits ${labPercent(every)} are read rightly in all of ${count}, of single pictures ${labPercent(one)}.`,
      reads: [
        ["right", `digits right in all of ${count}`, every, labPercent(every), kind === "chance" ? "" : kind],
        ["one", "single pictures right", one, labPercent(one)],
      ],
    };
  },
});
