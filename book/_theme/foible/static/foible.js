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
  button.type = "button";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(block.querySelector("pre").innerText);
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
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
}
addEventListener("hashchange", unfold);
unfold();
addEventListener("beforeprint", () => {
  for (const fold of document.querySelectorAll(".text details:not([open])")) fold.open = true;
});

/* Where the reader is. */
const entries = new Map([...document.querySelectorAll(".here a")].map(
  (link) => [document.getElementById(decodeURIComponent(link.hash.slice(1))), link]));
const seen = new IntersectionObserver((changes) => {
  for (const { target, isIntersecting } of changes) target.inView = isIntersecting;
  const now = [...entries.keys()].find((section) => section?.inView);
  for (const [section, link] of entries) link.classList.toggle("now", section === now);
}, { rootMargin: "-10% 0px -60% 0px" });
for (const section of entries.keys()) if (section) seen.observe(section);
