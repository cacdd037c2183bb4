/* The deck on a screen: reveal.js, light or dark by a key, and a window for the speaker. */
"use strict";

const root = document.documentElement;
const speaking = new URLSearchParams(location.search).has("speaker");
if (/print-pdf/.test(location.search)) history.replaceState(null, "", location.pathname);
root.classList.add("ready");
root.classList.toggle("speaking", speaking);

const deck = new Reveal(document.querySelector(".reveal"), {
  width: 1280,
  height: 720,
  margin: 0,
  minScale: 0.1,
  maxScale: 4,
  center: false,
  display: "grid",
  embedded: speaking,
  hash: !speaking,
  transition: "none",
  backgroundTransition: "none",
  postMessage: false,
  scrollActivationWidth: 0,
  keyboardCondition: null,
});

/* Both windows say where they are; only the other one is heard. */
let other = window.opener;
const tell = () => other?.postMessage({ slide: deck.getState() }, "*");
let told = "";
addEventListener("message", (event) => {
  if (event.source !== other || !event.data?.slide) return;
  told = JSON.stringify(event.data.slide);
  deck.setState(event.data.slide);
});
const moved = () => {
  if (JSON.stringify(deck.getState()) !== told) tell();
};

const shade = () => {
  const dark = getComputedStyle(document.body).colorScheme === "dark"
    || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch {}
};

const add = (parent, tag, name, text = "") => {
  const made = document.createElement(tag);
  made.className = name;
  made.textContent = text;
  parent.append(made);
  return made;
};

/* What the audience does not see: notes, minutes, the time, and what comes next. */
const speak = () => {
  const panel = document.createElement("aside");
  panel.className = "speaker";
  panel.setAttribute("aria-label", "For the speaker");
  const clock = add(panel, "p", "clock");
  const notes = add(panel, "div", "said");
  const next = add(panel, "p", "next");
  document.body.append(panel);
  const slides = deck.getSlides();
  const upTo = (end) => slides.slice(0, end)
    .reduce((sum, slide) => sum + Number(slide.dataset.minutes), 0);
  const began = Date.now();
  const show = () => {
    const here = slides.indexOf(deck.getCurrentSlide());
    notes.replaceChildren(...slides[here].querySelector(".notes").cloneNode(true).childNodes);
    const after = slides[here + 1]?.querySelector("h1, h2").textContent;
    next.textContent = after ? `Next: ${after}` : "This is the last slide.";
    tick();
  };
  const tick = () => {
    const here = slides.indexOf(deck.getCurrentSlide());
    const spent = Math.floor((Date.now() - began) / 1000);
    const shown = `${Math.floor(spent / 60)}:${String(spent % 60).padStart(2, "0")}`;
    clock.textContent = `${shown} spoken, ${upTo(here)} to ${upTo(here + 1)} of ${upTo()} min planned`;
  };
  deck.on("slidechanged", show);
  show();
  setInterval(tick, 1000);
};

deck.addKeyBinding({ keyCode: 68, key: "D", description: "Light or dark" }, shade);
deck.addKeyBinding({ keyCode: 83, key: "S", description: "Window for the speaker" }, () => {
  other = window.open(`${location.pathname}?speaker${location.hash}`, "speaker", "width=1200,height=700");
});
deck.initialize().then(() => {
  deck.on("slidechanged", moved);
  if (!speaking) return;
  speak();
  const wanted = location.hash.slice(2);
  const at = deck.getSlides().findIndex((slide) => slide.id === wanted);
  if (at > 0) deck.slide(at);
});
