"""How do slides become a deck that anybody can open? As a page beside its files.

The data of a deck are those of `slides/<stem>.json`. The page is reveal.js with a style
and a script of ours, no other host and no inline style; without scripts, and in print,
the slides stand one below the other. What a deck shows of the book's numbers travels
with it as data, so that `make check-deck` can say later which have moved.
"""

import json
import shutil
from functools import cache
from html import escape
from pathlib import Path, PurePosixPath
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from foible_book import frame, marks, slim
from foible_book.cite import BOOK

FOLDER = "slides"
HOME = frame.THEME / "deck"
STATIC = frame.THEME / "static"
FILES = ("deck.css", "deck.js", "reveal/reveal.js", "reveal/reveal.css")
LICENCES = ("reveal/LICENSE.txt",)
WORKS = 8  # on one slide
CLOSING = "References, and how to cite this"
REFERENCES = "references"  # where a chapter lists them
Deck = dict[str, Any]
Slide = dict[str, Any]


def address(page: str) -> str:
    """Where the deck of a page of the book lies, from there."""
    return f"{'../' * page.count('/')}{FOLDER}/{PurePosixPath(page).name}.html"


def equip(folder: Path) -> None:
    """Put what all decks of a folder share into it, once."""
    for name in FILES + LICENCES:
        _copy(HOME / name, folder / "assets" / name)
    for path in (STATIC / "favicon.svg", *(STATIC / "fonts").iterdir()):
        _copy(path, folder / "assets" / path.relative_to(STATIC))


def _copy(source: Path, target: Path) -> None:
    if not target.exists() or target.read_bytes() != source.read_bytes():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)


def page(deck: Deck, *, up: str) -> str:
    """The deck as HTML; `up` leads from it to the folder that holds `figures`."""
    html: str = _template().render(
        deck=deck,
        up=up,
        link=lambda slide: _link(deck, slide, up),
        minutes=sum(slide["minutes"] for slide in deck["slides"]),
        carried=carried(deck),
        policy=frame.policy(),
        early=frame.early(),
    )
    return html


@cache
def _template() -> Any:
    surroundings = Environment(
        loader=FileSystemLoader(HOME),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return surroundings.get_template("deck.html")


def _link(deck: Deck, slide: Slide, up: str) -> str:
    """The place in the book that a slide is of; "" if it is out of reach."""
    base = deck["base"] or (up if deck.get("beside", True) else "")
    page = slide.get("page", deck["page"])
    anchor = f"#{slide['anchor']}" if slide["anchor"] else ""
    return f"{base}{page}{anchor}" if base and page else ""


def carried(deck: Deck) -> str:
    """The numbers that a deck shows, and on which slides, as JSON."""
    shown = {
        name: {
            "text": text,
            "slides": [
                number
                for number, slide in enumerate(deck["slides"], 1)
                if name in slide["findings"]
            ],
        }
        for name, text in deck["findings"].items()
    }
    told = {"version": deck["version"], "findings": shown}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).replace("<", "\\u003c")


def citation(deck: Deck) -> str:
    """How to cite the chapter, as HTML in one line."""
    address = f"{deck['base']}{deck['page']}" if deck["base"] else ""
    where = f' <a href="{escape(address)}">{escape(address)}</a>.' if address else ""
    version = f" Version {deck['version']}." if deck["version"] else ""
    return (
        f"{escape(deck['author'])} ({escape(deck['year'])}). "
        f"{escape(deck['title'])}. In <em>{escape(BOOK)}</em>.{escape(version)}{where}"
        " Text and figures: CC BY 4.0."
    )


def closing(slides: list[Slide], citations: list[str]) -> list[Slide]:
    """What the slides cite, a few a slide, and at last how to cite the book."""
    works = sorted({work for slide in slides for work in slide["works"]})
    pieces = -(-len(works) // WORKS)
    size = -(-len(works) // pieces) if works else 0
    dealt = [works[n : n + size] for n in range(0, len(works), size)] if works else [[]]
    made = []
    for number, some in enumerate(dealt, 1):
        items = [f"<p>{escape(work)}</p>" for work in some]
        if number == len(dealt):
            items += [f'<p class="cite">{line}</p>' for line in citations]
        made.append(_references("".join(items), CLOSING, number))
    return made


def _references(html: str, heading: str, number: int) -> Slide:
    minutes, priority = marks.KINDS["references"]
    return {
        "kind": "references",
        "anchor": REFERENCES,
        "heading": heading + (", continued" if number > 1 else ""),
        "minutes": minutes,
        "priority": priority,
        "blocks": [{"form": "prose", "html": html, "step": len(slim.STEPS) - 1}],
        "notes": [],
        "findings": [],
        "works": [],
    }
