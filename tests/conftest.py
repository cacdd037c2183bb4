"""What many tests need: embedded data by default, the published files on request."""

import importlib
import os
import shutil
import sys
from pathlib import Path

import pytest
import small_book

GIVEN = os.environ.get("FOIBLE_DATA")
MODELS = os.environ.get("FOIBLE_MODELS")
EXTENSIONS = Path(__file__).parents[1] / "book" / "_ext"
SIBLING = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def embedded_data():
    """Every test starts from the embedded data, whatever the environment says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FOIBLE_DATA", raising=False)
        patch.delenv("FOIBLE_MODELS", raising=False)
        patch.delenv("FOIBLE_DOWNLOAD", raising=False)
        yield


@pytest.fixture
def real_data(monkeypatch):
    """The folder of published files, with FOIBLE_DATA set to it."""
    folder = Path(GIVEN) if GIVEN else SIBLING
    if not folder.is_dir():
        pytest.skip(
            f"needs the published data sets: neither FOIBLE_DATA ({GIVEN}) nor "
            "../shared/data is a folder"
        )
    monkeypatch.setenv("FOIBLE_DATA", str(folder))
    return folder


@pytest.fixture
def real_models(monkeypatch):
    """The folder of published models, with FOIBLE_MODELS set to it."""
    folder = Path(MODELS) if MODELS else SIBLING.parent / "models"
    if not folder.is_dir():
        pytest.skip(
            f"needs the published models: neither FOIBLE_MODELS ({MODELS}) nor "
            "../shared/models is a folder"
        )
    monkeypatch.setenv("FOIBLE_MODELS", str(folder))
    return folder


@pytest.fixture(scope="module")
def extension():
    """An extension of the book, by name."""
    sys.path.insert(0, str(EXTENSIONS))
    yield lambda name: importlib.import_module(f"foible_book.{name}")
    sys.path.remove(str(EXTENSIONS))


@pytest.fixture(scope="session")
def green(tmp_path_factory):
    """A small book, built; who changes it takes the change back."""
    folder = small_book.written(tmp_path_factory.mktemp("green") / "book")
    outcome = small_book.built(folder)
    assert outcome.exit == 0, outcome.said
    assert outcome.ran == ["book/attacks/one", "book/attacks/two"]
    return folder


@pytest.fixture
def book(green, tmp_path):
    """A copy of the green book, with the outputs of its chapters but no pages."""
    left_out = shutil.ignore_patterns("html", "staging", ".doctrees", "__pycache__")
    return shutil.copytree(green, tmp_path / "copy", ignore=left_out)
