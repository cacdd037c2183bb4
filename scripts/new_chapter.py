"""Begin a chapter: its page, package, reference and test, from one template.

    python scripts/new_chapter.py attacks evasion       (make chapter PART=... NAME=...)

The chapter that comes out runs, keeps the contract and is honest: it measures the null
attack, which does nothing. What its author has to write is marked "To be written"; with
such a mark a chapter can be checked and read, but `make test` refuses it.
"""

import json
import re
import sys
from pathlib import Path
from string import Template

from foible.threat import FailureMode, failure_modes, parts
from lint.check_chapters import SHOWN_IN_THE_TALK

TEMPLATES = Path(__file__).with_name("template")
PHRASES = {
    "Threat": {
        "wants": "nothing: this is the null attack",
        "knows": "nothing",
        "controls": "nothing",
        "asks": "nothing",
    },
    "Hazard": {
        "promises": "the same answers to the same rows",
        "breaks": "never, as long as nothing changes",
    },
}
IMPORTS = (
    "from foible.data import Dataset",
    "from foible.evidence import BeforeAfter",
    "from foible.victim import Victim",
)
DEMO = """## The talk's demo, replayed

:::{admonition} To be written
The demonstration as the talk showed it, with its own numbers, and what it left out.
:::

"""


class Refused(Exception):
    """A chapter that cannot be begun, and why."""


def files(root: Path, part: str, name: str) -> dict[Path, str]:
    """What is to be written, by path below the root; nothing is written here.

    Raises
    ------
    Refused
        The part or the name is wrong, or one of the files is there already.
    """
    mode = _mode(root, part, name)
    words = _words(mode)
    package = Path("code", "foible", part)
    reference = Path("book", "reference", f"foible-{part}-{name}.md")
    found = {
        Path("book", part, f"{name}.md"): _filled("chapter.md", words),
        reference: f"```{{reference}} foible.{part}.{name}\n```\n",
        package / name / "__init__.py": _filled("init.py", words),
        package / name / "nothing.py": _filled("nothing.py", words),
        package / name / "judges.py": _filled("judges.py", words),
        Path("tests", part, f"test_{name}.py"): _filled("test.py", words),
    }
    for path in (*found, package / f"{name}.py"):
        if (root / path).exists():
            raise Refused(
                f"{path} is there already; edit it, or take {_free(root, part)}"
            )
    if not (root / package / "__init__.py").exists():
        line = f'"""One package for each way in which {mode.part.holds}"""\n'
        found[package / "__init__.py"] = line
        public = Path("code", "foible", "__init__.py")
        found[public] = with_module((root / public).read_text("utf-8"), part)
    toc = (root / "_toc.yml").read_text(encoding="utf-8")
    found[Path("_toc.yml")] = with_reference(with_entry(toc, mode), reference.stem)
    known = Path("book", "addresses.yml")
    listed = (root / known).read_text(encoding="utf-8")
    for page in (f"book/{part}/{name}", f"book/reference/{reference.stem}"):
        listed = with_address(listed, page)
    found[known] = listed
    return found


def with_entry(toc: str, mode: FailureMode) -> str:
    """The table of contents with the chapter behind the others of its part."""
    entry = f"      - file: book/{mode.part.stem}/{mode.stem}\n"
    caption = f"  - caption: {mode.part.title}\n    chapters:\n"
    if caption not in toc:
        titles = [*(part.title for part in parts().values()), "Back matter"]
        later = "|".join(titles[titles.index(mode.part.title) + 1 :])
        return re.sub(
            f"  - caption: ({later})\n", rf"{caption}{entry}\g<0>", toc, count=1
        )
    return re.sub(f"{caption}(      - .*\n)*", rf"\g<0>{entry}", toc)


def with_reference(toc: str, page: str) -> str:
    """The table of contents with a further page of the reference, sorted."""
    line = f"          - file: book/reference/{page}\n"
    return re.sub(
        r"(          - file: book/reference/.*\n)+",
        lambda lines: "".join(sorted({line, *lines[0].splitlines(keepends=True)})),
        toc,
    )


def with_address(listed: str, page: str) -> str:
    """The list of published pages with another at its end."""
    return re.sub(r"pages:\n(  - .*\n)*", rf"\g<0>  - {page}\n", listed, count=1)


def with_module(text: str, name: str) -> str:
    """The package's list of public modules with another in it, sorted."""
    line = f'    "{name}",\n'
    return re.sub(
        r'(    "\w+",\n)+',
        lambda lines: "".join(sorted({line, *lines[0].splitlines(keepends=True)})),
        text,
    )


def _mode(root: Path, part: str, name: str) -> FailureMode:
    """The failure mode of this name, if it belongs to this part."""
    if part not in parts():
        raise Refused(f"got PART={part}; wanted {' or '.join(parts())}")
    mode = next((mode for mode in failure_modes() if mode.stem == name), None)
    if mode is None:
        raise Refused(
            f"got NAME={name}, which is no failure mode; wanted {_free(root, part)}"
        )
    if mode.part.stem != part:
        right = f"make chapter PART={mode.part.stem} NAME={name}"
        raise Refused(f"{name} belongs to another part: {right}")
    return mode


def _free(root: Path, part: str) -> str:
    """The failure modes of a part that have no chapter yet."""
    stems = [mode.stem for mode in failure_modes() if mode.part.stem == part]
    free = [
        stem for stem in stems if not (root / "book" / part / f"{stem}.md").exists()
    ]
    return f"one of {', '.join(free)}" if free else "another part: this one is complete"


def _words(mode: FailureMode) -> dict[str, str]:
    """What stands in the template's blanks."""
    card = "Threat" if mode.part.attacker else "Hazard"
    phrases = PHRASES[card].items()
    own = f"from foible.{mode.part.stem}.{mode.stem}.nothing import altered"
    return {
        "stem": mode.stem,
        "imports": "\n".join(sorted([*IMPORTS, own])),
        "label": mode.stem.replace("_", "-"),
        "part": mode.part.stem,
        "kind": "attack" if mode.part.attacker else "failure",
        "somebody": "the attacker" if mode.part.attacker else "the world",
        "card": card,
        "title": mode.title,
        "definition": mode.definition,
        "description": json.dumps(mode.definition, ensure_ascii=False),
        "phrases": "\n".join(f'    {verb}="{phrase}",' for verb, phrase in phrases),
        "demo": DEMO if mode.stem in SHOWN_IN_THE_TALK else "",
    }


def _filled(name: str, words: dict[str, str]) -> str:
    text = (TEMPLATES / f"{name}.template").read_text(encoding="utf-8")
    return Template(text).substitute(words)


def main(root: Path, part: str, name: str) -> int:
    """Write the files and say what comes next, or say why not and write nothing."""
    try:
        found = files(root, part, name)
    except Refused as reason:
        print(f"no chapter was begun: {reason}")
        return 1
    for path, text in found.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
        print(f"wrote {path}")
    print("next: 'make serve' shows it; each part marked 'To be written' wants you")
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("say which: make chapter PART=attacks NAME=evasion")
    sys.exit(main(Path.cwd(), *sys.argv[1:]))
