"""What does a model say of a row's own label?"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats, Ints, likeliest
from foible.checks import fitting
from foible.data import Dataset
from foible.domains import Amount, Count, Level, Seed
from foible.errors import BadInput
from foible.oracle import Oracle

Signal: TypeAlias = Callable[[Oracle, Dataset], Floats]
"""Reads a number for each row off a model's answers: (n,)."""

FLOOR = 1e-9
"""Least probability that is told from 0."""


def confidence(oracle: Oracle, rows: Dataset) -> Floats:
    """Probability of each row's own label, ndarray of shape (n,)."""
    told, own = _told(oracle, rows)
    return np.asarray(told[own], dtype=np.float64)


def logit(oracle: Oracle, rows: Dataset, *, floor: Level = FLOOR) -> Floats:
    """Logarithm of the odds of each row's own label [carlini2022membership].

    It is close to normally distributed over models, which the confidence is not. The
    floor is half a unit of the last decimal, where answers are rounded.
    """
    told, own = _told(oracle, rows)
    for_it = told[own]
    told[own] = 0  # summed, since 1 − p loses the digits of a p near 1
    against = told.sum(axis=1)
    return np.asarray(np.log(np.maximum(for_it, floor) / np.maximum(against, floor)))


def _told(oracle: Oracle, rows: Dataset) -> tuple[Floats, tuple[Ints, Ints]]:
    """The answers, (n, k), and where in them each row's own label stands."""
    told = oracle.ask(rows.X)
    if told.ndim != 2:
        raise BadInput("got labels alone; wanted probabilities, or ask by `label_only`")
    return told, (np.arange(len(rows)), fitting(rows.y, told.shape))


@dataclass(frozen=True)
class Stability:
    """How firmly a label stands when the row is blurred [choquettechoo2021label].

    Needs labels only: each row is asked `copies` times with Gaussian noise of the
    spread `noise`, and what counts is how often its own label comes back.

    The noise is in the unit of the columns; by its seed, every model is asked the same.
    """

    noise: Amount
    copies: Count
    seed: Seed

    def __call__(self, oracle: Oracle, rows: Dataset) -> Floats:
        """Logarithm of the odds that the label stands, ndarray of shape (n,)."""
        rng = np.random.default_rng(self.seed)
        stood = np.zeros(len(rows))
        for _ in range(self.copies):
            told = oracle.ask(rows.X + rng.normal(0, self.noise, rows.X.shape))
            labels = told if told.ndim == 1 else likeliest(told)
            stood += labels == rows.y
        return np.log((stood + 0.5) / (self.copies - stood + 0.5))
