/* The file of a fitted model, read byte by byte: which patients lie in it? */
"use strict";

lab("rows_in_files-bytes", {
  controls: ({ order }) => [
    { name: "at", label: "of the file read", kind: "range", min: 0, max: 100, step: 1, start: 0, says: (at) => `${at} %` },
    { name: "file", label: "file of", kind: "choice", start: order[0], options: order.map((name) => [name, name]) },
  ],

  /* Where patients lie, [byte, patient]: a row's numbers one behind the other, of eight bytes each. */
  found({ patients }, bytes) {
    const [many, wide] = patients.shape;
    const view = new DataView(bytes.buffer);
    const number = (at) => (at + 8 <= bytes.length ? Math.fround(view.getFloat64(at, true)) : NaN);
    const begins = new Map();
    for (let i = 0; i < many; i += 1) begins.set(labRow(patients, i)[0], [...begins.get(labRow(patients, i)[0]) ?? [], i]);
    const places = [];
    for (let at = 0; at + 8 * wide <= bytes.length; at += 1) {
      const here = begins.get(number(at))?.find((i) => labRow(patients, i).every((value, j) => value === number(at + 8 * j)));
      if (here === undefined) continue;
      places.push([at, here]);
      at += 8 * wide - 1;
    }
    return places;
  },

  show({ parts, state: { at, file }, stage }) {
    const { files, patients, columns, most } = parts;
    const [many, wide] = patients.shape;
    const bytes = Uint8Array.from(files[file].values);
    const read = Math.round(bytes.length * at / 100);
    const places = this.found(parts, bytes).filter(([place]) => place + 8 * wide <= read);
    const told = new Set(places.map(([, i]) => i)).size / many;
    const letters = String.fromCharCode(...bytes.subarray(Math.max(0, read - 40), read)).replace(/[^ -~]/g, "·");
    const values = (i) => `${columns.slice(0, 4).map((name, j) => `${name} ${Number((labRow(patients, i)[j] * most.values[j]).toPrecision(4))}`).join(", ")} …`;
    const said = `The file, ${at} % read: ${places.length} rows of patients`;
    const runs = []; // of rows, one behind the other
    for (const [place] of places) {
      if (runs.at(-1)?.end !== place) runs.push({ begin: place });
      runs.at(-1).end = place + 8 * wide;
    }
    stage.replaceChildren(labElement("div", { class: "lab-wide" },
      labElement("svg", { class: "lab-file", viewBox: `0 0 ${bytes.length} 1`, preserveAspectRatio: "none", role: "img", "aria-label": said },
        labElement("rect", { class: "read", x: 0, y: 0, width: read, height: 1 }), ...runs.map(({ begin, end }) => labElement("rect", { x: begin, y: 0, width: end - begin, height: 1 }))),
      labElement("p", { class: "lab-told" }, "Here stands ", labElement("code", {}, letters || "nothing yet")),
      labElement("ol", { class: "lab-found" }, ...places.slice(-4).map(([, i]) => labElement("li", { class: "attacker" },
        labElement("span", {}, `patient ${i + 1}`), labElement("span", {}, values(i)))))));
    return {
      says: `${at} % of the file of ${file} are read, ${read.toLocaleString("en")} bytes, and in them ${labPercent(told)} of the patients.`,
      reads: [
        ["told", `of ${many} patients read`, told, labPercent(told), "attacker"],
        ["bytes", "bytes", read, read.toLocaleString("en")],
      ],
    };
  },
});
