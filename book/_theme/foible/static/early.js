try { const theme = localStorage.getItem("theme"); if (theme) document.documentElement.dataset.theme = theme; } catch {}
{ const asked = new URLSearchParams(location.search).get("lab"); // it loads beside the page
  for (const { dataset, content } of document.querySelectorAll("meta[name=lab]")) {
    if (dataset.lab !== asked) continue;
    for (const href of content.split(" ")) document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", href }));
  } }
