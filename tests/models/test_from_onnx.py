"""A model of ONNX, as somebody else made it, behind one line."""

import json
import sys
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from foible import models
from foible.attacks import evasion
from foible.errors import BadInput
from foible.models import Classifier
from foible.search import Ball

DUMPS = Path(__file__).parent / "dumps"
TOLD = json.loads((DUMPS / "onnx.json").read_text())


def test_without_onnxruntime_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(BadInput, match="wanted it installed: pip install onnxruntime"):
        models.onnx(DUMPS / "table.onnx")


@pytest.fixture(autouse=True)
def present(request):
    if "without" not in request.node.name:
        pytest.importorskip("onnxruntime")


def expected(name):
    """Probabilities, as the model's maker computed them."""
    said = np.array(TOLD[name]["y"])
    if name == "table":
        said = np.exp(said)
        return said / said.sum(axis=1, keepdims=True)
    return np.hstack([1 - said, said]) if name == "one" else said


@pytest.mark.parametrize("chunk", [2, 256])
@pytest.mark.parametrize("name", TOLD)
def test_it_says_what_its_maker_said(name, chunk):
    for given in (DUMPS / f"{name}.onnx", (DUMPS / f"{name}.onnx").read_bytes()):
        model = models.onnx(given, chunk=chunk)

        rows = model.rows(TOLD[name]["X"])

        assert isinstance(model, Classifier)
        said = model.predict_proba(rows)
        np.testing.assert_allclose(said, expected(name), atol=1e-6)
        assert model.predict(rows).tolist() == expected(name).argmax(1).tolist()
        assert model.classes_.tolist() == list(range(said.shape[1]))


def test_a_black_box_is_attacked_by_asking():
    model = models.onnx(DUMPS / "image.onnx")
    rows = np.random.default_rng(0).random((20, 48))
    said = model.predict(rows)

    settings = {"ball": Ball(0.5), "image": (4, 4, 3), "queries": 60, "seed": 0}
    moved = evasion.square(models.oracle(model), rows, said, **settings)

    assert (model.predict(moved) != said).mean() > 0.3
    assert repr(model) == "<ONNX 3×4×4 → 3>"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (partial(models.onnx, b"no model"), "got 8 bytes, which onnxruntime refuses"),
        (partial(models.onnx, "nowhere.onnx"), "got nowhere.onnx, which onnxruntime"),
        (
            partial(models.onnx, DUMPS / "table.onnx", image=(5,)),
            "which onnxruntime refuses .*; wanted a model",
        ),
        (
            partial(models.onnx, DUMPS / "table.onnx", output="z"),
            "which onnxruntime refuses",
        ),
    ],
)
def test_what_cannot_be_asked_is_one_clear_error(asked, message):
    with pytest.raises(BadInput, match=message):
        asked()


def test_rows_of_another_shape_are_refused():
    model = models.onnx(DUMPS / "image.onnx")

    with pytest.raises(BadInput, match=r"wanted \(n, 3, 4, 4\)"):
        model.rows(np.zeros((2, 4, 4, 3)))
    with pytest.raises(BadInput, match="wanted 48 columns"):
        model.predict(np.zeros((2, 47)))
