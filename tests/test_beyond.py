"""Models made elsewhere: on Dask's workers, as on any that joblib can reach."""

import os

import joblib
import numpy as np
import pytest
import torch
from distributed import Client, LocalCluster
from sklearn.ensemble import RandomForestClassifier
from torch import nn

from foible import data, judging, models
from foible.attacks import membership_inference as mi
from foible.store import kept

ROWS = data.digits().take(np.arange(200))


@pytest.fixture(scope="module")
def cluster():
    """Two workers on this machine, and nothing that listens beyond it."""
    with (
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None
        ) as workers,
        Client(workers) as client,
    ):
        yield client


def loop(X, y, seed):
    """What tutorials train, which says in a weight where it ran."""
    module = nn.Linear(64, 10)
    with torch.no_grad():
        module.bias[0] = float(os.getpid())
    return module


RECIPES = {
    "networks side by side": models.network(hidden=8, steps=20, batch=16),
    "forests": models.forest(trees=5),
    "convolutional": models.convolutional(filters=(4,), steps=5),
    "an estimator": models.recipe(RandomForestClassifier(5)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", RECIPES)
def test_models_made_by_dask_are_those_made_here(name, cluster):
    recipe, count = RECIPES[name], 130 if name.startswith("networks") else 4
    rows = [ROWS.take(slice(i % 7, None)) for i in range(count)]

    with joblib.parallel_config("dask"):
        there = recipe.many(rows, seeds=range(count))

    for one, same in zip(there, recipe.many(rows, seeds=range(count)), strict=True):
        np.testing.assert_array_equal(
            one.predict_proba(ROWS.X), same.predict_proba(ROWS.X)
        )


@pytest.mark.slow
def test_both_workers_make_models_and_this_process_none(cluster):
    with joblib.parallel_config("dask"):
        made = models.recipe(loop).many([ROWS] * 8, seeds=range(8))

    ran = {int(model.module.bias[0]) for model in made}
    assert ran == set(cluster.run(os.getpid).values())
    assert os.getpid() not in ran


@pytest.mark.slow
def test_a_sweep_measures_its_doses_on_the_workers(cluster):
    def measure(dose):
        return {"twice": [2 * dose], "where": [float(os.getpid())]}

    lines = {"twice": "victim", "where": "attacker"}
    names = {"dose_name": "dose", "response_name": "answer", "units": "runs"}
    with joblib.parallel_config("dask"):
        told = judging.sweep(
            range(8), measure, lines=lines, within=(0, np.inf), **names
        )

    assert told.responses["twice"].ravel().tolist() == [0, 2, 4, 6, 8, 10, 12, 14]
    assert set(told.responses["where"].ravel()) == set(cluster.run(os.getpid).values())


@pytest.mark.slow
def test_what_the_workers_made_is_kept_here(cluster, tmp_path):
    recipe = kept(models.network(hidden=8, steps=20), tmp_path)

    with joblib.parallel_config("dask"):
        shadows = mi.Shadows.made(recipe, ROWS, count=140, seed=0)

    assert len(list(tmp_path.iterdir())) == 140
    again = mi.Shadows.made(recipe, ROWS, count=140, seed=0)
    target = models.network(hidden=8, steps=20)(ROWS.take(slice(100)), seed=999)
    one, same = (mi.lira(models.oracle(target), ROWS, s) for s in (shadows, again))
    np.testing.assert_array_equal(one, same)
