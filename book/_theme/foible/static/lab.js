/* What every laboratory stands on: the parts that a chapter handed over, small networks,
   controls for mouse, keys and touch, and a state that is an address. A laboratory is

     lab("chapter-what", {
       controls: (parts) => [{ name, label, kind, ... }],   what can be moved, see `controls`
       show: (lab) => ({ says, reads }),                    draws on lab.stage; a sentence, numbers
     });

   in labs/chapter-what.js; its parts call labParts. */
"use strict";

const labs = new Map();
const labGiven = new Map();

function lab(name, logic) { labs.set(name, logic); }
function labParts(name, parts) { labGiven.set(name, parts); }

/* ------------------------------------------------------------ what was handed over */

/* Numbers as a list of float64, and their shape: float32, or whole ones of so many bits each. */
function labNumbers({ bytes, bits, shape, least = 0, levels = 1 }) {
  const raw = atob(bytes);
  if (!bits) {
    const whole = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
    return { shape, values: Float64Array.from(new Float32Array(whole.buffer)) };
  }
  const values = new Float64Array(shape.reduce((all, side) => all * side, 1));
  let [held, many, at] = [0, 0, 0];
  for (let i = 0; i < values.length; i += 1) {
    for (; many < bits; many += 8) held = held << 8 | raw.charCodeAt(at++);
    many -= bits;
    values[i] = least + (held >> many) / levels;
    held &= (1 << many) - 1;
  }
  return { shape, values };
}

function labDecoded(part) {
  if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
  if ("bytes" in part) return labNumbers(part);
  if ("layers" in part) return new LabNetwork(part.layers);
  if ("heads" in part) return new LabTransformer(part);
  return Object.fromEntries(Object.entries(part).map(([name, it]) => [name, labDecoded(it)]));
}

function labHasModel(part) {
  if (part instanceof LabNetwork || part instanceof LabTransformer) return true;
  return part?.constructor === Object && Object.values(part).some(labHasModel);
}

/* Row i of numbers of shape (n, d). */
function labRow({ values, shape }, i) { return values.subarray(i * shape[1], (i + 1) * shape[1]); }

/* ------------------------------------------------------------ networks */

/* Layers with ReLU between them: scores of a row, and the slope of its loss by the row. */
class LabNetwork {
  constructor(layers) {
    this.layers = layers.map(({ weight, bias }) => {
      const { values, shape: [a, b] } = labWeights(weight);
      return { a, b, weight: values, bias: labNumbers(bias).values };
    });
  }

  /* What enters each layer, and what leaves the last. */
  passed(row) {
    const entering = [row];
    this.layers.forEach(({ a, b, weight, bias }, which) => {
      const out = Float64Array.from(bias);
      const into = entering[which];
      for (let i = 0; i < a; i += 1) {
        const value = into[i];
        if (value === 0) continue;
        for (let j = 0, at = i * b; j < b; j += 1, at += 1) out[j] += value * weight[at];
      }
      if (which < this.layers.length - 1) {
        for (let j = 0; j < b; j += 1) if (out[j] < 0) out[j] = 0;
      }
      entering.push(out);
    });
    return entering;
  }

  logits(row) { return this.passed(row).at(-1); }

  answer(row) { return labLargest(this.logits(row)); }

  /* Slope of the cross-entropy of a label, by every number of the row. */
  slope(row, label) {
    const entering = this.passed(row);
    let slope = labSoftmax(entering.pop());
    slope[label] -= 1;
    for (let which = this.layers.length - 1; which >= 0; which -= 1) {
      const { a, b, weight } = this.layers[which];
      const below = new Float64Array(a);
      for (let i = 0; i < a; i += 1) {
        if (which && entering[which][i] <= 0) continue;
        let sum = 0;
        for (let j = 0, at = i * b; j < b; j += 1, at += 1) sum += slope[j] * weight[at];
        below[i] = sum;
      }
      slope = below;
    }
    return slope;
  }
}

/* A small transformer, as foible.models.language has it: what comes after a text of token numbers. */
class LabTransformer {
  constructor({ heads, arrays }) {
    this.heads = heads;
    this.w = Object.fromEntries(Object.entries(arrays).map(([name, part]) => [name, labWeights(part)]));
    this.width = this.w.words.shape[1];
    this.depth = Object.keys(this.w).filter((name) => name.endsWith(".mix")).length;
  }

  /* Vectors (t, d) times a matrix (d, e). */
  static times(x, { values, shape: [d, e] }) {
    return x.map((row) => {
      const out = new Float64Array(e);
      for (let i = 0; i < d; i += 1) {
        const value = row[i];
        if (value === 0) continue;
        for (let j = 0, at = i * e; j < e; j += 1, at += 1) out[j] += value * values[at];
      }
      return out;
    });
  }

  static normed(x, { values }) {
    return x.map((row) => {
      const by = 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0) / row.length + 1e-6);
      return row.map((value, i) => value * by * values[i]);
    });
  }

  /* What was read before keeps its queries, keys and values in `known`. */
  attended(x, layer, known) {
    const [d, wide] = [this.width, this.width / this.heads];
    const before = known[layer].length;
    known[layer].push(...LabTransformer.times(x, this.w[`${layer}.mix`]));
    const mixed = known[layer];
    const seen = x.map((_, at) => {
      const here = before + at;
      const out = new Float64Array(d);
      for (let head = 0; head < this.heads; head += 1) {
        const from = head * wide;
        const scores = [];
        for (let there = 0; there <= here; there += 1) {
          let sum = 0;
          for (let i = from; i < from + wide; i += 1) sum += mixed[here][i] * mixed[there][d + i];
          scores.push(sum / Math.sqrt(wide));
        }
        labSoftmax(scores).forEach((share, there) => {
          for (let i = from; i < from + wide; i += 1) out[i] += share * mixed[there][2 * d + i];
        });
      }
      return out;
    });
    return LabTransformer.times(seen, this.w[`${layer}.out`]);
  }

  /* Score of every word as the next of a text, of which the beginning may be `known`. */
  logits(tokens, known = Array.from({ length: this.depth }, () => [])) {
    const added = (x, more) => x.map((row, t) => row.map((value, i) => value + more[t][i]));
    const before = known[0].length;
    let x = tokens.slice(before).map((token, t) => labRow(this.w.words, token).map((value, i) => value + this.w.places.values[(before + t) * this.width + i]));
    for (let layer = 0; layer < this.depth; layer += 1) {
      x = added(x, this.attended(LabTransformer.normed(x, this.w[`${layer}.before`]), layer, known));
      const up = LabTransformer.times(LabTransformer.normed(x, this.w[`${layer}.between`]), this.w[`${layer}.up`]);
      x = added(x, LabTransformer.times(up.map((row) => row.map((value) => Math.max(0, value))), this.w[`${layer}.down`]));
    }
    const [last] = LabTransformer.normed(x.slice(-1), this.w.last);
    const { shape: [words] } = this.w.words;
    return Float64Array.from({ length: words }, (_, word) => labRow(this.w.words, word).reduce((sum, value, i) => sum + value * last[i], 0));
  }

  /* The likeliest words behind a text, one by one, up to its end (token 0). */
  complete(tokens, most) {
    const [said, known] = [[], Array.from({ length: this.depth }, () => [])];
    while (said.length < most && tokens.length + said.length <= this.w.places.shape[0]) {
      const next = labLargest(this.logits([...tokens, ...said], known));
      if (next === 0) break;
      said.push(next);
    }
    return said;
  }
}

/* Numbers, or whole numbers with a scale for each column. */
function labWeights(part) {
  if (!("whole" in part)) return labNumbers(part);
  const { values, shape } = labNumbers(part.whole);
  const scale = labNumbers(part.scale).values;
  for (let i = 0; i < values.length; i += 1) values[i] *= scale[i % scale.length];
  return { shape, values };
}

/* The solution of A x = b, A symmetric and positive; both are used up. */
function labSolved(A, b) {
  const n = b.length;
  for (let i = 0; i < n; i += 1) {
    for (let j = i + 1; j < n; j += 1) {
      const by = A[j][i] / A[i][i];
      for (let k = i; k < n; k += 1) A[j][k] -= by * A[i][k];
      b[j] -= by * b[i];
    }
  }
  for (let i = n - 1; i >= 0; i -= 1) {
    for (let k = i + 1; k < n; k += 1) b[i] -= A[i][k] * b[k];
    b[i] /= A[i][i];
  }
  return b;
}

function labSoftmax(scores) {
  const most = Math.max(...scores);
  const raised = Float64Array.from(scores, (score) => Math.exp(score - most));
  const sum = raised.reduce((one, other) => one + other, 0);
  return raised.map((value) => value / sum);
}

function labLargest(values) {
  let best = 0;
  for (let i = 1; i < values.length; i += 1) if (values[i] > values[best]) best = i;
  return best;
}

/* ------------------------------------------------------------ what is drawn */

/* An element with attributes, listeners (onclick: f) and children. */
function labElement(tag, given = {}, ...children) {
  const drawn = ["svg", "g", "path", "line", "circle", "rect", "text"].includes(tag);
  const element = drawn ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(given)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== false && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/* A picture of a row: white is 0, black is 1, whatever the theme. */
function labPicture(row, [height, width], said) {
  const canvas = labElement("canvas", { width, height, class: "lab-picture", role: "img", "aria-label": said });
  const brush = canvas.getContext("2d");
  const image = brush.createImageData(width, height);
  for (let i = 0; i < width * height; i += 1) {
    image.data.fill(Math.round(255 * (1 - row[i])), 4 * i, 4 * i + 3);
    image.data[4 * i + 3] = 255;
  }
  brush.putImageData(image, 0, 0);
  return canvas;
}

/* A chart: lines by their points, marks, and labels on both axes. An axis is
   { from, to, log, label, ticks: [[value, text]] }; a line { points, kind, name } and a
   mark { x, y, kind } have the kind of who is meant, which is their colour. */
function labChart({ x, y, lines = [], areas = [], marks = [], said }) {
  const [width, height, left, low] = [320, 220, 54, 40];
  const on = (axis, value) => {
    const put = axis.log ? Math.log10 : Number;
    return (put(Math.max(value, axis.from)) - put(axis.from)) / (put(axis.to) - put(axis.from));
  };
  const place = ([a, b]) => [left + on(x, a) * (width - left - 20), (1 - on(y, b)) * (height - low - 18) + 18];
  const path = (points) => points.map((point, i) => `${i ? "L" : "M"}${place(point).map((v) => v.toFixed(1)).join(" ")}`).join("");
  const drawn = labElement("svg", { class: "lab-chart", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": said });
  const [[x0, y0], [x1, y1]] = [place([x.from, y.from]), place([x.to, y.to])];
  drawn.append(labElement("path", { class: "lab-axis", d: `M${x0} ${y1}V${y0}H${x1}` }));
  let free = Infinity; // from the right, so that the last one stands, and none over another
  for (const [value, text] of [...x.ticks ?? []].reverse()) {
    const [at, half] = [place([value, y.from])[0], 3.2 * text.length];
    if (at + half > free) continue;
    free = at - half;
    drawn.append(labElement("text", { x: at, y: y0 + 14, "text-anchor": "middle" }, text));
  }
  for (const [value, text] of y.ticks ?? []) {
    drawn.append(labElement("text", { x: x0 - 5, y: place([x.from, value])[1] + 4, "text-anchor": "end" }, text));
  }
  drawn.append(labElement("text", { class: "lab-label", x: (x0 + x1) / 2, y: height - 6, "text-anchor": "middle" }, x.label ?? ""));
  if (y.label) drawn.append(labElement("text", { class: "lab-label", transform: `translate(9 ${(y0 + y1) / 2}) rotate(-90)`, "text-anchor": "middle" }, y.label));
  for (const { points, kind } of areas) {
    const [first, last] = [points[0][0], points.at(-1)[0]];
    drawn.append(labElement("path", { class: `lab-area ${kind}`, d: `${path([[first, y.from], ...points, [last, y.from]])}Z` }));
  }
  for (const { points, kind, name, at = points.at(-1) } of lines) {
    drawn.append(labElement("path", { class: `lab-curve ${kind}`, d: path(points) }));
    if (name) {
      const [px, py] = place(at);
      drawn.append(labElement("text", { class: `lab-name ${kind}`, x: px, y: py - 6, "text-anchor": px > width / 2 ? "end" : "start" }, name));
    }
  }
  for (const { x: a, y: b, kind } of marks) {
    const [cx, cy] = place([a, b]);
    drawn.append(labElement("circle", { class: `lab-mark ${kind}`, cx, cy, r: 5 }));
  }
  return drawn;
}

/* A measured curve up to the dose at the lever: what lies beyond is not shown yet. Names stand
   where the curves end, or where they are `high`est. */
function labCurve({ dose, lines, kinds, dose_name: doses, response_name: responses }, at, { said, log = false, high = false }) {
  const [first, last] = [dose.values[0], dose.values.at(-1)];
  const put = (value) => (log ? Math.log1p(value) : value); // a dose may be nought
  const shares = [0, 0.25, 0.5, 0.75, 1];
  const ticks = [...dose.values].filter((_, i) => dose.values.length < 8 || i % 2 === 0 || i === dose.values.length - 1);
  return labChart({
    said,
    x: { from: put(first), to: put(last), label: doses, ticks: ticks.map((value) => [put(value), String(Number(value.toPrecision(4)))]) },
    y: { from: 0, to: 1, label: responses, ticks: shares.map((share) => [share, labPercent(share)]) },
    lines: Object.entries(lines).map(([name, { values }]) => {
      const points = [...values].slice(0, at + 1).map((value, i) => [put(dose.values[i]), value]);
      const highest = points.reduce((one, other) => (other[1] > one[1] ? other : one));
      return { points, kind: kinds[name], name: Object.keys(lines).length < 3 ? name : "", at: high ? highest : undefined };
    }),
    marks: Object.entries(lines).map(([name, { values }]) => ({ x: put(dose.values[at]), y: values[at], kind: kinds[name] })),
  });
}

/* Shares as bars, each with its number: [name, label, share, text, kind]. */
function labMeters(those) {
  return labElement("ul", { class: "lab-meters" }, ...those.map(([name, label, share, text, kind]) => {
    const bar = labElement("li", { class: kind }, label, labElement("strong", { "data-reads": name, "data-value": share }, text));
    bar.style.setProperty("--share", share.toFixed(4));
    return bar;
  }));
}

/* Draw under the cells of a plane, in units of a cell. */
function labUnder({ levers, controls }, name, ...drawn) {
  const field = levers.querySelector(`[data-control="${name}"] .lab-paint`);
  const [height, width] = controls.find((it) => it.name === name).image;
  field.querySelector("svg")?.remove();
  field.prepend(labElement("svg", { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" }, ...drawn));
}

/* Middle of a cell of a plane, from 0 to 1 to the right and up. */
function labMiddle(at, [height, width]) {
  return [(at % width + 0.5) / width, 1 - (Math.floor(at / width) + 0.5) / height];
}

/* Where a x + b y + c is nought on a plane, x and y from 0 to 1. */
function labBorder([a, b, c], [height, width], kind) {
  const far = 2 * Math.hypot(width, height);
  const [foot, size] = [-(a * 0.5 + b * 0.5 + c) / (a * a + b * b), Math.hypot(a, b)];
  const [x, y] = [0.5 + foot * a, 0.5 + foot * b];
  const end = (way) => [(x - way * far * b / size) * width, (1 - y - way * far * a / size) * height];
  const [[x1, y1], [x2, y2]] = [end(1), end(-1)];
  return labElement("line", { class: `lab-border ${kind}`, x1, y1, x2, y2 });
}

/* What it is, with its article. */
function labA(name) { return `${/^(8|[aeiou])/.test(name) ? "an" : "a"} ${name}`; }

function labPercent(share, digits = 0) { return `${(100 * share).toFixed(digits).replace("-", "−")} %`; }

/* ------------------------------------------------------------ what is moved */

/* One control, of a kind:
   range   min, max, step, says(value): a lever
   choice  options [[value, label or element]]: one of a few
   text    a line that one types; `most` letters
   paint   image: cells of a picture that are set or not, as the list of those that are; at
           `most` so many; a `plane` is drawn under by `labUnder`, and set cell by cell
   press   a button that counts its presses, and begins again after `round` of them */
const labControls = {
  range(it, value, moved) {
    const says = it.says ?? String;
    const output = labElement("output", {}, says(value));
    const input = labElement("input", {
      type: "range", min: it.min, max: it.max, step: it.step, "aria-valuetext": says(value),
      oninput: () => {
        const now = Number(input.value);
        output.textContent = says(now);
        input.setAttribute("aria-valuetext", says(now));
        moved(now);
      },
    });
    input.value = value;
    return labElement("label", { class: "lab-range" }, labElement("span", {}, it.label, " ", output), input);
  },

  choice(it, value, moved) {
    const those = it.options.map(([which, label]) => {
      const input = labElement("input", {
        type: "radio", name: `lab-${it.name}`, value: which, onchange: () => moved(which),
      });
      input.checked = which === value;
      return labElement("label", {}, input, labElement("span", {}, label));
    });
    return labElement("fieldset", { class: "lab-choice" }, labElement("legend", {}, it.label), ...those);
  },

  text(it, value, moved) {
    const input = labElement("input", {
      type: "text", maxlength: it.most, autocomplete: "off", autocapitalize: "none", spellcheck: "false",
      oninput: () => moved(input.value),
    });
    input.value = value;
    return labElement("label", { class: "lab-text" }, labElement("span", {}, it.label), input);
  },

  paint(it, value, moved) {
    const [height, width] = it.image;
    const set = new Set(value);
    let [here, laying] = [0, null];
    const cells = Array.from({ length: height * width }, (_, at) => labElement("button", {
      type: "button", tabindex: at ? -1 : 0, "aria-pressed": set.has(at),
      "aria-label": `row ${Math.floor(at / width) + 1}, column ${at % width + 1}`,
    }));
    const many = labElement("output", {});
    const count = () => { many.textContent = it.most ? `${set.size} of ${it.most}` : ""; };
    const lay = (at, on) => {
      if (set.has(at) === on || on && set.size >= it.most) return;
      if (on) set.add(at); else set.delete(at);
      cells[at].setAttribute("aria-pressed", on);
      count();
      moved([...set].sort((one, other) => one - other));
    };
    const go = (at) => {
      cells[here].tabIndex = -1;
      here = at;
      cells[here].tabIndex = 0;
    };
    const under = (event) => cells.indexOf(document.elementFromPoint(event.clientX, event.clientY));
    const field = labElement("div", {
      class: it.plane ? "lab-paint plane" : "lab-paint",
      onpointerdown: (event) => {
        const at = cells.indexOf(event.target);
        if (at < 0) return;
        event.target.releasePointerCapture(event.pointerId);
        laying = !set.has(at);
        go(at);
        lay(at, laying);
      },
      onpointermove: (event) => { const at = under(event); if (laying !== null && !it.plane && at >= 0) lay(at, laying); },
      onclick: (event) => { // of a key: where the focus is, however it came there
        const at = cells.indexOf(event.target);
        if (event.detail !== 0 || at < 0) return;
        go(at);
        lay(at, !set.has(at));
      },
      onkeydown: (event) => {
        const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [];
        if (down === undefined) return;
        event.preventDefault();
        const at = cells.indexOf(event.target);
        const [row, column] = [Math.floor(at / width) + down, at % width + right];
        if (row < 0 || column < 0 || row >= height || column >= width) return;
        go(row * width + column);
        cells[here].focus();
      },
    }, ...cells);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => { laying = null; });
    field.style.setProperty("--columns", width);
    count();
    return labElement("fieldset", { class: "lab-painting" }, labElement("legend", {}, it.label, " ", many), field);
  },

  press(it, value, moved) {
    let count = value;
    return labElement("button", {
      type: "button", class: "lab-press", onclick: () => { count = (count + 1) % (it.round ?? Infinity); moved(count); },
    }, it.label);
  },
};

/* What an address says of a control, if it can be so. */
function labRead(it, said) {
  if (said === null) return it.start;
  if (it.kind === "choice") return it.options.map(([value]) => value).find((value) => String(value) === said) ?? it.start;
  if (it.kind === "text") return said.slice(0, it.most);
  if (it.kind === "paint") {
    const cells = said.split(".").filter(Boolean).map(Number);
    return cells.every((at) => Number.isInteger(at) && at >= 0 && at < it.image[0] * it.image[1]) ? cells : it.start;
  }
  const number = Number(said);
  if (said.trim() === "" || !Number.isFinite(number)) return it.start;
  if (it.kind === "press") return Math.max(0, Math.round(number)) % (it.round ?? Infinity);
  const steps = Math.round((Math.min(it.max, Math.max(it.min, number)) - it.min) / it.step);
  return Number((it.min + steps * it.step).toFixed(6));
}

/* ------------------------------------------------------------ a laboratory, opened */

class LabRoom {
  constructor(section) {
    this.name = section.dataset.lab;
    this.logic = labs.get(this.name);
    this.parts = labDecoded(labGiven.get(this.name));
    this.controls = this.logic.controls(this.parts);
    const asked = new URLSearchParams(location.search);
    const own = asked.get("lab") === this.name;
    this.state = Object.fromEntries(this.controls.map((it) => [it.name, labRead(it, own ? asked.get(it.name) : null)]));
    this.stage = labElement("div", { class: "lab-stage" });
    this.reads = labElement("dl", { class: "lab-reads" });
    this.voice = labElement("p", { class: "lab-says", "aria-live": "polite" });
    this.link = labElement("a", {}, "link to this state");
    this.levers = labElement("div", { class: "lab-levers" });
    const reset = labElement("button", { type: "button", onclick: () => this.reset() }, "begin again");
    const see = section.lastElementChild; // what is to be seen stands behind what shows it
    const rounded = labHasModel(this.parts) ? [labElement("p", { class: "lab-note" }, "The page computes with rounded weights: a share here may differ from one in the text by up to a point.")] : [];
    section.append(this.levers, this.stage, this.reads, this.voice, see, ...rounded,
      labElement("p", { class: "lab-line" }, this.link, " · ",
        labElement("a", { href: `#${section.dataset.cell}` }, "the cell behind it"), " · ", reset));
    this.build();
    this.show();
  }

  build() {
    this.levers.replaceChildren(...this.controls.map((it) => {
      const made = labControls[it.kind](it, this.state[it.name], (value) => { this.state[it.name] = value; this.show(it.name); });
      made.dataset.control = it.name;
      return made;
    }));
  }

  reset() {
    this.state = Object.fromEntries(this.controls.map((it) => [it.name, it.start]));
    this.build();
    this.show();
  }

  /* Draw, tell, and make the address of what is shown. `moved` is the control that was. */
  show(moved = "") {
    this.running = null;
    const { says, reads = [] } = this.logic.show(this, moved);
    for (const it of this.controls) {
      if (it.when) this.levers.querySelector(`[data-control="${it.name}"]`).hidden = !it.when(this.state);
    }
    this.tell(says, reads);
    const said = Object.entries(this.state).map(([name, value]) => [name, Array.isArray(value) ? value.join(".") : value]);
    const there = new URLSearchParams([["lab", this.name], ...said]);
    this.link.href = `?${there}#lab-${this.name}`;
  }

  /* The sentence is spoken when the lever has come to rest. */
  tell(says, reads) {
    this.reads.replaceChildren(...reads.map(([name, label, value, text, kind = ""]) => labElement("div", {},
      labElement("dt", { class: kind }, label), labElement("dd", { "data-reads": name, "data-value": value }, text))));
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => { this.voice.textContent = says; }, 300);
  }

  /* Work in slices, so that the page stays awake; given up when a lever moves. */
  slowly(steps, progress, done) {
    const mine = this.running = {};
    const slice = () => {
      if (this.running !== mine) return;
      const until = performance.now() + 12;
      for (let next = steps.next(); ; next = steps.next()) {
        if (next.done) { this.running = null; done(next.value); return; }
        if (performance.now() > until) { progress(next.value); break; }
      }
      setTimeout(slice);
    };
    setTimeout(slice);
  }
}

function labOpen(section) { return new LabRoom(section); }
