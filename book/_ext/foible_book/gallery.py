"""Where are all figures, and each alone? In the gallery, and at `figures/<label>.html`.

    ```{figure-gallery}     every figure by chapter, and a list of them by kind

For machines the same is in `figures.json`. The page of a figure alone is for a frame in
somebody's page, or for a projector: caption, source, a link to the chapter, no menu.
"""

import json
from collections.abc import Iterable
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from foible_book import figures, frame, menus, plates
from foible_book.plates import FOLDER, Plate

FILE = "figures.json"
AFTER_WRITING = 800
ALONE = """<!DOCTYPE html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta http-equiv="Content-Security-Policy" content="{policy}">
  <meta name="color-scheme" content="light dark">
  <meta name="description" content="{alt}">
  <title>{message} · Foible</title>{canonical}
  <link rel="stylesheet" href="../_static/foible.css">
  <link rel="icon" href="../_static/favicon.svg">
</head>
<body class="alone">
<main>
<article class="text">
<h1>{message}</h1>
<figure id="{label}">{shown}
<figcaption>
<p>{caption}</p>
<p><a href="../{chapter}#{label}" target="_top">{name}</a></p>
<p class="source">{source}</p>
</figcaption>
</figure>
</article>
</main>
</body>
</html>
"""


def gallery(app: Sphinx, page: str, _: str) -> str:
    """Every figure by its chapter, with its menu; before that, by kind."""
    known = list(plates.all_of(app))
    parts = [_by_kind(known)]
    for chapter, those in groupby(known, lambda plate: plate.page):
        title = escape(app.env.titles[chapter].astext())
        items = "".join(_item(app, page, plate) for plate in those)
        parts.append(f'<h2>{title}</h2><div class="gallery">{items}</div>')
    return "".join(parts)


def _by_kind(known: list[Plate]) -> str:
    """A line for each kind, with links to its figures in the gallery."""
    kinds = sorted({plate.kind for plate in known if plate.kind})
    lines = []
    for kind in kinds:
        those = [plate for plate in known if plate.kind == kind]
        chapters = groupby(those, lambda plate: plate.chapter)
        links = " · ".join(_numbers(chapter, plates) for chapter, plates in chapters)
        lines.append(f"<dt>{kind.capitalize()}</dt><dd>{links}</dd>")
    return f'<dl class="kinds">{"".join(lines)}</dl>'


def _numbers(chapter: str, those: Iterable[Plate]) -> str:
    """A chapter, and links to some of its figures by their numbers."""
    links = (
        f'<a href="#{p.label}" title="{escape(p.message)}">{p.number}</a>'
        for p in those
    )
    return f"{escape(chapter)} {', '.join(links)}"


def _item(app: Sphinx, page: str, plate: Plate) -> str:
    """A figure small, with its message, where it is explained, and its menu."""
    here = "../" * page.count("/") + FOLDER
    link = f"{app.builder.get_relative_uri(page, plate.page)}#{plate.label}"
    return (
        f'<figure id="{plate.label}">'
        f"{figures.shown(plate, here)}<figcaption>"
        f'<p><a href="{link}">{escape(plate.message)}</a></p>'
        f"<p>{escape(plate.name)} · {plate.kind}</p>"
        f"{menus.menu(plate, here)}</figcaption></figure>"
    )


def write_alone(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Write the page of each figure, with the caption that its chapter shows."""
    known = plates.of_page(app, page)
    for figure in doctree.findall(nodes.figure):
        if plate := known.get(next(iter(figure["ids"]), "")):
            captions = (part.astext() for part in figure.findall(nodes.caption))
            html = alone(app, plate, plates.reading(" ".join(captions)))
            path = Path(app.outdir, FOLDER, f"{plate.label}.html")
            path.write_text(html, encoding="utf-8")


def alone(app: Sphinx, plate: Plate, caption: str) -> str:
    """The page of one figure."""
    address = escape(plate.address(".html"))
    return ALONE.format(
        policy=escape(frame.policy(), quote=False),
        message=escape(plate.message),
        alt=escape(plate.alt),
        canonical=f'\n  <link rel="canonical" href="{address}">' if address else "",
        label=plate.label,
        shown=figures.shown(plate, "."),
        chapter=app.builder.get_target_uri(plate.page),
        name=escape(plate.name),
        caption=escape(caption),
        source=escape(plate.source),
    )


def machine_readable(app: Sphinx, plate: Plate) -> dict[str, Any]:
    """What is known of a figure, with its files."""
    there = Path(app.outdir, FOLDER)
    files = sorted(p for p in there.iterdir() if figures.label_of(p) == plate.label)
    width, height = plate.sizes[plates.PAGE]
    return {
        "label": plate.label,
        "chapter": plate.chapter,
        "page": app.builder.get_target_uri(plate.page),
        "number": plate.number,
        "message": plate.message,
        "alt": plate.alt,
        "kind": plate.kind,
        "files": [f"{FOLDER}/{path.name}" for path in files],
        "size": {"width": width, "height": height},
        "citation": plate.citation,
        "licence": plates.TERMS,
        "version": plate.version,
    }


def publish(app: Sphinx, error: Exception | None) -> None:
    """Write what machines read, beside the pages."""
    if error is None and app.builder.format == "html":
        known = [machine_readable(app, plate) for plate in plates.all_of(app)]
        text = json.dumps(known, indent=1, ensure_ascii=False) + "\n"
        path = Path(app.outdir, FILE)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Show every figure."""
    app.setup_extension("foible_book.figures")
    app.connect("doctree-resolved", write_alone, priority=555)  # before the menus
    app.connect("build-finished", publish, priority=AFTER_WRITING)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
