/* What the pages can do besides being read: all of it can be missing. */
"use strict";

/* Light or dark: the system's wish, until the reader has another. */
const root = document.documentElement;
const shade = document.querySelector(".shade");
shade.hidden = false;
shade.addEventListener("click", () => {
  const asked = root.dataset.theme;
  const dark = asked ? asked === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* storage is blocked */ }
});

/* Copy what a block of code says. */
for (const block of document.querySelectorAll(".text div[class*='highlight-']")) {
  if (block.closest(".cell_output") || !navigator.clipboard) continue;
  const button = document.createElement("button");
  button.className = "copy";
  const words = `Copy ${block.dataset.name ?? ""}`.trim();
  button.type = "button";
  button.textContent = words;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").innerText);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = words; }, 1500);
  });
  block.append(button);
}

/* The menu closes when the reader looks elsewhere. */
const menu = document.querySelector(".menu");
addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
addEventListener("keydown", (event) => { if (event.key === "Escape") menu.open = false; });

/* A link to something in a fold opens the fold; print opens all. */
function unfold() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  for (let fold = target?.closest("details"); fold; fold = fold.parentElement.closest("details")) {
    if (!fold.open) { fold.open = true; target.scrollIntoView(); }
  }
  const code = target?.matches(".made") && target.querySelector("details");
  if (code) { code.open = true; target.scrollIntoView(); }
}
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll(".text details:not([open])")) fold.open = true;
});

/* Where nothing hovers, the first tap on a number says what is known of it, the next leads on. */
let told = null;
if (matchMedia("(hover: none)").matches) {
  addEventListener("click", (event) => {
    const number = event.target.closest(".found[title]");
    if (number && number !== told) { event.preventDefault(); number.focus(); }
    told = number;
  });
}

/* A figure on the whole screen: the drawing of the theme and of the screen, by a click or a key. */
for (const line of document.querySelectorAll(".foible-figure-line")) {
  const drawing = line.closest("figure")?.querySelector(".foible-drawing");
  if (!drawing) continue;
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "full screen";
  line.prepend(button, " · ");
  const enlarge = () => {
    const dialog = document.createElement("dialog");
    dialog.setAttribute("aria-label", "Figure on the whole screen");
    const close = document.createElement("button");
    close.type = "button";
    close.textContent = "Close ✕";
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => { dialog.remove(); button.focus(); });
    dialog.append(close, drawing.cloneNode(true));
    document.body.append(dialog);
    dialog.showModal();
  };
  button.addEventListener("click", enlarge);
  drawing.addEventListener("click", enlarge);
}

/* Where the reader is. */
const entries = new Map([...document.querySelectorAll(".here a")].map(
  (link) => [document.getElementById(decodeURIComponent(link.hash.slice(1))), link]));
const seen = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) target.inView = isIntersecting;
  const now = [...entries.keys()].find((section) => section?.inView);
  for (const [section, link] of entries) link.classList.toggle("now", section === now);
}, { rootMargin: "-10% 0px -60% 0px" });
for (const section of entries.keys()) if (section) seen.observe(section);

/* Search: sections by their words, as one types. The index is loaded at the first letter. */
const field = document.querySelector(".find input");
const hints = document.createElement("ul");
hints.className = "hints";
hints.hidden = true;
field.parentElement.append(hints);
let book = null;
let loading = false;
const coming = new Set();
const up = root.dataset.content_root;

function foibleIndex(given) {
  book = given;
  book.words = Object.fromEntries([...book.letters].map((letter) => [letter, null]));
  show();
}

/* The words with one first letter, each with its sections, as steps from one to the next. */
function foibleWords(first, said) {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  book.words[first] = said.split(" ").map((entry) => {
    const [word, steps] = entry.split(":");
    let at = 0;
    return [word, [...steps.matchAll(/(\d*)(\D)/g)].map(([, many, letter]) =>
      (at += letters.length * many + letters.indexOf(letter)))];
  });
  show();
}

function script(name) {
  const element = document.createElement("script");
  element.src = up + name;
  document.head.append(element);
}

function load() {
  if (loading) return;
  loading = true;
  script("search-index.js");
}

/* Whether the words that a query needs are here; what is not here yet is asked for. */
function here(query) {
  const asked = `${query.toLowerCase()} ${book.aliases[query.toLowerCase().trim()] ?? ""}`;
  const firsts = new Set((asked.match(/[a-z0-9]+/g) ?? []).map((word) => word[0]));
  const away = [...firsts].filter((first) => book.words[first] === null);
  for (const first of away) {
    if (!coming.has(first)) script(`search/${first}.js`);
    coming.add(first);
  }
  return !away.length;
}

/* Whether a word of the book is one that was asked for: it begins so, in one or in many. */
function fits(other, word) {
  return other.startsWith(word) || word.length > 3 && other.startsWith(word.replace(/e?s$/, ""));
}

/* Each section that has all words, else some; a word in its title counts most, a term too; the reference comes last. */
function search(query) {
  const asked = query.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  if (!asked.length) return [];
  const known = book.aliases[query.toLowerCase().trim()];
  const ways = known ? [asked, known.split(" ")] : [asked];
  const scores = new Map();
  for (const way of ways) {
    const found = way.map((word) => {
      const hits = new Map();
      for (const [other, places] of book.words[word[0]] ?? []) {
        if (!fits(other, word)) continue;
        for (const at of places) {
          hits.set(at, Math.max(hits.get(at) ?? 0, other === word ? 2 : 1));
        }
      }
      return hits;
    }).filter((hits) => hits.size);
    const sections = new Set(found.flatMap((hits) => [...hits.keys()]));
    const having = (at) => found.filter((hits) => hits.has(at)).length;
    const most = Math.max(0, ...[...sections].map(having));
    for (const at of sections) {
      if (having(at) < most) continue;
      const first = found.find((hits) => hits.has(at)).get(at);
      const [page, , title] = book.sections[at];
      const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
      const titled = way.filter((word) => words.some((other) => fits(other, word))).length;
      const whole = titled === way.length ? 10 / words.length : 0;
      const term = book.pages[page][0].includes("glossary") && titled ? 30 : 0;
      const code = book.pages[page][0].includes("/reference/") ? 12 : 0;
      const score = first + 8 * titled + whole + term - code;
      scores.set(at, Math.max(scores.get(at) ?? 0, score));
    }
  }
  return [...scores].sort((one, other) => other[1] - one[1] || one[0] - other[0]).map(([at]) => at);
}

function entry(at) {
  const [page, anchor, title] = book.sections[at];
  const [address, name] = book.pages[page];
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `${up}${address}#${anchor}`;
  link.append(title);
  const where = document.createElement("span");
  where.textContent = title === name ? "" : name;
  link.append(where);
  item.append(link);
  return item;
}

function missing(query) {
  const words = ` ${query.toLowerCase()}`;
  const absent = Object.entries(book.absent).find(([what]) => words.includes(` ${what}`));
  return absent?.[1] ?? "";
}

function show() {
  const query = field.value;
  if (!book || !here(query)) return;
  const found = search(query).slice(0, 8);
  hints.replaceChildren(...found.map(entry));
  const said = missing(query) || (found.length ? "" : `Nothing in the book has “${query}”.`);
  if (said) {
    const item = document.createElement("li");
    item.textContent = said;
    hints.prepend(item);
  }
  hints.hidden = !query.trim() || document.activeElement !== field && !hints.contains(document.activeElement);
  const list = document.getElementById("search-found");
  if (!list) return;
  const asked = new URLSearchParams(location.search).get("q") ?? "";
  const all = search(asked);
  list.replaceChildren(...all.slice(0, 50).map(entry));
  const count = all.length === 1 ? "one section" : `${all.length} sections`;
  document.getElementById("search-said").textContent = [missing(asked), asked && `“${asked}”: ${count}.`].join(" ").trim();
}

field.addEventListener("focus", load);
field.addEventListener("input", () => { load(); show(); });
field.addEventListener("keydown", (event) => {
  if (event.key === "ArrowDown") { hints.querySelector("a")?.focus(); event.preventDefault(); }
  if (event.key === "Escape") hints.hidden = true;
});
hints.addEventListener("keydown", (event) => {
  const links = [...hints.querySelectorAll("a")];
  const at = links.indexOf(document.activeElement);
  if (event.key === "ArrowDown") { links[at + 1]?.focus(); event.preventDefault(); }
  if (event.key === "ArrowUp") { (links[at - 1] ?? field).focus(); event.preventDefault(); }
  if (event.key === "Escape") { hints.hidden = true; field.focus(); }
});
addEventListener("keydown", (event) => {
  const writing = event.target.closest("input, textarea, select, [contenteditable]");
  if (event.key === "/" && !writing) { field.focus(); event.preventDefault(); }
});
addEventListener("click", (event) => { if (!field.parentElement.contains(event.target)) hints.hidden = true; });
if (document.getElementById("search-found")) {
  field.value = new URLSearchParams(location.search).get("q") ?? "";
  load();
}

/* The menu of a figure: what it says goes to the clipboard; it closes as other menus do. */
for (const button of document.querySelectorAll(".take button")) {
  if (!navigator.clipboard) continue;
  button.closest("li").hidden = false;
  button.addEventListener("click", async () => {
    const { link, copy } = button.dataset;
    await navigator.clipboard.writeText(link ? new URL(link, location.href).href : copy);
    const says = button.textContent;
    button.textContent = "copied";
    setTimeout(() => { button.textContent = says; }, 1500);
  });
}
addEventListener("click", (event) => {
  for (const take of document.querySelectorAll(".take[open]")) {
    if (!take.contains(event.target)) take.open = false;
  }
});
addEventListener("keydown", (event) => {
  const take = event.key === "Escape" && document.querySelector(".take[open]");
  if (take) { take.open = false; take.querySelector("summary").focus(); }
});

/* A laboratory: the question first, then the experiment. What it is made of comes when it is near. */
const scripts = new Map();
function loaded(address) {
  if (!scripts.has(address)) {
    scripts.set(address, new Promise((resolve, reject) => {
      const element = document.createElement("script");
      element.src = address;
      element.async = false;
      element.addEventListener("load", resolve);
      element.addEventListener("error", () => reject(new Error(`${address} did not come`)));
      document.head.append(element);
    }));
  }
  return scripts.get(address);
}

for (const section of document.querySelectorAll(".lab[data-scripts]")) {
  const { lab: name, guess, answers, scripts: made } = section.dataset;
  const come = () => Promise.all(made.split(" ").map(loaded));
  const sentences = [...section.children];
  const question = document.createElement("fieldset");
  const legend = document.createElement("legend");
  question.className = "lab-guess";
  legend.textContent = guess;
  question.append(legend);
  const open = async (said) => {
    question.classList.add("told");
    question.replaceChildren(...(said ? [legend, `You guessed: ${said}.`] : [legend]));
    for (const sentence of sentences) sentence.hidden = false;
    try {
      const asked = performance.now();
      await come();
      labOpen(section);
      performance.measure(`laboratory ${name}`, { start: asked });
    } catch (error) {
      section.append(`The laboratory cannot be shown: ${error.message}. Load the page again.`);
    }
  };
  for (const answer of JSON.parse(answers)) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = answer;
    button.addEventListener("click", () => open(answer));
    question.append(button);
  }
  for (const sentence of sentences) sentence.hidden = true;
  section.prepend(question);
  section.hidden = false;
  if (new URLSearchParams(location.search).get("lab") === name) open("");
  else new IntersectionObserver((seen, watch) => {
    if (!seen.some((it) => it.isIntersecting)) return;
    watch.disconnect();
    come().catch(() => {});
  }, { rootMargin: "400px" }).observe(section);
}
