"""Can the book be built as it is asked for?

Before anything runs, one line for each thing that is not as it must be: variables of
the environment, and the two files that Jupyter Book reads before its extensions. As an
extension it looks at the variables alone; `make` calls it as a script, which looks at
all of it:

    .venv/bin/python book/_ext settings
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

CONFIG, CONTENTS = "_config.yml", "_toc.yml"


def jobs(environment: Mapping[str, str] = os.environ) -> int:
    """How many chapters run at once."""
    return int(environment.get("FOIBLE_JOBS") or os.cpu_count() or 1)


def of_variables(environment: Mapping[str, str]) -> Iterator[str]:
    """What is wrong with the variables that decide on a build."""
    data = environment.get("FOIBLE_DATA")
    if data and not Path(data).is_dir():
        yield (
            f"FOIBLE_DATA: got {data!r}, which is no folder; wanted the one with the "
            "real data sets (README, Real data); name it, or unset FOIBLE_DATA"
        )
    models = environment.get("FOIBLE_MODELS")
    if models and not Path(models).is_dir():
        yield (
            f"FOIBLE_MODELS: got {models!r}, which is no folder; wanted the one with "
            "the published models' wheels (README, Real models); name it, or unset "
            "FOIBLE_MODELS"
        )
    asked = environment.get("FOIBLE_JOBS")
    if asked and not (asked.isdecimal() and int(asked)):
        yield (
            f"FOIBLE_JOBS: got {asked!r}; wanted how many chapters may run at once, a "
            "whole number from 1; mend it, or unset FOIBLE_JOBS for one a processor"
        )


def of_files(root: Path) -> Iterator[str]:
    """What is wrong with the configuration and the table of contents."""
    for name in (CONFIG, CONTENTS):
        try:
            tree = yaml.compose((root / name).read_text(encoding="utf-8"))
        except OSError as error:
            yield f"{name}:1: got no such file ({error.strerror}); put it back"
        except UnicodeDecodeError:
            yield f"{name}:1: got bytes that are not UTF-8; save the file as UTF-8"
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            line = mark.line + 1 if mark else 1
            yield f"{name}:{line}: got no YAML ({error.problem}); mend this line"
        else:
            if not isinstance(tree, yaml.MappingNode):
                yield f"{name}:1: got no mapping; wanted lines such as 'key: value'"
            elif name == CONTENTS:
                yield from _of_pages(root, tree)


def _of_pages(root: Path, tree: yaml.Node) -> Iterator[str]:
    seen: dict[str, int] = {}
    for page, line in _pages(tree):
        where = f"{CONTENTS}:{line}: got {page}"
        if not (root / page).with_suffix(".md").is_file():
            yield f"{where}, which is no page; write {page}.md, or mend the name"
        elif page in seen:
            yield f"{where} again, after line {seen[page]}; take one of the two out"
        seen.setdefault(page, line)
    if not seen:
        yield f"{CONTENTS}:1: got no page; wanted 'root: book/index' and chapters"


def _pages(node: Any) -> Iterator[tuple[str, int]]:
    """The pages that a table of contents names, with their lines."""
    if isinstance(node, yaml.SequenceNode):
        for below in node.value:
            yield from _pages(below)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value in ("root", "file"):
                yield str(value.value), value.start_mark.line + 1
            else:
                yield from _pages(value)


def begin(*_: Any) -> None:
    """End a build that cannot become what was asked for."""
    if wrong := list(of_variables(os.environ)):
        sys.exit("\n".join(wrong))


def setup(app: Any) -> dict[str, bool]:
    """Look before anything is read."""
    app.connect("config-inited", begin, priority=0)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


if __name__ == "__main__":
    wrong = [*of_variables(os.environ), *of_files(Path.cwd())]
    sys.exit("\n".join(wrong) if wrong else 0)
