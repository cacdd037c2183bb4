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

const LAB_KINDS = { u1: Uint8Array, i1: Int8Array, i2: Int16Array, f4: Float32Array };

/* Numbers as a list of float64, and their shape. */
function labNumbers({ bytes, kind, shape, least = 0, levels = 1 }) {
  const raw = Uint8Array.from(atob(bytes), (letter) => letter.charCodeAt(0));
  const whole = new LAB_KINDS[kind](raw.buffer);
  return { shape, values: Float64Array.from(whole, (value) => least + value / levels) };
}

function labDecoded(part) {
  if (part === null || typeof part !== "object" || Array.isArray(part)) return part;
  if ("bytes" in part) return labNumbers(part);
  if ("layers" in part) return new LabNetwork(part.layers);
  return Object.fromEntries(Object.entries(part).map(([name, it]) => [name, labDecoded(it)]));
}

/* Row i of numbers of shape (n, d). */
function labRow({ values, shape }, i) { return values.subarray(i * shape[1], (i + 1) * shape[1]); }

/* ------------------------------------------------------------ networks */

/* Layers with ReLU between them: scores of a row, and the slope of its loss by the row. */
class LabNetwork {
  constructor(layers) {
    this.layers = layers.map(({ weight, scale, bias }) => {
      const { values, shape: [a, b] } = labNumbers(weight);
      const by = scale ? labNumbers(scale).values : null;
      if (by) for (let i = 0; i < values.length; i += 1) values[i] *= by[i % b];
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

function labPercent(share, digits = 0) { return `${(100 * share).toFixed(digits).replace("-", "−")} %`; }

/* ------------------------------------------------------------ what is moved */

/* One control, of a kind:
   range   min, max, step, says(value): a lever
   choice  options [[value, label or element]]: one of a few
   press   a button that counts its presses; `again` labels it after the first */
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

  press(it, value, moved) {
    let count = value;
    return labElement("button", {
      type: "button", class: "lab-press", onclick: () => { count += 1; moved(count); },
    }, it.label);
  },
};

/* What an address says of a control, if it can be so. */
function labRead(it, said) {
  if (said === null) return it.start;
  if (it.kind === "choice") return it.options.map(([value]) => value).find((value) => String(value) === said) ?? it.start;
  const number = Number(said);
  if (said.trim() === "" || !Number.isFinite(number)) return it.start;
  if (it.kind === "press") return Math.max(0, Math.round(number));
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
    section.append(this.levers, this.stage, this.reads, this.voice,
      labElement("p", { class: "lab-line" }, this.link, " · ", reset));
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
    const there = new URLSearchParams({ lab: this.name, ...this.state });
    this.link.href = `?${there}#lab-${this.name}`;
  }

  /* The sentence is spoken when the lever has come to rest. */
  tell(says, reads) {
    this.reads.replaceChildren(...reads.flatMap(([name, label, value, text]) => [
      labElement("dt", {}, label), labElement("dd", { "data-reads": name, "data-value": value }, text)]));
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
