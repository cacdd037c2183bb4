"""How do I get a talk? `make talk MINUTES=20 CHAPTERS="supply_chain backdoor"`.

It is made from the built site into `_build/talk`: a folder that works anywhere, and in
it `talk.html`, `talk.pdf` (by Chromium, if that is here) and `talk.pptx`.
"""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from foible_book import decks
from talk import cutting, powerpoint, printing

SITE, OUT = Path("_build/html"), Path("_build/talk")


def read(site: Path, stems: list[str]) -> list[dict[str, Any]]:
    """The decks of these chapters, or one error that lists those that there are."""
    folder = site / decks.FOLDER
    there = sorted(path.stem for path in folder.glob("*.json"))
    if not there:
        sys.exit(f"{folder} holds no slides: run 'make book' first")
    missing = [stem for stem in stems if stem not in there]
    if missing or not stems:
        said = ", ".join(missing) or "no chapter"
        sys.exit(f'got {said}; wanted CHAPTERS="..." of {", ".join(there)}')
    paths = [folder / f"{stem}.json" for stem in dict.fromkeys(stems)]
    return [json.loads(path.read_text(encoding="utf-8")) for path in paths]


def make(site: Path, out: Path, deck: dict[str, Any]) -> None:
    """Write the folder of a talk anew."""
    shutil.rmtree(out, ignore_errors=True)
    decks.equip(out)
    (out / "figures").mkdir()
    blocks = [block for slide in deck["slides"] for block in slide["blocks"]]
    for label in {block["label"] for block in blocks if block["form"] == "figure"}:
        for end in ("-page.svg", "-page-dark.svg"):
            shutil.copyfile(
                site / "figures" / f"{label}{end}", out / "figures" / f"{label}{end}"
            )
    page = out / "talk.html"
    page.write_text(decks.page(deck, up=""), encoding="utf-8")
    powerpoint.write(deck, site / "figures", out / "talk.pptx")


def main(minutes: str, chapters: str) -> None:
    """Make a talk, and say what was made."""
    if not minutes.isdecimal():
        sys.exit(f"got MINUTES={minutes or 'nothing'}; wanted a number, as in 20")
    chosen = read(SITE, chapters.replace(",", " ").split())
    try:
        deck = cutting.talk(chosen, minutes=int(minutes))
    except cutting.TooShort as error:
        sys.exit(str(error))
    make(SITE, OUT, deck)
    spoken = sum(slide["minutes"] for slide in deck["slides"])
    print(f"{len(deck['slides'])} slides of {spoken} minutes:")
    print(f"  {OUT / 'talk.html'}, with the folder around it\n  {OUT / 'talk.pptx'}")
    print(f"  {printing.pdf(OUT / 'talk.html', OUT / 'talk.pdf')}")


if __name__ == "__main__":
    main(*sys.argv[1:3])
