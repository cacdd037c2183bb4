"""How does a thief learn a copy from answers?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Floats, likeliest
from foible.attacks.model_stealing.draws import Draw, Harvest
from foible.data import Classified, Dataset
from foible.domains import Count, Seed
from foible.errors import BadInput
from foible.models import Classifier, Network, Recipe, Soft, as_classifier
from foible.oracle import Oracle, Transport

SHARES = 5  # of a row, dealt out to the classes as the probabilities say


def harvested(
    oracle: Oracle,
    own: Classified,
    recipe: Recipe,
    *,
    draw: Draw,
    budgets: Sequence[Count],
    seed: Seed,
) -> list[Classifier]:
    """Copies learned from what an oracle answers, one for each budget.

    As `asking`; a list of classifiers.
    """
    rounds = asking(oracle, own, recipe, draw=draw, budgets=budgets, seed=seed)
    return [as_classifier(harvest.copy) for harvest in rounds]


def asking(
    oracle: Oracle,
    own: Dataset,
    recipe: Recipe,
    *,
    draw: Draw,
    budgets: Sequence[int],
    seed: int,
) -> Iterator[Harvest]:
    """What a thief has after each round of questions, its copy made when it is needed.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels or with probabilities.
    own : Dataset
        The thief's own rows; what their labels are is not looked at.
    recipe, draw
        How the thief makes a model, and chooses what to ask: one of `DRAWS`.
    budgets : sequence of int
        Numbers of queries, ascending from 1, else BadInput; each copy learns from all
        that was asked before.
    seed : int
        Of the order of the pool, of the draws, and of the making.
    """
    if not budgets or any(now <= before for before, now in pairwise([0, *budgets])):
        raise BadInput(f"got budgets {budgets}; wanted some from 1, ascending")
    rng = np.random.default_rng(seed)
    pool = rng.permutation(own.X)
    harvest = Harvest(pool, pool[:0], np.empty(0, np.int64))
    told: Floats = np.empty((0, len(own.classes)))
    for before, budget in pairwise([0, *budgets]):
        X = draw(harvest, budget - before, rng)
        answer = oracle.ask(X)
        told = np.vstack([told, _shares(answer, len(own.classes))])
        X, y = np.vstack([harvest.X, X]), likeliest(told)
        learn = partial(_taught, replace(own, X=X, y=y), told, recipe, seed=seed)
        harvest = Harvest(pool, X, y, learn)
        yield harvest


def _shares(answer: NDArray[Any], k: int) -> Floats:
    """Answers as shares of k classes, (n, k), also where they are labels."""
    width = answer.shape[1] if answer.ndim == 2 else int(answer.max()) + 1
    if width > k or (answer.ndim == 2 and width < k):
        raise BadInput(
            f"got answers of {width} classes; wanted the {k} of the thief's own rows"
        )
    return answer if answer.ndim == 2 else np.eye(k)[answer]


def _taught(rows: Dataset, told: Floats, recipe: Recipe, *, seed: int) -> Classifier:
    """A copy that learns each row's probabilities.

    Where its recipe knows labels only, it learns each row as often with each of them as
    its probability says, in fifths.
    """
    if not np.isin(told, (0, 1)).all():
        if isinstance(recipe, Soft):
            return as_classifier(recipe.softly(rows, told, seed=seed))
        index, label = np.nonzero(np.rint(SHARES * told))
        times = np.rint(SHARES * told)[index, label].astype(int)
        where = np.repeat(index, times)
        rows = replace(rows, X=rows.X[where], y=np.repeat(label, times))
    if len(np.unique(rows.y)) == 1:
        weight = np.zeros((rows.X.shape[1], len(rows.classes)))
        return Network(((weight, np.eye(len(rows.classes))[rows.y[0]]),))
    return as_classifier(recipe(rows, seed=seed))


def shared(ways: Sequence[Transport]) -> Transport:
    """One way out of many accounts, which take turns row by row."""
    if not ways:
        raise BadInput("got no account; wanted at least one")
    begun = 0

    def answered(X: Floats) -> Floats:
        nonlocal begun
        turns = (begun + np.arange(len(X))) % len(ways)
        begun += len(X)
        asked = np.argsort(turns, kind="stable")
        told = [ways[i](X[turns == i]) for i in np.unique(turns)]
        return np.asarray(np.vstack(told)[np.argsort(asked)])

    return answered
