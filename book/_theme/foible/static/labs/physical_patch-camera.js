/* One stop sign, bare and with a sticker, from where the camera stands; all answers were given by the chapter's cars. */
"use strict";

lab("physical_patch-camera", {
  controls: ({ turns, distances, lights }) => {
    const lever = (name, label, { values }, start, says) => ({ name, label, kind: "range", min: 0, max: values.length - 1, step: 1, start, says: (at) => says(values[at]) });
    return [
      lever("turn", "the camera stands aside by", turns, 0, (value) => `${value}°`),
      lever("distance", "distance, 1 where the sign fills the picture:", distances, 1, (value) => value.toFixed(2)),
      lever("light", "light", lights, 3, (value) => `${labPercent(value)} of the usual`),
    ];
  },

  show({ parts: { turns, distances, lights, pictures, read, wrong, names, cars }, state: { turn, distance, light }, stage }) {
    const place = distance * turns.values.length + turn;
    const at = light * distances.values.length * turns.values.length + place;
    const [seen, answers, many] = [["bare", "with the sticker"], [], turns.values.length];
    const everyTurn = (which) => turns.values.reduce((sum, _, i) => sum + wrong.values[which * wrong.shape[1] + at - turn + i], 0) / (many * cars);
    stage.replaceChildren(...seen.map((name, which) => {
      const [label, count] = [read, wrong].map(({ values, shape }) => values[which * shape[1] + at]);
      const word = names[label];
      answers.push(`${name} the first car reads ${word}, and ${count} of ${cars} cars misread it`);
      const [, places, cells] = pictures.shape;
      const row = pictures.values.subarray((which * places + place) * cells, (which * places + place + 1) * cells);
      return labElement("figure", { class: `lab-half ${label ? "turned" : "holds"}` },
        labElement("figcaption", {}, `${name}, the first car reads `, labElement("strong", {}, word)),
        this.picture(row, lights.values[light], `a stop sign, ${name}, read as ${word}`),
        labMeters([[which ? "stuck" : "bare", `of ${cars} cars, misread it`, count / cars, String(count), which ? "attacker" : "victim"]]));
    }));
    const reads = seen.map((name, which) => [`turned-${which ? "stuck" : "bare"}`, `${name}, misread at this distance and light, of ${many * cars} readings (${cars} cars, ${many} turns)`, everyTurn(which), labPercent(everyTurn(which)), which ? "attacker" : "victim"]);
    return { says: `${answers.join("; ")}.`, reads };
  },

  /* Colours of 0 to 1, in another light. */
  picture(row, light, said) {
    const size = Math.sqrt(row.length / 3);
    const canvas = labElement("canvas", { width: size, height: size, class: "lab-picture", role: "img", "aria-label": said });
    const brush = canvas.getContext("2d");
    const image = brush.createImageData(size, size);
    for (let i = 0; i < row.length; i += 1) image.data[4 * Math.floor(i / 3) + i % 3] = 255 * Math.min(1, light * row[i]);
    for (let i = 0; i < size * size; i += 1) image.data[4 * i + 3] = 255;
    brush.putImageData(image, 0, 0);
    return canvas;
  },
});
