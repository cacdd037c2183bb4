"""How much can a few rows do, if many models vote?

`partitioned` suspects nobody: it deals the rows out to many models, so that few rows
can move few votes, and says how many.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.data import Dataset
from foible.defences.screening.rows import in_bytes
from foible.domains import Count, Rows, Seed
from foible.models import Classifier, Recipe, as_classifier


@dataclass(frozen=True, eq=False)
class Partitioned:
    """Models of disjoint parts of the rows, which vote; see `partitioned`."""

    models: tuple["Classifier | _Constant", ...]
    classes_: Ints

    def votes(self, X: Rows) -> Ints:
        """How many models answer each class, ndarray of shape (n, k)."""
        said = (model.predict(X)[:, None] == self.classes_ for model in self.models)
        return np.asarray(sum(said))

    def predict_proba(self, X: Rows) -> Floats:
        """Share of the models that answer each class, ndarray of shape (n, k)."""
        return self.votes(X) / len(self.models)

    def predict(self, X: Rows) -> Ints:
        """Class with the most votes, of equals the first, ndarray of shape (n,)."""
        return likeliest(self.votes(X).astype(float))

    def certified(self, X: Rows) -> Ints:
        """Rows that may be added, removed or relabelled and leave each answer be.

        A certificate: no attack whatever on so many training rows changes the answer
        [levine2021deep]. A row whose values are altered counts twice: it is removed
        and added.
        """
        return certificate(self.votes(X))


def certificate(votes: Ints) -> Ints:
    """Models that may change sides before the answer does, (n,) [levine2021deep]."""
    each, top = np.arange(len(votes)), likeliest(finite_rows(votes))
    lead = votes[each, top]
    rivals = votes + (np.arange(votes.shape[1]) < top[:, None])  # who wins a tie
    rivals[each, top] = -1
    return np.asarray((lead - rivals.max(axis=1)) // 2)


def partition(X: Rows, *, parts: Count) -> Ints:
    """The part of each row: SHA-256 of its values, modulo the number of parts.

    The label does not count, so relabelling a row stays within its part.
    """
    firsts = [hashlib.sha256(row).digest()[:8] for row in in_bytes(X)]
    return np.array([int.from_bytes(b, "big") % parts for b in firsts], dtype=np.int64)


@dataclass(frozen=True)
class PartitionedRecipe:
    """Makes one model of each part of the rows; see `partitioned`."""

    recipe: Recipe
    parts: Count

    def __call__(self, rows: Dataset, *, seed: Seed) -> Partitioned:
        """One ensemble."""
        where = partition(rows.X, parts=self.parts)
        parts = [_ordered(rows.take(where == part)) for part in np.unique(where)]
        made = tuple(_voter(self.recipe, part, seed) for part in parts)
        return Partitioned(made, np.arange(len(rows.classes)))

    def many(
        self, rows: Sequence[Dataset], *, seeds: Sequence[Seed]
    ) -> list[Partitioned]:
        """As many ensembles."""
        return [self(part, seed=seed) for part, seed in zip(rows, seeds, strict=True)]


def partitioned(recipe: Recipe, *, parts: Count) -> PartitionedRecipe:
    """Deep partition aggregation: a vote of models of disjoint rows [levine2021deep].

    The recipe, of a classifier, must give the same model for the same rows and seed, to
    the last bit, or the certificate is void.
    """
    return PartitionedRecipe(recipe, parts)


@dataclass(frozen=True)
class _Constant:
    """The vote of a part whose rows all have one label."""

    label: int

    def predict(self, X: Floats) -> Ints:
        return np.full(len(X), self.label)


def _voter(recipe: Recipe, part: Dataset, seed: int) -> Classifier | _Constant:
    if len(np.unique(part.y)) == 1:
        return _Constant(int(part.y[0]))
    return as_classifier(recipe(part, seed=seed))


def _ordered(rows: Dataset) -> Dataset:
    """The same rows in an order that does not depend on how they came."""
    keys = list(zip(in_bytes(rows.X), rows.y.tolist(), strict=True))
    return rows.take(np.array(sorted(range(len(rows)), key=keys.__getitem__)))
