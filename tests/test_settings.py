"""Is what cannot be built refused in one line, and what does not matter harmless?"""

import json
import os
import subprocess
import sys

import pytest
from small_book import HEADER, ROOT, built, written

COMMAND = (sys.executable, ROOT / "book" / "_ext", "settings")
CONTENTS = """format: jb-book
root: book/index
chapters:
- file: book/attacks/one
"""
DRAWS = """
(two)=
# Two

```{code-cell}
import warnings
from matplotlib import pyplot as plt
warnings.warn("of old", PendingDeprecationWarning)
len(plt.plot([1, 2]))
```
"""


@pytest.fixture
def sources(tmp_path):
    return written(tmp_path / "book")


@pytest.fixture
def settings(extension):
    return extension("settings")


@pytest.mark.parametrize(
    "given, said",
    [
        (
            {"FOIBLE_DATA": "/dev/null/nowhere"},
            "FOIBLE_DATA: got '/dev/null/nowhere', which is no",
        ),
        (
            {"FOIBLE_MODELS": "/dev/null/nowhere"},
            "FOIBLE_MODELS: got '/dev/null/nowhere', which is no",
        ),
        ({"FOIBLE_JOBS": "0"}, "FOIBLE_JOBS: got '0'; wanted how many chapters"),
        ({"FOIBLE_JOBS": "two"}, "FOIBLE_JOBS: got 'two'; wanted how many chapters"),
        ({"FOIBLE_JOBS": "-1"}, "FOIBLE_JOBS: got '-1'; wanted how many chapters"),
    ],
)
def test_a_variable_that_means_nothing_is_one_line(settings, given, said):
    (line,) = settings.of_variables(given)

    assert line.startswith(said)


def test_what_means_something_or_is_empty_is_taken(settings, tmp_path):
    assert list(settings.of_variables({})) == []
    assert list(settings.of_variables({"FOIBLE_DATA": "", "FOIBLE_JOBS": ""})) == []
    given = {"FOIBLE_DATA": str(tmp_path), "FOIBLE_JOBS": "3"}
    assert list(settings.of_variables(given)) == []
    assert settings.jobs(given) == 3


@pytest.mark.parametrize(
    "name, text, said",
    [
        ("_toc.yml", "root: a\n  b: c\n", "_toc.yml:2: got no YAML"),
        ("_config.yml", 'title: "Trial\n', "_config.yml:2: got no YAML"),
        ("_config.yml", "- title\n", "_config.yml:1: got no mapping"),
        ("_toc.yml", "", "_toc.yml:1: got no mapping"),
        ("_toc.yml", "format: jb-book\n", "_toc.yml:1: got no page"),
        ("_toc.yml", None, "_toc.yml:1: got no such file"),
        ("_toc.yml", "root: b\udce9\n", "_toc.yml:1: got bytes that are not UTF-8"),
        (
            "_toc.yml",
            CONTENTS + "- file: book/attacks/one\n",
            "_toc.yml:5: got book/attacks/one again, after line 4",
        ),
        (
            "_toc.yml",
            CONTENTS + "- file: book/attacks/three\n",
            "_toc.yml:5: got book/attacks/three, which is no page",
        ),
    ],
)
def test_a_broken_file_is_one_line_with_its_number(sources, settings, name, text, said):
    path = sources / name
    path.unlink()
    if text is not None:
        path.write_bytes(text.encode("utf-8", "surrogateescape"))

    (line,) = settings.of_files(sources)

    assert line.startswith(said)


def test_the_files_of_the_book_are_sound(settings, sources):
    assert list(settings.of_files(ROOT)) == []
    assert list(settings.of_files(sources)) == []


def test_the_command_says_all_of_it_and_fails(sources):
    (sources / "_toc.yml").write_text("root: [\n")

    done = subprocess.run(
        COMMAND,
        cwd=sources,
        env={"FOIBLE_JOBS": "two"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == [
        "FOIBLE_JOBS",
        "_toc.yml",
    ]


@pytest.mark.slow
def test_a_build_that_cannot_be_ends_in_one_line_and_starts_no_kernel(sources):
    outcome = built(sources, FOIBLE_JOBS="two")

    assert outcome.exit == 1
    assert outcome.ran == []
    assert outcome.said.splitlines()[-1].startswith("FOIBLE_JOBS: got 'two'")
    assert "Traceback" not in outcome.said


@pytest.mark.slow
def test_what_lies_elsewhere_on_a_machine_changes_nothing(sources, tmp_path):
    """A home that cannot be written, other kernels and modules of our names."""
    kernel = tmp_path / "jupyter" / "kernels" / "python3"
    kernel.mkdir(parents=True)
    spec = {"argv": ["/bin/false"], "display_name": "Python 3", "language": "python"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    page = sources / "book" / "attacks" / "two.md"
    page.write_text(HEADER + DRAWS)

    strangers = tmp_path / "strangers"
    strangers.mkdir()
    for name in ("run", "settings", "pages", "findings"):
        (strangers / f"{name}.py").write_text("raise SystemExit(3)\n")
    path = os.pathsep.join([str(strangers), os.environ.get("PYTHONPATH", "")])

    outcome = built(
        sources,
        PYTHONPATH=path,
        HOME="/dev/null/home",
        JUPYTER_PATH=str(tmp_path / "jupyter"),
        PYTHONWARNINGS="default",
    )

    assert outcome.exit == 0, outcome.said
    assert outcome.ran == ["book/attacks/one", "book/attacks/two"]
