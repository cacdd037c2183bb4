"""Which numbers of a deck have moved since it was made?

    make check-deck FILE=talk.html      or talk.pptx

A deck carries the findings that it shows, by name and text. They are compared with
those of the built site, `findings.json`, whatever has become of the deck's own words.
"""

import json
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from bs4 import BeautifulSoup

from talk import powerpoint

SITE = Path("_build/html")
WANTED = "wanted a deck of this book, .html or .pptx"


def carried(path: Path) -> dict[str, Any]:
    """What a deck says of its numbers."""
    if not path.is_file():
        sys.exit(f"got FILE={path}, which is no file; {WANTED}")
    found = _from_slides(path) if path.suffix == ".pptx" else _from_page(path)
    if not found:
        sys.exit(f"got {path}, which carries no findings; {WANTED}")
    told: dict[str, Any] = json.loads(found)
    return told


def _from_page(path: Path) -> str:
    soup = BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")
    data = soup.find(id="carried")
    return data.get_text() if data else ""


def _from_slides(path: Path) -> str:
    """The part that carries them; other programs may have given it another name."""
    try:
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                data = archive.read(name)
                if powerpoint.NAMESPACE.encode() in data and name.endswith(".xml"):
                    return ElementTree.fromstring(data).text or ""  # noqa: S314
    except zipfile.BadZipFile:
        sys.exit(f"got {path}, which is no file of slides; {WANTED}")
    return ""


def moved(told: dict[str, Any], known: dict[str, Any]) -> Iterator[str]:
    """A line for each number that is not as the deck shows it."""
    for name, shown in sorted(told["findings"].items()):
        places = ", ".join(map(str, shown["slides"]))
        where = f"slide{'s' if len(shown['slides']) > 1 else ''} {places}"
        if name not in known:
            yield f"gone   {name}: was {shown['text']} ({where})"
        elif known[name]["text"] != shown["text"]:
            yield f"moved  {name}: {shown['text']} -> {known[name]['text']} ({where})"


def main(path: Path) -> None:
    """Print what has moved."""
    told = carried(path)
    built = SITE / "findings.json"
    if not built.is_file():
        sys.exit(f"{built} is missing: run 'make book' first")
    known = json.loads(built.read_text(encoding="utf-8"))
    lines = list(moved(told, known))
    print("\n".join(lines) or "every number of the deck is as it was built last")
    version = told["version"] or "no known version"
    print(f"{len(told['findings'])} numbers, of {version}; {len(lines)} moved")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else ""))
