"""Rows that harm, images that collide, and labels that are found to be flipped.

ART's attack on a support vector machine wants `SVC(probability=True)`, which it does
not say. Its collision changes the image that it is given, begins with steps of 127,500
if it is not told otherwise, and leaves something behind in the network at every step,
so that every target gets a new one.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import PredefinedSplit, cross_val_predict
from sklearn.svm import SVC

from foible import data, models
from foible.arrays import Floats, Ints
from foible.attacks import poisoning
from foible.attacks.poisoning.collisions import lookalikes
from foible.data import Dataset, joined
from foible.defences import screening
from foible.defences.screening.rows import Rule
from foible.metrics import accuracy
from foible.victim import Victim
from peers.networks import art_classifier, network_of
from peers.table import Row, timed

Maker = Callable[[Dataset], Any]


def compared() -> Iterator[Row]:
    """The lines of this family."""
    yield from _added()
    yield from _collided()
    yield from _screened()


# ---------------------------------------------------------------- rows that harm


def _added() -> Iterator[Row]:
    """One row in twenty added to the clinic's: ours is made for a logistic regression.

    The peer's is made for a support vector machine; each is judged on both.
    """
    learnt, rest = data.clinic().split(0.5, seed=0)
    own, fresh = rest.split(0.5, seed=0)
    mean, spread = learnt.X.mean(axis=0), learnt.X.std(axis=0)
    learnt, own, fresh = (
        replace(part, X=(part.X - mean) / spread) for part in (learnt, own, fresh)
    )
    count = len(learnt) // 20
    ours, seconds = timed(
        lambda: poisoning.crafted_rows(learnt, own, count=count, seed=0), rounds=3
    )
    theirs, their_seconds = timed(lambda: _art_added(learnt, own, count))
    makers: dict[str, Maker] = {
        "support vector machine": lambda rows: _machine().fit(rows.X, rows.y),
        "logistic regression": lambda rows: models.logistic()(rows, seed=0),
    }
    for name, make in makers.items():
        left = [
            accuracy(fresh.y, make(joined(learnt, part)).predict(fresh.X))
            for part in (ours, theirs)
        ]
        yield Row(
            f"{count} rows added to the clinic's {len(learnt)}, {name}",
            "accuracy left",
            left[0],
            seconds,
            "ART PoisoningAttackSVM",
            left[1],
            their_seconds,
            "lower",
        )


def _machine() -> SVC:
    return SVC(kernel="linear", probability=True)


def _art_added(learnt: Dataset, own: Dataset, count: int) -> Dataset:
    from art.attacks.poisoning import PoisoningAttackSVM
    from art.estimators.classification.scikitlearn import ScikitlearnSVC

    one_hot = np.eye(2)
    box = float(learnt.X.min()), float(learnt.X.max())
    machine = ScikitlearnSVC(_machine(), clip_values=box)
    machine.fit(learnt.X, one_hot[learnt.y])
    attack = PoisoningAttackSVM(
        machine,
        step=1.0,
        eps=1.0,
        x_train=learnt.X,
        y_train=one_hot[learnt.y],
        x_val=own.X,
        y_val=one_hot[own.y],
        max_iter=20,
        verbose=False,
    )
    begin = learnt.take(
        np.random.default_rng(0).choice(len(learnt), count, replace=False)
    )
    X, _ = attack.poison(begin.X.copy(), one_hot[1 - begin.y])
    return replace(begin, X=X, y=1 - begin.y)


# ---------------------------------------------------------------- images that collide


def _collided() -> Iterator[Row]:
    """One rightly labelled image for each target, which is to be misread for it."""
    lent, rest = data.digits().split(0.6, seed=0)
    taught, rest = rest.split(200 / len(rest), seed=0)
    theirs, letters = rest.split(0.3, seed=0)
    network = models.network(hidden=(128, 64), steps=300, batch=128)(lent, seed=0)
    recipe = models.transferred(network, models.softmax(strength=0.1))
    branch = Victim.trained(recipe, taught, seed=0)
    model = network_of(branch)
    read = np.flatnonzero(model.predict(letters.X) == letters.y)[:30]
    aims, wanted = letters.X[read], (letters.y[read] + 1) % 10
    starts = lookalikes(model, theirs, aims, wanted, count=1)

    def misread(X: Floats) -> float:
        poisons = [
            replace(theirs.take(np.zeros(1, int)), X=x[np.newaxis], y=np.array([label]))
            for x, label in zip(X, wanted, strict=True)
        ]
        said = [
            branch.retrained(joined(taught, poison)).model.predict(aim[np.newaxis])[0]
            for poison, aim in zip(poisons, aims, strict=True)
        ]
        return float(np.mean(said == wanted))

    collide = partial(poisoning.collided, starts, aims, model, steps=400)
    moved, their_seconds = timed(lambda: _art_collided(model, starts, aims))
    for free in (
        partial(collide, cap=1.0, step=0.005),
        partial(collide, cap=2.1, step=0.05, norm="L2"),
    ):
        ours, seconds = timed(free, rounds=3)
        lengths = [_length(rows - starts) for rows in (ours, moved)]
        yield Row(
            f"one image added for each of {len(aims)} targets, moved by "
            f"{lengths[0]:.3g} and by {lengths[1]:.3g}",
            "targets misread as wanted",
            misread(ours),
            seconds,
            "ART FeatureCollisionAttack",
            misread(moved),
            their_seconds,
            "higher",
        )


def _length(moves: Floats) -> float:
    return float(np.linalg.norm(moves, axis=1).mean())


def _art_collided(model: models.Network, starts: Floats, aims: Floats) -> Floats:
    from art.attacks.poisoning import FeatureCollisionAttack

    found = []
    for start, aim in zip(
        starts.astype(np.float32), aims.astype(np.float32), strict=True
    ):
        classifier = art_classifier(model)
        attack = FeatureCollisionAttack(
            classifier,
            aim[np.newaxis],
            len(classifier.layer_names) - 3,  # before the last layer and its cast
            learning_rate=0.01,
            similarity_coeff=0.01,
            max_iter=200,
            verbose=False,
        )
        found.append(attack.poison(start[np.newaxis].copy())[0][0])
    return np.array(found, np.float64)


# ---------------------------------------------------------------- flipped labels


class _Learner(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """A recipe for the cross-validation of scikit-learn, which cleanlab builds on."""

    def __init__(self, recipe: models.Recipe, rows: Dataset) -> None:
        self.recipe, self.rows = recipe, rows

    def fit(self, X: Floats, y: Ints) -> "_Learner":
        self.classes_ = np.arange(len(self.rows.classes))
        self.model_: Any = self.recipe(replace(self.rows, X=X, y=y), seed=0)
        return self

    def predict(self, X: Floats) -> Ints:
        return np.asarray(self.model_.predict(X))

    def predict_proba(self, X: Floats) -> Floats:
        return np.asarray(self.model_.predict_proba(X))


def _screened() -> Iterator[Row]:
    """Confident learning by both rules, the second being cleanlab's default."""
    from cleanlab.filter import find_label_issues

    recipe = models.network(hidden=32, steps=400, batch=32)
    dirty = poisoning.random_flips(data.digits(), share=0.1, seed=0)
    flipped = dirty.y != data.digits().y
    fold = np.random.default_rng(0).permutation(len(dirty)) % 5
    rules: tuple[Rule, ...] = ("confident_learning", "prune_by_noise_rate")
    for rule in rules:
        screen = screening.by_confidence(recipe, rule=rule, seed=0)
        ours, seconds = timed(partial(screen, dirty), rounds=2)

        def issues(rule: str = rule) -> Any:
            sure = cross_val_predict(
                _Learner(recipe, dirty),
                dirty.X,
                dirty.y,
                cv=PredefinedSplit(fold),
                method="predict_proba",
            )
            return find_label_issues(dirty.y, sure, filter_by=rule, n_jobs=1)

        theirs, their_seconds = timed(issues, rounds=2)
        for measure, among in (("found", flipped), ("false alarms", ~flipped)):
            yield Row(
                f"{flipped.sum()} flipped labels of {len(dirty):,} digits",
                measure,
                float(ours[among].mean()),
                seconds,
                f"cleanlab, {rule}",
                float(theirs[among].mean()),
                their_seconds,
                "higher" if measure == "found" else "lower",
                1 / among.sum(),  # one row: the folds' networks differ by rounding
            )
