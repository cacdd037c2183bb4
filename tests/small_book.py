"""A book of three pages, with the real extensions and a package of its own."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
JUPYTER_BOOK = Path(sys.executable).with_name("jupyter-book")

CONFIG = f"""
title: Trial
only_build_toc_files: true
exclude_patterns: [".*", _build, code]
execute: {{execute_notebooks: "off"}}
bibtex_bibfiles: [book/references.bib]
html: {{use_issues_button: false, use_repository_button: false}}
sphinx:
  local_extensions:
    foible_book.execution: {ROOT / "book/_ext"}
    foible_book.findings: {ROOT / "book/_ext"}
    foible_book.origins: {ROOT / "book/_ext"}
    foible_book.gates: {ROOT / "book/_ext"}
  config: {{nitpicky: true, foible_cell_seconds: 5}}
"""
TOC = """
format: jb-book
root: book/index
chapters:
- file: book/attacks/one
- file: book/attacks/two
"""
INDEX = """# Trial

Chapter one says {finding}`one.share`.
"""
HEADER = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---
"""
ONE = """
(one)=
# One

It holds {glue:text}`share` of the time, and {cited}`84.8 %` elsewhere.

```{code-cell}
---
mystnb:
  image:
    alt: the old words
---
from foible import alpha
from foible.findings import finding
finding("share", alpha.SHARE, "{:.0%}", between=(0.6, 0.9))
```
"""
TWO = """
(two)=
# Two

```{code-cell}
from foible import beta
beta.NUMBER
```
"""
PACKAGE = {
    "__init__": '"""A package."""\n',
    "base": "HALF = 0.5\n",
    "alpha": "from foible import base\nSHARE = base.HALF + 0.25\n",
    "beta": "NUMBER = 4711\n",
}


class Outcome(NamedTuple):
    """What one build did: its exit, the chapters that ran, and all that it said."""

    exit: int
    ran: list[str]
    said: str


def written(folder):
    """The sources of the book, in an empty folder."""
    (folder / "book" / "attacks").mkdir(parents=True)
    (folder / "code" / "foible").mkdir(parents=True)
    (folder / "_config.yml").write_text(CONFIG)
    (folder / "_toc.yml").write_text(TOC)
    (folder / "book" / "references.bib").write_text("@misc{known, title = {Known}}\n")
    (folder / "book" / "index.md").write_text(INDEX)
    (folder / "book" / "attacks" / "one.md").write_text(HEADER + ONE)
    (folder / "book" / "attacks" / "two.md").write_text(HEADER + TWO)
    for name, source in PACKAGE.items():
        (folder / "code" / "foible" / f"{name}.py").write_text(source)
    for name in ("domains", "errors", "findings"):
        shutil.copy(ROOT / "code/foible" / f"{name}.py", folder / "code" / "foible")
    return folder


def _hear_interrupts():
    """A job in the background ignores Ctrl-C, and so would all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def started(folder, prepare=None, command=(JUPYTER_BOOK, "build", "."), **settings):
    """A build that goes on while the test does something else."""
    return subprocess.Popen(
        command,
        cwd=folder,
        env=os.environ | {"NO_COLOR": "1", "PYTHONWARNINGS": ""} | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        preexec_fn=lambda: (_hear_interrupts(), prepare and prepare()),
    )


def ended(build):
    """The outcome of a build, as soon as there is one."""
    said, _ = build.communicate(timeout=300)
    lines = said.splitlines()
    ran = sorted(line.split()[1] for line in lines if line.startswith("ran "))
    return Outcome(build.returncode, ran, said)


def built(folder, prepare=None, **settings):
    """A build from its start to its end."""
    return ended(started(folder, prepare, **settings))


def git(folder, *words):
    """Git, as somebody who commits on the first of December."""
    subprocess.run(
        ["git", "-c", "user.name=A", "-c", "user.email=a@b.c", *words],
        cwd=folder,
        env=os.environ | {"GIT_COMMITTER_DATE": "2026-12-01T12:00:00Z"},
        check=True,
    )


def edit(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def extended(folder, *names, where=ROOT / "book/_ext"):
    """Let the book use these extensions after its own, but for the last of them."""
    path = folder / "_config.yml"
    lines = path.read_text().splitlines(keepends=True)
    last = line_of(path, "gates:") - 1
    package = "foible_book." if where == ROOT / "book/_ext" else ""
    lines[last:last] = [f"    {package}{name}: {where}\n" for name in names]
    path.write_text("".join(lines))


def line_of(path, words):
    lines = path.read_text().splitlines()
    return next(n for n, line in enumerate(lines, 1) if words in line)
