"""Does a chapter's fingerprint know what its outputs depend on, and nothing else?"""

import importlib
from pathlib import Path

import pytest

EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
MODULES = {
    "__init__": '"""Nothing."""\n',
    "base": "A = 1\n",
    "direct": "from foible import base\n",
    "hidden": "def f():\n    import foible.base\n",
    "relative": "from .base import A\n",
    "attacks/__init__": "",
    "attacks/one": "from ..direct import base\n",
    "circle": "import foible.ring\n",
    "ring": "import foible.circle\n",
    "alone": "import numpy\n",
}


@pytest.fixture
def fingerprint(monkeypatch):
    monkeypatch.syspath_prepend(EXTENSIONS)
    return importlib.import_module("foible_book.fingerprint")


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "code" / "foible"
    (folder / "attacks").mkdir(parents=True)
    for name, source in MODULES.items():
        (folder / f"{name}.py").write_text(source)
    (folder / "table.json").write_text("{}")
    return folder


@pytest.mark.parametrize(
    ("cell", "modules"),
    [
        ("from foible import alone", {"alone"}),
        ("from foible import direct as d", {"direct", "base"}),
        ("import foible.hidden", {"hidden", "base"}),
        ("from foible.relative import A", {"relative", "base"}),
        (
            "from foible.attacks import one",
            {"attacks", "attacks.one", "direct", "base"},
        ),
        ("import foible.circle", {"circle", "ring"}),
        ("%matplotlib inline\nx = 1\nimport foible.base", {"base"}),
        ("def f():\n    from foible import base", {"base"}),
    ],
)
def test_it_follows_imports_wherever_they_stand(fingerprint, package, cell, modules):
    found = fingerprint.Package(package).modules([cell])

    assert set(found) == {"foible", *(f"foible.{name}" for name in modules)}


@pytest.mark.parametrize("cell", ["import numpy", "import foibles", "if so"])
def test_a_cell_without_the_package_depends_on_none_of_it(fingerprint, package, cell):
    assert fingerprint.Package(package).parts([cell]) == {}


def test_a_data_file_counts_and_a_comment_does_not(fingerprint, package):
    before = fingerprint.Package(package).parts(["import foible.base"])

    (package / "base.py").write_text('"""Words."""\n\nA = 1  # more words\n')
    same = fingerprint.Package(package).parts(["import foible.base"])
    for name in ("table.json", "rows.csv", "attacks/words.txt"):
        (package / name).write_text("1")
    after = fingerprint.Package(package).parts(["import foible.base"])

    assert same == before
    assert fingerprint.changed(before, after) == [
        "attacks/words.txt",
        "rows.csv",
        "table.json",
    ]


def test_the_choice_of_data_counts(fingerprint, package, tmp_path, monkeypatch):
    def parts():
        return fingerprint.of_chapter(
            ["1"], package=fingerprint.Package(package), root=tmp_path
        )

    embedded = parts()
    monkeypatch.setenv("FOIBLE_DATA", str(package))

    assert fingerprint.changed(embedded, parts()) == ["FOIBLE_DATA"]


def test_the_choice_of_models_counts(fingerprint, package, tmp_path, monkeypatch):
    def parts():
        return fingerprint.of_chapter(
            ["1"], package=fingerprint.Package(package), root=tmp_path
        )

    embedded = parts()
    monkeypatch.setenv("FOIBLE_MODELS", str(package))

    assert fingerprint.changed(embedded, parts()) == ["FOIBLE_MODELS"]


def test_a_module_that_is_broken_is_another_module(fingerprint, package):
    before = fingerprint.Package(package).parts(["import foible"])

    (package / "__init__.py").write_text("def f(:\n")
    after = fingerprint.Package(package).parts(["import foible"])

    assert fingerprint.changed(before, after) == ["foible"]


def test_a_data_folder_is_the_same_however_it_is_spelt(
    fingerprint, tmp_path, monkeypatch
):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "table.csv").write_text("1")
    monkeypatch.chdir(tmp_path)

    whole, short = (fingerprint.data_identity(f) for f in (tmp_path / "data", "data"))

    assert whole == short != fingerprint.data_identity("")


def test_a_kernel_finds_the_data_folder_and_no_variable_that_nobody_counts(
    tmp_path, monkeypatch
):
    monkeypatch.syspath_prepend(EXTENSIONS)
    run = importlib.import_module("foible_book.run")
    monkeypatch.setenv("FOIBLE_DATA", "data")
    monkeypatch.setenv("FOIBLE_MODELS", "models")
    monkeypatch.chdir(tmp_path)

    monkeypatch.setenv("SOMETHING", "else")
    run = run.Surroundings(tmp_path, tmp_path, cell_seconds=1)

    environment = run.environment("mark")

    assert environment["FOIBLE_DATA"] == str(tmp_path / "data")
    assert environment["FOIBLE_MODELS"] == str(tmp_path / "models")
    assert "SOMETHING" not in environment


def test_a_variable_that_changes_digits_counts_and_another_does_not(
    fingerprint, package, tmp_path, monkeypatch
):
    def parts():
        return fingerprint.of_chapter(
            ["1"], package=fingerprint.Package(package), root=tmp_path
        )

    plain = parts()
    monkeypatch.setenv("LC_TIME", "C")
    same = parts()
    monkeypatch.setenv("MKL_CBWR", "COMPATIBLE")

    assert same == plain
    assert fingerprint.changed(plain, parts()) == ["MKL_CBWR"]
