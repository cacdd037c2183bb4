"""What have MITRE and OWASP changed since `book/frameworks` was written?

    python scripts/frameworks.py                       (make frameworks)
    python scripts/frameworks.py FOLDER                (make frameworks NEWEST=FOLDER)
    python scripts/frameworks.py FOLDER --report FILE

The first fetches the newest state of each framework's repository with Git. FOLDER holds
clones that were fetched before, each under the name of its repository. What was added,
removed, renamed or given another id is printed, with the chapters that it touches. With
--report the same is an issue in Markdown, whose first line is its title; the file is
empty where nothing changed. The exit is 1 only where a release could not be read.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

FOLDER = Path("book/frameworks")
TAXONOMY = Path("code/foible/taxonomy.json")
TECHNIQUE = re.compile(r"AML\.T\d{4}(\.\d{3})?")
TITLED = re.compile(r"^title: *(ML\d\d:(\d{4})) +(.+?)\s*$", re.MULTILINE)
HEADED = re.compile(r"^#+ *(LLM\d\d:\d{4}) +(.+?)\s*$", re.MULTILINE)
HOPS = 4  # from "latest" to the file that it names
NEEDED = {  # of each repository, in the patterns of git sparse-checkout
    "atlas": ["/dist/"],
    "owasp_llm": ["/CITATION.cff", "/*/final/*.md"],
    "owasp_ml": ["/docs/*.md"],
}


class Refused(Exception):
    """A release or a file that cannot be read, and what to do."""


class Release(NamedTuple):
    """A framework as somebody else published it: its version, and names by id."""

    version: str
    names: dict[str, str]


class Change(NamedTuple):
    """What happened to one entry, in words, and the chapters that it touches."""

    words: str
    chapters: tuple[str, ...]


# What the newest releases say


def atlas(clone: Path) -> Release:
    """The techniques of MITRE's data, in the format since 2026.05 or the one before."""
    latest = clone / "dist" / "ATLAS-latest.yaml"
    path = latest if latest.exists() else clone / "dist" / "ATLAS.yaml"
    known = _yaml(path)
    for _ in range(HOPS):
        if not isinstance(known, str):  # a link that was stored as a line of text
            break
        path = path.parent / known
        known = _yaml(path)
    try:
        if "format-version" in known:
            version = known["collection"]["version"]
            listed = {id_: it["name"] for id_, it in known["techniques"].items()}
        else:
            version = known["version"]
            techniques = [it for m in known["matrices"] for it in m["techniques"]]
            listed = {it["id"]: it["name"] for it in techniques}
    except (KeyError, TypeError, AttributeError) as error:
        raise Refused(
            f"got no techniques from {path} ({error!r}); wanted `techniques` by id, or "
            "`matrices` with lists of them: see what MITRE changed, then mend `atlas`"
        ) from error
    return Release(str(version), {i: n for i, n in listed.items() if _technique(i)})


def _technique(number: str) -> bool:
    return TECHNIQUE.fullmatch(number) is not None


def owasp_ml(clone: Path) -> Release:
    """OWASP's list for machine learning: the entries of the newest year."""
    texts = [_text(path) for path in sorted((clone / "docs").glob("ML??_*.md"))]
    found = [match.groups() for text in texts for match in TITLED.finditer(text)]
    version = max((year for _, year, _ in found), default="")
    return Release(version, {i: name for i, year, name in found if year == version})


def owasp_llm(clone: Path) -> Release:
    """OWASP's list for language models: the edition that its citation file names."""
    cited = clone / "CITATION.cff"
    years = [it.parent.name for it in clone.glob("*/final") if it.parent.name.isdigit()]
    version = str(_yaml(cited)["version"]) if cited.exists() else max(years, default="")
    paths = sorted((clone / version / "final").glob("LLM??_*.md"))
    found = [match for path in paths for match in HEADED.findall(_text(path))]
    return Release(version, dict(found))


READERS: dict[str, Callable[[Path], Release]] = {
    "atlas": atlas,
    "owasp_llm": owasp_llm,
    "owasp_ml": owasp_ml,
}


def newest(name: str, clone: Path) -> Release:
    """The newest release of a framework.

    Raises
    ------
    Refused
        There is no clone, or it does not hold what it used to.
    """
    if not clone.is_dir():
        raise Refused(f"got no folder {clone}; clone the repository of {name} there")
    release = READERS[name](clone)
    if not release.names or not release.version:
        raise Refused(
            f"got no entries of {name} in {clone}; its files have moved or changed: "
            f"look there, then mend `{name}` in scripts/frameworks.py"
        )
    return release


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"got no text from {path}: {error}") from error


def _yaml(path: Path) -> Any:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return yaml.load(_text(path), Loader=loader)  # noqa: S506 (both are safe)
    except yaml.YAMLError as error:
        line = str(error).replace("\n", " ")
        raise Refused(f"got damaged YAML in {path}: {line}") from error


# What this book says


def committed(root: Path) -> dict[str, dict[str, Any]]:
    """Every framework of this book, by the name of its file.

    Raises
    ------
    Refused
        A file is damaged.
    """
    found = {}
    for path in sorted((root / FOLDER).glob("*.json")):
        try:
            found[path.stem] = json.loads(_text(path))
            _ = [entry["id"] + entry["name"] for entry in found[path.stem]["entries"]]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise Refused(f"{path} is damaged ({error!r}); mend it") from error
    if not found:
        raise Refused(f"got no frameworks in {root / FOLDER}; run in the repository")
    return found


def cards(root: Path, framework: str) -> dict[str, set[str]]:
    """By id, the chapters whose card names an entry of this framework."""
    named: dict[str, set[str]] = {}
    for part in json.loads(_text(root / TAXONOMY)):
        for mode in part["modes"]:
            for number in mode["names"].get(framework, {}):
                named.setdefault(number, set()).add(mode["stem"])
    return named


def changes(
    known: dict[str, Any], release: Release, named: dict[str, set[str]]
) -> Iterator[Change]:
    """What a release changes, entry by entry."""
    old = {entry["id"]: entry for entry in known["entries"]}
    names = {number: entry["name"] for number, entry in old.items()}
    gone, come = names.keys() - release.names.keys(), release.names.keys() - names
    moved = _moved(
        {number: names[number] for number in gone},
        {number: release.names[number] for number in come},
    )

    def touched(number: str) -> tuple[str, ...]:
        places = old.get(number, {}).get("where", [])
        stems = {place.partition("#")[0] for place in places}
        return tuple(sorted(stems | named.get(number, set())))

    for number in sorted(names.keys() | release.names.keys()):
        was, is_now = names.get(number, ""), release.names.get(number, "")
        if number in moved:
            words = f"{_quoted(number, was)} is now {_quoted(moved[number], was)}"
            yield Change(words, touched(number))
        elif number in moved.values():
            continue
        elif not was:
            whole = number.rpartition(".")[0]
            yield Change(f"new: {_quoted(number, is_now)}", touched(whole))
        elif not is_now:
            yield Change(f"gone: {_quoted(number, was)}", touched(number))
        elif was != is_now:
            words = f"renamed: {_quoted(number, was)}, now {_quoted(is_now)}"
            yield Change(words, touched(number))


def _moved(gone: dict[str, str], come: dict[str, str]) -> dict[str, str]:
    """Old ids with their new ones, where one name left and the same one came."""
    lost, found = Counter(gone.values()), Counter(come.values())
    new = {name: number for number, name in come.items() if found[name] == 1}
    return {
        number: new[name]
        for number, name in gone.items()
        if lost[name] == 1 and name in new
    }


def _quoted(*words: str) -> str:
    """Other people's words as code, in which Markdown means nothing."""
    plain = (re.sub(r"[`\s]+", " ", word).strip() for word in words)
    return " ".join(f"`{word}`" for word in plain)


# What is said of it


def compare(root: Path, folder: Path) -> Iterator[tuple[str, list[str]]]:
    """For each framework that changed its title for an issue, and lines about it."""
    for name, known in committed(root).items():
        if name not in READERS:
            continue
        release = newest(name, folder / Path(known["repository"]).name)
        listed = list(changes(known, release, cards(root, known.get("card", ""))))
        if not listed and release.version == known["version"]:
            continue
        version = re.sub(r"[^\w.-]", "", release.version)
        stems = sorted({stem for change in listed for stem in change.chapters})
        lines = [
            f"## {known['title']}: {known['version']}, newest {version}",
            "",
            *(
                f"- {it.words}"
                + (f" ({', '.join(it.chapters)})" if it.chapters else "")
                for it in listed
            ),
            *([] if listed else ["No entry changed."]),
            "",
            f"Chapters touched: {', '.join(stems) or 'none'}.",
            f"To do: `{FOLDER}/{name}.json`, with version, date and how it was read"
            f"{f', and the names in `{TAXONOMY}`' if stems else ''}.",
        ]
        yield f"{known['title']} {version}", lines


def fetch(root: Path, folder: Path) -> None:
    """Clone what is needed of every repository, and nothing else of it."""
    for name, known in committed(root).items():
        if name in READERS:
            address = known["repository"]
            clone = folder / Path(address).name
            sparse = ["--depth", "1", "--filter=blob:none", "--no-checkout"]
            _git(folder, "clone", "--quiet", *sparse, address, clone.name)
            _git(clone, "sparse-checkout", "set", "--no-cone", *NEEDED[name])
            _git(clone, "checkout", "--quiet")


def _git(folder: Path, *words: str) -> None:
    done = subprocess.run(  # noqa: S603 (our own)
        ["git", *words],  # noqa: S607
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [""]
        raise Refused(f"`git {' '.join(words)}` failed: {said[-1]}")


def main(root: Path, arguments: list[str]) -> int:
    """Print what changed; 1 if a release could not be read."""
    parser = argparse.ArgumentParser(description="what have the frameworks changed?")
    parser.add_argument("folder", nargs="?", default="", help="clones, fetched before")
    parser.add_argument("--report", default="", help="a file for the text of an issue")
    asked = parser.parse_args(arguments)
    try:
        with tempfile.TemporaryDirectory() as temporary:
            if not asked.folder:
                fetch(root, Path(temporary))
            found = list(compare(root, Path(asked.folder or temporary)))
    except Refused as reason:
        print(f"nothing was compared: {reason}")
        return 1
    text = "\n\n".join("\n".join(lines) for _, lines in found)
    if asked.report:
        title = f"Frameworks: {', '.join(title for title, _ in found)}"
        issue = f"{title}\n\n{text}\n" if found else ""
        Path(asked.report).write_text(issue, encoding="utf-8")
    print(text or "every framework is as in its newest release")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd(), sys.argv[1:]))
