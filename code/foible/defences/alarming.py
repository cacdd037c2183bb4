"""Do the rows of this window come from where the known ones came from?

A look gives a number for a window, the greater the stranger; an alarm also remembers
what it said of usual windows, and so knows its own false alarms. All looks but `errors`
see rows and answers and no label of a window: what they can find is a change of p(x).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from foible.arrays import Floats, finite_rows
from foible.checks import shares
from foible.data import Dataset
from foible.domains import Count, Scores, Seed
from foible.errors import BadInput
from foible.oracle import Transport

Look: TypeAlias = Callable[[Dataset], float]
"""From a window to how strange it is."""


class Alarm(NamedTuple):
    """A look, and what it said of windows in which nothing had changed, (m,)."""

    look: Look
    usual: Floats

    def limit(self, false_alarms: float) -> float:
        """What at most this share of the usual windows is above."""
        shares(false_alarms=false_alarms)
        return float(np.quantile(self.usual, 1 - false_alarms, method="higher"))


def alarms(
    transport: Transport,
    known: Dataset,
    usual: Dataset,
    *,
    window: Count,
    labels: Count,
    repeats: Count = 300,
    seed: Seed,
) -> dict[str, Alarm]:
    """The five alarms of this file, each with what it says of usual windows.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        The way to the model's probabilities.
    known : Dataset
        What windows are compared with: rows that the model has not learned from.
    usual : Dataset
        Other rows from the same place, of which usual windows are drawn.
    window : int
        Rows of a window.
    labels : int
        Rows of a window whose labels are known in the end.
    repeats : int
        Usual windows; of 300 and 5% false alarms, 15 lie above the limit.
    """
    looks: dict[str, Look] = {
        "columns": columns(known),
        "outputs": outputs(transport, known),
        "classifier": classifier(known, seed=seed),
        "guessed errors": guessed(guesses(transport, known, seed=seed)),
        "labels": errors(transport, labels=labels),
    }
    rng = np.random.default_rng(seed)
    drawn = [usual.take(rng.choice(len(usual), window)) for _ in range(repeats)]
    return {name: Alarm(look, scores(look, drawn)) for name, look in looks.items()}


def scores(look: Look, windows: Sequence[Dataset]) -> Floats:
    """How strange each window is, (m,)."""
    return np.array([look(one) for one in windows], dtype=np.float64)


# ---------------------------------------------------------------- looks


def columns(known: Dataset) -> Look:
    """The column that has moved furthest, as per-column tests with one limit.

    The statistic of Kolmogorov and Smirnov of each column [rabanser2019failing]. That
    one limit is set for the greatest of them is the correction for their number.
    """
    held = _sorted(known.X)
    return lambda window: farthest(held, window.X)


def outputs(transport: Transport, known: Dataset) -> Look:
    """The same of the model's probabilities: black-box shift detection.

    Its label-free sight goes as far as the model's answers move [lipton2018detecting].
    """
    held = _sorted(transport(known.X))
    return lambda window: farthest(held, transport(window.X))


def classifier(
    known: Dataset, *, depth: Count = 4, leaf: Count = 20, seed: Seed
) -> Look:
    """How well a tree tells window from known rows [lopezpaz2017revisiting].

    It sees as many of both, learns on half of them and is judged on the other half;
    where they do not differ it is right on half of those.
    """

    def look(window: Dataset) -> float:
        rng = np.random.default_rng(seed)
        n = min(len(window), len(known))
        ours = known.X[rng.choice(len(known), n, replace=False)]
        X, y = np.concatenate([ours, window.X[:n]]), np.repeat([0, 1], n)
        order = rng.permutation(2 * n)
        learned, judged = order[:n], order[n:]
        tree = DecisionTreeClassifier(
            max_depth=depth, min_samples_leaf=leaf, random_state=seed
        ).fit(X[learned], y[learned])
        return float(np.mean(tree.predict(X[judged]) == y[judged]))

    return look


def guesses(
    transport: Transport, known: Dataset, *, leaf: Count = 50, seed: Seed
) -> Callable[[Floats], Floats]:
    """A second model, which guesses from rows how surely the first one errs on them.

    A tree, made from known rows with their labels [amoukou2024sequential]: from
    (n, d) to probabilities of an error, (n,).
    """
    wrong = transport(known.X).argmax(axis=1) != known.y
    tree = DecisionTreeRegressor(min_samples_leaf=leaf, random_state=seed)
    tree.fit(known.X, wrong.astype(float))
    return lambda X: np.asarray(tree.predict(X))


def guessed(guess: Callable[[Floats], Floats]) -> Look:
    """Share of the window's answers that `guesses` takes for wrong."""
    return lambda window: float(guess(window.X).mean())


def errors(transport: Transport, *, labels: Count) -> Look:
    """Share of wrong answers among the first rows, whose labels have become known."""

    def look(window: Dataset) -> float:
        told = window.take(slice(0, labels))
        return float(np.mean(transport(told.X).argmax(axis=1) != told.y))

    return look


def farthest(known: Sequence[Scores], X: ArrayLike) -> float:
    """The greatest distance of two distributions over the columns, 0 to 1.

    Parameters
    ----------
    known : sequence of ndarray of shape (m,)
        The known values of each of d columns, ascending.
    X : array_like of shape (n, d)
    """
    rows = finite_rows(X)
    if rows.shape[1] != len(known):
        raise BadInput(
            f"got rows of {rows.shape[1]} columns and {len(known)} known ones; wanted "
            "the same"
        )
    return max(map(_apart, known, np.sort(rows, axis=0).T))


def _apart(one: Floats, other: Floats) -> float:
    """The greatest distance of two distribution functions, of values ascending."""
    both = np.concatenate([one, other])
    below = [np.searchsorted(s, both, side="right") / len(s) for s in (one, other)]
    return float(np.abs(below[0] - below[1]).max())


def _sorted(X: Floats) -> list[Floats]:
    return list(np.ascontiguousarray(np.sort(X, axis=0).T))
