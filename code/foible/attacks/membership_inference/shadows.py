"""What would models say that have seen a row, and models that have not?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from os import W_OK, access
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TypeAlias

import numpy as np
from numpy.lib.format import open_memmap

from foible.arrays import Bools, Floats, masks
from foible.attacks.membership_inference.signals import Signal
from foible.data import Dataset
from foible.data.rows import Taken
from foible.domains import Count, Limit, Natural, Seed
from foible.errors import BadInput
from foible.models import Model, Recipe, transport
from foible.models.kinds import made
from foible.oracle import Oracle, Transport

Attack: TypeAlias = Callable[[Oracle, Dataset, "Shadows"], Floats]
"""Scores the candidates, (n,), by asking the target and the attacker's own models."""
Muted: TypeAlias = Callable[[Transport], Transport]
"""A defence that stands between a model and who asks it."""
Said: TypeAlias = tuple[Floats, object]
"""What a model has said, and what it was asked."""

PRIOR = 16.0
"""So many shadows does the common spread count for, beside a candidate's own."""


def plain(transport: Transport) -> Transport:
    """Answers as they are: nothing is muted."""
    return transport


@dataclass(frozen=True, eq=False)
class Shadows:
    """Models of the attacker's own, and which of the candidates each has seen.

    Parameters
    ----------
    models : sequence of classifiers, length m
    member : ndarray of bool, shape (m, n)
        Whether each model was made from each candidate; all False if the attacker has
        made them from other rows.
    muted : callable, Transport to Transport
        What the attacker puts before their own models' answers, to make them like
        those of a target that tells less.
    told : sequence of dict, length m, optional
        Where what each says is kept, for the next target; see `remembering`.
    folder : Path, optional
        Where on a disk what they say to one question stands in one array, which is
        mapped into memory and goes when nobody holds it; see `on_disk`.
    """

    models: Sequence[Model]
    member: Bools
    muted: Muted = plain
    told: Sequence[dict[object, tuple[Floats, object]]] | None = field(
        default=None, repr=False
    )
    folder: Path | None = None

    def __post_init__(self) -> None:
        if self.member.ndim != 2 or len(self.models) != len(self.member):
            raise BadInput(
                f"got {len(self.models)} models and members of shape "
                f"{self.member.shape}; wanted (models, candidates)"
            )

    @classmethod
    def made(
        cls, recipe: Recipe, candidates: Dataset, *, count: Count, seed: Seed
    ) -> "Shadows":
        """Shadows made from random halves of the candidates, see `masks`."""
        member = masks(count, len(candidates), seed=seed)
        halves = Taken(candidates, member)
        return cls(made(recipe, halves, seeds=range(count)), member)

    @classmethod
    def strangers(
        cls,
        recipe: Recipe,
        rows: Dataset,
        *,
        count: Count,
        candidates: Count,
        seed: Seed,
    ) -> "Shadows":
        """Shadows made from random halves of the attacker's own rows, no candidate."""
        halves = masks(count, len(rows), seed=seed)
        seeds = range(seed, seed + count)
        models = made(recipe, Taken(rows, halves), seeds=seeds)
        return cls(models, np.zeros((count, candidates), bool))

    def without(self, number: Natural) -> "Shadows":
        """All but one of them, of whom nothing is left."""
        kept = [i for i in range(len(self.models)) if i != number]
        return replace(
            self,
            models=[self.models[i] for i in kept],
            member=self.member[kept],
            told=self.told and [self.told[i] for i in kept],
        )

    def remembering(self) -> "Shadows":
        """The same, who from here on say what they said before.

        For as long only as nobody fits one of the models again.
        """
        return replace(self, told=[{} for _ in self.models])

    def on_disk(self, folder: str | Path) -> "Shadows":
        """The same, whose answers take room in a folder and not in memory.

        BadInput: no folder, or one in which nobody may write.
        """
        where = Path(folder)
        if not where.is_dir() or not access(where, W_OK):
            raise BadInput(
                f"got folder={str(folder)!r}; wanted one that is there, to write in"
            )
        return replace(self, folder=where)

    def say(self, signal: Signal, rows: Dataset) -> Floats:
        """The signal of every shadow, ndarray of shape (m, n)."""
        said = self._room(len(rows))
        for i in range(len(self.models)):
            said[i] = self._said(i, signal, rows)
        return said

    def _room(self, rows: int) -> Floats:
        shape = len(self.models), rows
        if self.folder is None:
            return np.empty(shape)
        with NamedTemporaryFile(dir=self.folder, suffix=".npy") as file:
            return open_memmap(file.name, "w+", np.float64, shape)

    def _said(self, number: int, signal: Signal, rows: Dataset) -> Floats:
        told = {} if self.told is None else self.told[number]
        asked = self.muted, signal, rows  # each is itself and no other
        question = tuple(map(id, asked))
        if question not in told:
            oracle = Oracle(self.muted(transport(self.models[number])))
            told[question] = signal(oracle, rows), asked  # kept: no other gets its id
        answers: Floats = told[question][0]
        return answers


def gaussian(
    known: Floats, which: Bools, *, prior: Limit = PRIOR
) -> tuple[Floats, Floats]:
    """A Gaussian fit for each candidate: its mean and its spread, (n,) each.

    Of what is `known` of every shadow, (m, n), to those `which` count for it, (m, n).
    A candidate's own variance is leaned towards that common to all, which counts for
    as much as `prior` shadows do [brannvall2026exponential]: at 0 every spread is its
    own, at infinity all are the same.
    """
    if not prior >= 0:
        raise BadInput(f"got prior={prior}; wanted a number of shadows, 0 or more")
    if known.shape != which.shape:
        raise BadInput(
            f"got {known.shape[1]} candidates; wanted the {which.shape[1]} of whom the "
            "shadows' members are known"
        )
    count = which.sum(axis=0)
    if not count.all():
        raise BadInput(
            f"got {int((count == 0).sum())} candidates for whom there is no such "
            "shadow; wanted one at least; make more shadows"
        )
    mean = np.where(which, known, 0).sum(axis=0) / count
    squares = (np.where(which, known - mean, 0) ** 2).sum(axis=0)
    freedom = count - 1
    common = squares.sum() / max(int(freedom.sum()), 1)
    own = squares / np.maximum(freedom, 1)
    trust = np.where(freedom > 0, freedom / (np.maximum(freedom, 1) + prior), 0)
    spread = np.sqrt(common + trust * (own - common))
    return mean, np.where(spread > 0, spread, 1.0)
