"""What does a release say has moved? It is written here; a person commits and tags.

    python scripts/release.py 2026.12        (make release VERSION=2026.12)

`CHANGELOG.md` gets a section with what stood under *Unreleased* and with the findings
that moved since the last tag; `CITATION.cff` gets the version and the date of today.
"""

import json
import re
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

VERSION = re.compile(r"\d+(\.\d+)+")
NEXT = "## Unreleased\n"
FINDINGS = "book/findings.json"
FILES = "CHANGELOG.md CITATION.cff"
Findings = dict[str, dict[str, Any]]


class Refused(Exception):
    """A release that cannot be made, and why."""


def moved(now: Findings, then: Findings) -> Iterator[str]:
    """The lines of the changelog: chapter by chapter, what moved, came and went."""
    if not then:
        yield f"All {len(now)} findings are new; `{FINDINGS}` lists them."
        return
    of_chapter = defaultdict(list)
    for name in sorted(now | then):
        was, is_now = (there.get(name, {}).get("text", "") for there in (then, now))
        if was != is_now:
            said = f"{was} → {is_now or 'gone'}" if was else f"new, {is_now}"
            of_chapter[(now | then)[name]["chapter"]].append(f"- `{name}`: {said}")
    if not of_chapter:
        yield "No finding moved."
    for chapter in sorted(of_chapter):
        yield from (f"### {Path(chapter).name}", "", *of_chapter[chapter], "")


def changelog(text: str, version: str, day: str, lines: list[str]) -> str:
    """The changelog, with what was unreleased as a release of this day."""
    if NEXT not in text:
        raise Refused(f"got no line '{NEXT.strip()}' in CHANGELOG.md; put it back")
    before, _, rest = text.partition(NEXT)
    said, later, older = rest.partition("\n## ")
    body = "\n".join((said.strip(), "", *lines)).strip()
    section = f"## {version} ({day})\n\n{body}\n"
    return f"{before}{NEXT}\n{section}{later}{older}"


def citation(text: str, version: str, day: str) -> str:
    """CITATION.cff with this version and this day."""
    for field, value in (("version", version), ("date-released", day)):
        line = f'{field}: "{value}"\n'
        text, there = re.subn(rf"^{field}: .*\n", line, text, flags=re.MULTILINE)
        text += "" if there else line
    return text


def released(root: Path) -> str:
    """The tag of the last release, or ""."""
    return _git(root, "describe", "--tags", "--abbrev=0", "--match", "v*").strip()


def release(root: Path, version: str, day: str) -> None:
    """Write both files.

    Raises
    ------
    Refused
        The version is none, or it was released before.
    """
    if not VERSION.fullmatch(version):
        raise Refused(f"got VERSION={version!r}; wanted one as in VERSION=2026.12")
    if _git(root, "tag", "--list", f"v{version}"):
        raise Refused(f"v{version} is a tag already; take another version")
    last = released(root)
    then = json.loads(_git(root, "show", f"{last}:{FINDINGS}")) if last else {}
    now = json.loads((root / FINDINGS).read_text(encoding="utf-8"))
    log, cff = root / "CHANGELOG.md", root / "CITATION.cff"
    lines = list(moved(now, then))
    texts = {
        log: changelog(log.read_text(encoding="utf-8"), version, day, lines),
        cff: citation(cff.read_text(encoding="utf-8"), version, day),
    }
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")


def _git(root: Path, *words: str) -> str:
    """What Git says, or "" where it has no answer."""
    done = subprocess.run(  # noqa: S603 (our own)
        ["git", *words],  # noqa: S607
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout if done.returncode == 0 else ""


def main(root: Path, version: str, day: str) -> int:
    """Write the release and say what comes next, or say why not."""
    try:
        release(root, version, day)
    except Refused as reason:
        print(f"no release was written: {reason}")
        return 1
    print(f"wrote {version} into {FILES}; read both, and then, today:")
    print(f'  git commit -m "Release {version}" {FILES}')
    print(f"  git tag v{version} && git push origin HEAD v{version}")
    return 0


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else ""
    sys.exit(main(Path.cwd(), asked, date.today().isoformat()))
