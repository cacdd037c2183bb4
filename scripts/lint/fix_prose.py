"""Mend in the pages what needs no thought: one sentence a line, no trailing blanks.

Byte order marks go, and lines end as they do everywhere else here.
"""

import re
from codecs import BOM_UTF8
from itertools import pairwise
from pathlib import Path

from lint.check_chapters import LEAD, sentence_ends
from lint.manuscript import Page, pages, paths


def mended(page: Page) -> str:
    """The text of the page with each sentence on a line of its own."""
    prose = dict(page.prose)
    lines = []
    for number, line in enumerate(page.lines, 1):
        said = prose.get(number, "")
        lines += _sentences(line, said) if len(said) == len(line) else [line]
    return "".join(f"{line.rstrip()}\n" for line in lines)


def _sentences(line: str, said: str) -> list[str]:
    """The sentences of a line; those of a list or a quotation stay in it."""
    ends = [(0, 0), *sentence_ends(said), (len(line), 0)]
    found = [line[begin:end] for (_, begin), (end, _) in pairwise(ends)]
    lead = re.sub(r"[^>\s]", " ", LEAD.match(line)[0])  # type: ignore[index]
    return [found[0], *(lead + sentence for sentence in found[1:])]


def main(root: Path) -> None:
    """Write the pages that change, and name them."""
    for path in paths(root):
        whole = (root / path).read_bytes()
        plain = whole.removeprefix(BOM_UTF8).replace(b"\r\n", b"\n")
        if (plain := plain.replace(b"\r", b"\n")) != whole:
            (root / path).write_bytes(plain)
            print(f"mended {path}")
    for page in pages(root):
        if (text := mended(page)) != page.text:
            (root / page.path).write_text(text, encoding="utf-8")
            print(f"mended {page.path}")


if __name__ == "__main__":
    main(Path.cwd())
