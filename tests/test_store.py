"""Models that were made before are found again: none old, damaged or another's."""

import signal
import subprocess
import sys
import time
import warnings
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, ClassVar

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn.compose import make_column_transformer
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler
from torch import nn

from foible import data, models
from foible.attacks import evasion
from foible.attacks import membership_inference as mi
from foible.defences import hardening
from foible.errors import BadInput, ModelRemade
from foible.search import Ball
from foible.store import fingerprint, kept

ROWS = data.digits().take(np.arange(200))
IRISES = data.irises()
SMALL = models.network(hidden=8, steps=20)
LOG = models.recipe(LogisticRegression(max_iter=1000))


@dataclass(frozen=True)
class Counted(models.Recipe):
    """A recipe that notes for which seeds it was asked."""

    recipe: Any = SMALL
    asked: ClassVar[list[int]] = []

    def __call__(self, rows, *, seed):
        return self.many([rows], seeds=[seed])[0]

    def many(self, rows, *, seeds):
        self.asked.extend(seeds)
        return self.recipe.many(rows, seeds=seeds)


@pytest.fixture
def asked():
    Counted.asked.clear()
    return Counted.asked


def test_more_shadows_after_a_few_are_the_rest_to_make(tmp_path, asked):
    few = mi.Shadows.made(kept(Counted(), tmp_path), ROWS, count=64, seed=0)
    assert asked == list(range(64))

    many = mi.Shadows.made(kept(Counted(), tmp_path), ROWS, count=150, seed=0)

    assert asked == list(range(150))
    assert len(list(tmp_path.iterdir())) == 150
    plain = mi.Shadows.made(SMALL, ROWS, count=150, seed=0)
    for one, same in zip(few.models, many.models, strict=False):
        np.testing.assert_array_equal(one.logits(ROWS.X), same.logits(ROWS.X))
    for one, same in zip(many.models, plain.models, strict=True):
        np.testing.assert_allclose(one.logits(ROWS.X), same.logits(ROWS.X), atol=1e-3)


def loop(X, y, seed):
    module = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3))
    adam = torch.optim.Adam(module.parameters(), lr=0.01)
    for _ in range(5):
        said = module(torch.tensor(X, dtype=torch.float32))
        loss = nn.functional.cross_entropy(said, torch.tensor(y))
        adam.zero_grad()
        loss.backward()
        adam.step()
    return module


FRAME = pd.DataFrame({"job": ["cook", "nurse"] * 30, "age": np.arange(60.0)})
PEOPLE = data.labelled(FRAME, np.arange(60) % 2)
WORDS = make_column_transformer((OneHotEncoder(), ["job"]), remainder=StandardScaler())
UNTRAINED = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 3)).eval()
KINDS = {
    "network": (SMALL, ROWS, {}),
    "standardised": (models.standardised(SMALL), ROWS, {}),
    "convolutional": (models.convolutional(filters=(4, 4), steps=5), ROWS, {}),
    "private": (models.private_network(steps=5, noise=1.0), ROWS, {}),
    "adversarial": (
        hardening.adversarial(SMALL, attack=partial(evasion.pgd, ball=Ball(0.1))),
        ROWS,
        {"version": "1"},
    ),
    "softmax": (models.softmax(), IRISES, {}),
    "forest": (models.forest(trees=5), IRISES, {}),
    "tree": (models.tree(depth=3), IRISES, {}),
    "own forest": (models.recipe(RandomForestClassifier(5)), IRISES, {}),
    "own regression": (LOG, IRISES, {}),
    "own boosting": (
        models.recipe(GradientBoostingClassifier(n_estimators=3)),
        IRISES,
        {},
    ),
    "own pipeline": (
        models.recipe(make_pipeline(WORDS, LogisticRegression()), like=FRAME),
        PEOPLE,
        {},
    ),
    "own network": (
        models.recipe(loop),
        IRISES,
        {"version": "1", "like": models.torch(UNTRAINED)},
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_that_is_found_is_the_one_that_was_made(kind, tmp_path, asked):
    recipe, rows, settings = KINDS[kind]

    kept(Counted(recipe), tmp_path, **settings)(rows, seed=3)
    found = kept(Counted(recipe), tmp_path, **settings)(rows, seed=3)

    plain = recipe(rows, seed=3)
    assert asked == [3]
    said = [one.predict_proba(rows.X) for one in (found, plain)]
    np.testing.assert_allclose(*said, rtol=1e-6, atol=1e-9)
    assert type(found) is type(plain)


def other_rows(**changes):
    return replace(IRISES, **changes)


@pytest.mark.parametrize(
    ("recipe", "rows", "seed", "settings"),
    [
        (replace(SMALL, steps=21), IRISES, 0, {}),
        (replace(SMALL, rate=0.02), IRISES, 0, {}),
        (replace(SMALL, device="cpu:0"), IRISES, 0, {}),
        (models.private_network(hidden=8, steps=20, noise=1.0), IRISES, 0, {}),
        (models.standardised(SMALL), IRISES, 0, {}),
        (SMALL, IRISES, 1, {}),
        (SMALL, IRISES, 0, {"version": "2"}),
        (SMALL, IRISES.take(slice(1, None)), 0, {}),
        (SMALL, other_rows(X=IRISES.X + 1e-9), 0, {}),
        (SMALL, other_rows(y=IRISES.y[::-1]), 0, {}),
        (SMALL, other_rows(classes=("a", "b", "c", "d")), 0, {}),
        (SMALL, other_rows(image=(2, 2)), 0, {}),
    ],
)
def test_what_would_be_another_model_is_not_found(
    recipe, rows, seed, settings, tmp_path
):
    one = kept(SMALL, tmp_path).path(IRISES, seed=0)

    assert kept(recipe, tmp_path, **settings).path(rows, seed=seed) != one
    assert kept(replace(SMALL), tmp_path).path(replace(IRISES, name="n"), seed=0) == one


def doubled(by):
    return lambda X, y, seed: LogisticRegression(C=by).fit(X, y)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (doubled(1.0), doubled(2.0)),
        (lambda X, y, seed: 1, lambda X, y, seed: 2),
        (lambda X, y, seed: X.min(), lambda X, y, seed: X.max()),
        (partial(loop, 1), partial(loop, 2)),
        (LogisticRegression(C=1.0), LogisticRegression(C=2.0)),
        (LogisticRegression(), RandomForestClassifier()),
        (np.arange(3), np.arange(3.0)),
        (np.arange(4), np.arange(4).reshape(2, 2)),
        (["a", "b"], ["ab"]),
        ([1, [2, 3]], [[1, 2], 3]),
        (np.array([None, "a"]), np.array([None, "b"])),
        (1, True),
        (1, 1.0),
        (PEOPLE, replace(PEOPLE, classes=("b", "c"))),
    ],
)
def test_things_that_differ_have_other_fingerprints(one, other):
    assert fingerprint(one, version="1") != fingerprint(other, version="1")
    assert fingerprint(one, version="1") == fingerprint(one, version="1")


def test_a_fingerprint_is_the_same_in_another_process():
    code = (
        "from foible import data, models; from foible.store import fingerprint; "
        "print(fingerprint([models.network(), data.irises(), {'b', 'a', 'c'}]))"
    )
    ended = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONPATH": ":".join(sys.path), "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]

    assert ended[0] == ended[1]
    assert len(ended[0]) == 41


def test_a_damaged_file_is_made_again_and_said(tmp_path):
    recipe = kept(SMALL, tmp_path)
    path, good = recipe.path(IRISES, seed=0), recipe(IRISES, seed=0).weights()
    whole = path.read_bytes()
    values = next(iter(good.values())).tobytes()
    place = whole.index(values)
    for damaged in (
        b"",
        b"rubbish",
        whole[:-1],
        whole[: len(whole) // 2],
        whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :],
        kept(SMALL, tmp_path).path(IRISES, seed=1).name.encode(),
    ):
        path.write_bytes(damaged)

        with pytest.warns(ModelRemade, match=f"got {path.name}, which cannot be read"):
            found = recipe(IRISES, seed=0)

        assert path.read_bytes() == whole
        for name, weight in found.weights().items():
            np.testing.assert_array_equal(weight, good[name])


def test_any_bent_byte_is_the_same_model_or_is_said(tmp_path):
    recipe = kept(models.network(hidden=1, steps=1), tmp_path)
    path, good = recipe.path(IRISES, seed=0), recipe(IRISES, seed=0).logits(IRISES.X)
    whole = path.read_bytes()
    said = 0
    for place in range(0, len(whole), 7):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 8]) + whole[place + 1 :])
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            found = recipe(IRISES, seed=0)
        np.testing.assert_array_equal(found.logits(IRISES.X), good)
        said += len(told)
    assert said > 50


def test_a_model_of_another_is_not_taken_for_it(tmp_path):
    recipe = kept(SMALL, tmp_path)
    one, other = (recipe.path(IRISES, seed=seed) for seed in (0, 1))
    recipe(IRISES, seed=0)
    one.rename(other)

    with pytest.warns(ModelRemade, match="it is that of"):
        recipe(IRISES, seed=1)


def test_a_pickle_in_the_place_of_a_model_is_not_run(tmp_path):
    recipe = kept(SMALL, tmp_path)
    path = recipe.path(IRISES, seed=0)
    ran = tmp_path / "ran"
    np.save(path, np.array([Trap(ran)], object), allow_pickle=True)
    path.with_suffix(".npz.npy").rename(path)

    with pytest.warns(ModelRemade, match="allow_pickle=False"):
        recipe(IRISES, seed=0)

    assert not ran.exists()
    with path.open("wb") as file:
        np.savez(file, key=np.array([Trap(ran)], object))
    with pytest.warns(ModelRemade, match="allow_pickle=False"):
        recipe(IRISES, seed=0)
    assert not ran.exists()


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


SLOW = """
import sys, time
from pathlib import Path
sys.path[:0] = {!r}
from test_store import *
class Slow(Counted):
    def many(self, rows, *, seeds):
        time.sleep(0.05)
        return super().many(rows, seeds=seeds)
Slow.__module__, Slow.__qualname__ = {!r}, "Counted"
mi.Shadows.made(kept(Slow(), {!r}, together=1), ROWS, count=60, seed=0)
"""


def test_a_run_that_was_killed_goes_on(tmp_path, asked):
    program = SLOW.format(sys.path, __name__, str(tmp_path))
    run = subprocess.Popen([sys.executable, "-c", program])
    end = time.monotonic() + 60
    while not 3 <= len(list(tmp_path.glob("*.npz"))) < 60 and time.monotonic() < end:
        time.sleep(0.01)
    run.send_signal(signal.SIGKILL)
    run.wait()
    there = len(list(tmp_path.glob("*.npz")))

    made = mi.Shadows.made(kept(Counted(), tmp_path), ROWS, count=60, seed=0)

    assert 3 <= there < 60
    assert asked == list(range(there, 60))
    assert len([model.logits(ROWS.X) for model in made.models]) == 60


def test_only_the_parts_at_hand_are_taken_and_read(tmp_path, monkeypatch):
    recipe = kept(SMALL, tmp_path, together=2)
    shadows = mi.Shadows.made(recipe, ROWS, count=9, seed=0)
    read = []
    monkeypatch.setattr(type(recipe), "read", lambda self, path, **_: read.append(path))

    assert len(shadows.models) == 9
    assert len(shadows.models[2:4]) == 2
    assert len(read) == 2


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda folder: kept(SMALL, __file__), "wanted one that can be made"),
        (
            lambda folder: kept(models.recipe(loop), folder)(IRISES, seed=0),
            'loop.* whose code may change unseen; wanted version="1"',
        ),
        (
            lambda folder: kept(models.recipe(loop), folder, version="1")(
                IRISES, seed=0
            ),
            r"wanted like=models.torch\(module\)",
        ),
        (
            lambda folder: kept(
                models.recipe(loop),
                folder,
                version="1",
                like=models.torch(nn.Linear(4, 3).eval()),
            )(IRISES, seed=0),
            "got weights of shapes",
        ),
        (
            lambda folder: kept(models.neighbours(), folder)(IRISES, seed=0),
            "makes a Neighbours, which is not kept",
        ),
        (
            lambda folder: kept(
                models.recipe(
                    make_pipeline(FunctionTransformer(shifted), LogisticRegression())
                ),
                folder,
                version="1",
            )(IRISES, seed=0),
            "could be any program",
        ),
        (
            lambda folder: kept(SMALL, folder).many([IRISES], seeds=[0, 1]),
            "got 1 data sets and 2 seeds",
        ),
        (lambda folder: fingerprint(torch.ones(2), version="1"), "tensor.* wanted"),
        (lambda folder: fingerprint(object(), version="1"), "object.* wanted"),
    ],
)
def test_what_cannot_be_kept_is_one_clear_line(call, said, tmp_path):
    with pytest.raises(BadInput, match=said):
        call(tmp_path)

    assert list(tmp_path.iterdir()) == []


def shifted(X):
    return X + 1
