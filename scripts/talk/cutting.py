"""Which slides make a talk of so many minutes? Those that must be shown, then others.

Every slide of a chapter has its minutes and a priority: 1 must, 2 should, 3 may. All of
the first are in the talk. The others follow while there is time, first all that should
be, chapter by chapter in turn, so that no chapter takes what is left.
"""

from collections.abc import Iterator
from itertools import chain, zip_longest
from typing import Any

from foible_book import decks

Deck = dict[str, Any]
Slide = dict[str, Any]
MUST, MAY = 1, 3


class TooShort(ValueError):
    """There is no time for what must be shown."""


def talk(chapters: list[Deck], *, minutes: int) -> Deck:
    """One deck from several, of at most so many minutes.

    Raises
    ------
    TooShort
        When what must be shown takes longer.
    """
    offered = [[s for s in deck["slides"] if s["minutes"]] for deck in chapters]
    chosen = {id(slide) for slide in _chosen(offered, minutes)}
    slides = [
        slide | {"page": deck["page"], "chapter": deck["title"]}
        for deck, those in zip(chapters, offered, strict=True)
        for slide in those
        if id(slide) in chosen
    ]
    shown = {name for slide in slides for name in slide["findings"]}
    known = {name: text for deck in chapters for name, text in deck["findings"].items()}
    titles = [deck["title"] for deck in chapters]
    return chapters[0] | {
        "stem": "talk",
        "title": "; ".join(titles),
        "page": "",
        "beside": False,
        "findings": {name: known[name] for name in sorted(shown)},
        "slides": slides + decks.closing(slides, list(map(decks.citation, chapters))),
    }


def least(offered: list[list[Slide]]) -> int:
    """The minutes of what must be shown."""
    return sum(s["minutes"] for s in chain(*offered) if s["priority"] == MUST)


def _chosen(offered: list[list[Slide]], minutes: int) -> Iterator[Slide]:
    """What must be shown, and what fits besides."""
    left = minutes - least(offered)
    if left < 0:
        raise TooShort(
            f"got {minutes} minutes; wanted {least(offered)} at least, which the "
            "slides that must be shown take: give more time, or fewer chapters"
        )
    for priority in range(MUST, MAY + 1):
        ranked = [[s for s in those if s["priority"] == priority] for those in offered]
        for slide in filter(None, chain(*zip_longest(*ranked))):
            if priority == MUST:
                yield slide
            elif slide["minutes"] <= left:
                left -= slide["minutes"]
                yield slide
