"""What many tests need: embedded data by default, the published files on request."""

import os
from pathlib import Path

import pytest

GIVEN = os.environ.get("FOIBLE_DATA")
SIBLING = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(scope="session", autouse=True)
def embedded_data():
    """Every test starts from the embedded data, whatever the environment says."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("FOIBLE_DATA", raising=False)
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
