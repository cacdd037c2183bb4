"""Which rows should a model not learn from, by themselves and by their neighbours?

A screen looks at rows and says which it suspects; `screened` makes of it a recipe that
learns from the others.
"""

import hashlib
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from sklearn.neighbors import NearestNeighbors

from foible.arrays import Bools, Floats, Ints, scale
from foible.data import Dataset
from foible.domains import Count, Rows, Seed, Several, Share
from foible.errors import BadInput
from foible.models import Model, Recipe, as_classifier, probabilities

Screen = Callable[[Dataset], Bools]
"""Takes rows to the suspects among them, of shape (n,)."""
Rule: TypeAlias = Literal["confident_learning", "prune_by_noise_rate"]
"""How confident learning says which rows, as its authors' library names it."""


def by_neighbours(*, count: Count = 10) -> Screen:
    """Suspects whom most of their neighbours contradict [paudice2019label].

    So many of the nearest rows are asked, in standardised columns.
    """

    def suspects(rows: Dataset) -> Bools:
        if count >= len(rows):
            raise BadInput(f"got {len(rows)} rows; wanted more than the {count} asked")
        mean, spread = scale(rows.X)
        X = (rows.X - mean) / spread
        near = NearestNeighbors(n_neighbors=count + 1).fit(X)
        others = near.kneighbors(X, return_distance=False)[:, 1:]
        return np.asarray((rows.y[others] != rows.y[:, None]).mean(axis=1) > 0.5)

    return suspects


def by_loss(recipe: Recipe, *, share: Share, rounds: Count = 20, seed: Seed) -> Screen:
    """Suspects the share that the others explain worst [jagielski2018manipulating].

    A model is made from all rows, the rows of the largest loss are left out, a model is
    made from the others, and so on until the same rows are left out twice.

    After so many `rounds` it stops in any case. The recipe is of a classifier.
    """

    def suspects(rows: Dataset) -> Bools:
        each, left_out = np.arange(len(rows)), np.zeros(len(rows), dtype=bool)
        for _ in range(rounds):
            model = as_classifier(recipe(rows.take(~left_out), seed=seed))
            sure = probabilities(model, rows.X)[each, rows.y]
            worst = np.argsort(sure, kind="stable")[: round(share * len(rows))]
            before, left_out = left_out, np.isin(each, worst)
            if (before == left_out).all():
                break
        return left_out

    return suspects


def by_confidence(
    recipe: Recipe,
    *,
    folds: Several = 5,
    rule: Rule = "confident_learning",
    seed: Seed,
) -> Screen:
    """Suspects whom models of the other rows call something else, surely enough.

    Surely enough is at least as sure as such a model is, on average, of rows labelled
    so: confident learning [northcutt2021confident]. As in its authors' library, a row
    whose own label seems likeliest is let be. The recipe is of a classifier; each row
    is judged by a model made without its fold.

    By the rule "prune_by_noise_rate", that library's default, these rows only tell how
    many of a label are really of each other class; so many that seem likeliest so are
    suspected, be it surely or not. It finds more, and raises more false alarms.
    """

    def suspects(rows: Dataset) -> Bools:
        fold = np.random.default_rng(seed).permutation(len(rows)) % folds
        sure = np.zeros((len(rows), len(rows.classes)))
        others = [rows.take(fold != part) for part in range(folds)]
        for part, model in enumerate(recipe.many(others, seeds=[seed] * folds)):
            judged = fold == part
            sure[judged] = probabilities(as_classifier(model), rows.X[judged])
        there = np.unique(rows.y)
        usual = np.array([sure[rows.y == label, label].mean() for label in there])
        enough = np.where(sure[:, there] >= usual, sure[:, there], -1)
        called = there[enough.argmax(axis=1)]
        known = enough.max(axis=1) >= 0
        flagged = known & (called != rows.y)
        if rule == "prune_by_noise_rate":
            flagged = _by_rate(sure, rows.y, np.flatnonzero(known), called)
        doubted = sure.argmax(axis=1) != rows.y  # else likelier right than wrong
        return np.asarray(flagged & doubted)

    return suspects


def _by_rate(sure: Floats, y: Ints, known: Ints, called: Ints) -> Bools:
    """As many rows of a label as those known are called something else, by margin."""
    flagged, joint = np.zeros(len(y), bool), np.eye(sure.shape[1])
    np.add.at(joint, (y[known], called[known]), 1)
    joint -= np.eye(len(joint)) * (joint.diagonal() > 1)  # one at least is right
    for label in np.unique(y):
        ours = np.flatnonzero(y == label)
        wanted = joint[label] * len(ours) / joint[label].sum()
        counts = np.rint(wanted)
        more, order = round(len(ours) - counts.sum()), np.argsort(wanted - counts)
        counts[order[:-more] if more < 0 else order[::-1][:more]] += np.sign(more)
        for other in np.flatnonzero(counts * (np.arange(len(counts)) != label)):
            margin = sure[ours, other] - sure[ours, label]
            order = np.argsort(-margin, kind="stable")
            flagged[ours[order[: int(counts[other])]]] = True
    return flagged


def seen_through(features: Callable[[Floats], Floats], screen: Screen) -> Screen:
    """The screen, looking at what a network makes of the rows [peri2020deep]."""

    def suspects(rows: Dataset) -> Bools:
        X = features(rows.X)
        names = tuple(f"feature_{i}" for i in range(X.shape[1]))
        return screen(replace(rows, X=X, columns=names, image=None))

    return suspects


def by_digest(known: Collection[str]) -> Screen:
    """Suspects every row whose digest was not noted when it was collected."""
    return lambda rows: np.array([one not in known for one in digests(rows)])


def digests(rows: Dataset) -> list[str]:
    """SHA-256 of each row with its label, 64 hexadecimal digits."""
    return [
        hashlib.sha256(row + int(y).to_bytes(8, "big")).hexdigest()
        for row, y in zip(in_bytes(rows.X), rows.y, strict=True)
    ]


def in_bytes(X: Rows) -> list[bytes]:
    """Each row in bytes, the same on every machine."""
    return [row.tobytes() for row in np.ascontiguousarray(X, dtype=">f8")]


@dataclass(frozen=True)
class ScreenedRecipe:
    """Makes models of the rows that a screen lets through."""

    recipe: Recipe
    screen: Screen

    def __call__(self, rows: Dataset, *, seed: Seed) -> Model:
        """One model."""
        return self.recipe(rows.take(~self.screen(rows)), seed=seed)

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]
    ) -> Sequence[Model]:
        """As many models, each of its own rows, screened by themselves."""
        passed = [part.take(~self.screen(part)) for part in rows]
        return self.recipe.many(passed, seeds=seeds)


def screened(recipe: Recipe, screen: Screen) -> ScreenedRecipe:
    """The recipe, on what a screen lets through."""
    return ScreenedRecipe(recipe, screen)
