"""How does somebody poison a model who may only alter labels?"""

from dataclasses import replace

import numpy as np

from foible.arrays import Floats, Ints, scale
from foible.checks import fitting
from foible.data import Classified, Dataset, joined
from foible.domains import Natural, Seed, Share
from foible.errors import BadInput
from foible.models import Classifier, probabilities


def extended(rows: Dataset, X: Floats, y: Ints | int) -> Dataset:
    """The rows and more, (n, d), labelled alike or each for itself."""
    more = rows.take(np.zeros(len(X), dtype=int))
    return joined(rows, replace(more, X=X, y=np.broadcast_to(y, len(X))))


def relabelled(rows: Dataset, where: Ints, labels: Ints | int) -> Dataset:
    """The rows with other labels at some positions."""
    y = rows.y.copy()
    y[where] = labels
    return replace(rows, y=y)


def random_flips(rows: Classified, *, share: Share, seed: Seed) -> Dataset:
    """A share of the rows, drawn at random, each with another label than it had."""
    random = np.random.default_rng(seed)
    drawn = random.choice(len(rows), number(rows, share), replace=False)
    others = random.integers(1, len(rows.classes), len(drawn))
    return relabelled(rows, drawn, (rows.y[drawn] + others) % len(rows.classes))


def one_way_flips(
    rows: Classified, *, share: Share, answer: Natural, seed: Seed
) -> Dataset:
    """As many rows as a share of all, drawn among the others, labelled `answer`."""
    others = np.flatnonzero(rows.y != answer)
    chosen = drawn(others, number(rows, share), seed=seed)
    return relabelled(rows, chosen, answer)


def margin_flips(rows: Classified, surrogate: Classifier, *, share: Share) -> Dataset:
    """The rows whose label is surest, labelled as they are least likely to be.

    A model that believes such a row has to turn furthest. The surrogate is a model of
    the attacker's own, made from their own rows; it knows all classes.
    """
    sure = probabilities(surrogate, rows.X)
    labels = fitting(rows.y, sure.shape)
    order = np.argsort(-sure[np.arange(len(rows)), labels], kind="stable")
    surest = order[: number(rows, share)]
    return relabelled(rows, surest, sure[surest].argmin(axis=1))


def neighbourhood_flips(rows: Classified, *, share: Share, centre: Natural) -> Dataset:
    """The row at `centre` and those of its label nearest to it, with the next label.

    As many as a share of all rows, or all of the class, if it has fewer. Where a whole
    neighbourhood agrees, a defence that asks the neighbours is deceived.
    """
    if not 0 <= centre < len(rows):
        raise BadInput(f"got the centre {centre}; wanted a position of {len(rows)}")
    spread = scale(rows.X)[1]
    label = rows.y[centre]
    alike = np.flatnonzero(rows.y == label)
    away = (((rows.X[alike] - rows.X[centre]) / spread) ** 2).sum(axis=1)
    nearest = alike[np.argsort(away, kind="stable")[: number(rows, share)]]
    return relabelled(rows, nearest, (label + 1) % len(rows.classes))


def number(rows: Dataset | Ints, share: Share) -> int:
    """How many rows a share of them is; BadInput if it is no share."""
    return round(share * len(rows))


def drawn(among: Ints, count: Natural, *, seed: Seed) -> Ints:
    """So many of these positions, none twice; BadInput if there are fewer."""
    if not 0 <= count <= len(among):
        raise BadInput(
            f"got {count} rows to draw among {len(among)}; wanted at most these: "
            "lower the share or the count"
        )
    return np.random.default_rng(seed).choice(among, count, replace=False)
