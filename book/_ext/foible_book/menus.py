"""What can a reader do with a figure besides looking at it? Take it away, and cite it.

The menu is a fold of plain links, which works by keyboard and without a script, and of
which one is open at a time; what copies needs a script, and is hidden without.
"""

from html import escape

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from foible_book import plates
from foible_book.plates import Plate

LINKS = {
    ".svg": "SVG",
    "-dark.svg": "SVG, dark",
    ".png": "PNG, 2400 pixels",
    "-dark.png": "PNG, dark and transparent",
    "-source.svg": "SVG with message and source",
    "-source.png": "PNG with message and source",
    ".csv": "the numbers behind it, CSV",
    ".html": "the figure alone, for a screen or a frame",
}


def menu(plate: Plate, here: str) -> str:
    """The line under a figure: its address, and the fold with all that can be done.

    `here` leads from the page to the folder of figures.
    """
    there = f"{here}/{plate.label}"
    ends = [end for end in LINKS if end != ".csv" or plate.rows]
    links = [f'<li><a href="{there}{end}">{LINKS[end]}</a></li>' for end in ends]
    copies = {
        "link": ("data-link", f"{there}.html"),
        "citation": ("data-copy", plate.citation),
        "alt text": ("data-copy", plate.alt),
    }
    buttons = [
        f'<li hidden><button type="button" {name}="{escape(text)}">copy {what}</button>'
        "</li>"
        for what, (name, text) in copies.items()
    ]
    return (
        '<div class="foible-figure-line">'
        f'<a href="#{plate.label}">link</a> · '
        f'<details class="take" name="take"><summary>take this figure</summary>'
        f"<ul>{''.join(links + buttons)}</ul></details></div>"
    )


def offer(app: Sphinx, doctree: nodes.document, page: str) -> None:
    """Put the menu under every figure of a page."""
    known = plates.of_page(app, page)
    here = "../" * page.count("/") + plates.FOLDER
    for figure in doctree.findall(nodes.figure):
        if plate := known.get(next(iter(figure["ids"]), "")):
            figure += nodes.raw("", menu(plate, here), format="html")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer the menu."""
    app.setup_extension("foible_book.figures")
    app.connect("doctree-resolved", offer, priority=560)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
