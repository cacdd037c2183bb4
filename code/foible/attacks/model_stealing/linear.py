"""How few answers settle a linear model, from probabilities or from labels alone?"""

import numpy as np

from foible.arrays import Floats, Ints, likeliest, scale, with_one
from foible.domains import Amount, Count, Rows, Seed, Share
from foible.errors import BadInput
from foible.models import Network, unscaled
from foible.oracle import Oracle, labels_of, scores_of


def simplex(columns: Count) -> Floats:
    """The fewest rows that settle a linear model: the origin, a step on each axis."""
    return np.vstack([np.zeros(columns), np.eye(columns)])


def by_equations(oracle: Oracle, X: Rows, *, least: Share = 0.0) -> Network:
    """A linear model, solved from its probabilities [tramer2016stealing].

    The log-odds of each class against the first are linear in the row, so d + 1 answers
    settle d weights and a bias for each class. More answers are taken by least squares.
    A row with a probability of 0, or below `least`, is left out; BadInput if none is
    left.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities; knows of a logistic or softmax regression.
    X : ndarray of shape (n, d)
        Rows to ask, for example `simplex(d)`; against muted answers `near_boundary`.
    least : float
        Probability below which an answer is not trusted.

    Returns
    -------
    Network
        A single layer; the logit of the first class is 0.
    """
    told = scores_of(oracle, X)
    useful = (told > 0).all(axis=1) & (told >= least).all(axis=1)
    if not useful.any():
        raise BadInput(
            "got no answer that gives an equation; wanted probabilities between 0 and "
            "1: of labels, use by_bisection"
        )
    log_odds = np.log(told[useful] / told[useful, :1])
    solved = np.linalg.lstsq(with_one(X[useful]), log_odds, rcond=None)[0]
    return Network(((solved[:-1], solved[-1]),))


def near_boundary(
    oracle: Oracle, own: Floats, *, count: Count, reach: Amount = 0.2, seed: Seed
) -> Floats:
    """Rows at which a linear model is unsure, so that muted answers still tell.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities, of two classes; asked for `own` and 30 rows more.
    own : ndarray of shape (n, d)
        Rows of the attacker's own, of both classes.
    count : int
        How many.
    reach : float
        Standard deviation around a point of the boundary, in spreads of the own rows.
    seed : int
        Of the choice of the point and of the rows.
    """
    rng, labels = np.random.default_rng(seed), likeliest(scores_of(oracle, own))
    low, high = (rng.choice(own[labels == name]) for name in _two(labels))
    for _ in range(30):
        middle = (low + high) / 2
        above = likeliest(scores_of(oracle, middle[np.newaxis]))[0] == 1
        low, high = (low, middle) if above else (middle, high)
    away = reach * scale(own)[1] * rng.normal(size=(count, own.shape[1]))
    return np.asarray(low + away)


def by_bisection(oracle: Oracle, X: Rows, *, steps: Count = 50, seed: Seed) -> Network:
    """A linear boundary between two classes, from labels alone [lowd2005adversarial].

    Between a row of one class and a row of the other lies a point of the boundary;
    halving finds it. As many points as there are columns settle the hyperplane, if no
    pairs close a circle: each row is paired with the first of the other class. Labels
    say nothing of how steep the model is, so the copy's probabilities mean nothing.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels.
    X : ndarray of shape (n, d)
        Rows of the attacker's own, more than columns and of both classes, else
        BadInput.
    steps, seed : int
        Halvings, each of which asks d rows; and the choice of pairs.
    """
    if len(X) <= X.shape[1]:
        raise BadInput(
            f"got {len(X)} rows; wanted {X.shape[1] + 1}, one more than columns: each "
            "but the first gives a point of the boundary"
        )
    labels = labels_of(oracle, X)
    classes = _two(labels)
    centre, spread = scale(X)
    order = np.random.default_rng(seed).permutation(len(X))
    scaled, above = ((X - centre) / spread)[order], (labels == classes[1])[order]
    first = scaled[above.argmin()], scaled[above.argmax()]
    row, side = scaled[1 : X.shape[1] + 1], above[1 : X.shape[1] + 1, np.newaxis]
    low, high = np.where(side, first[0], row), np.where(side, row, first[1])
    for _ in range(steps):
        middle = (low + high) / 2
        side = (oracle.ask(centre + spread * middle) == classes[1])[:, np.newaxis]
        low, high = np.where(side, low, middle), np.where(side, middle, high)
    plane = np.linalg.svd(with_one((low + high) / 2))[2][-1]
    plane *= np.sign(with_one((X - centre) / spread) @ plane @ (labels - labels.mean()))
    layer = plane[:-1, np.newaxis] * [0.0, 1.0], plane[-1] * np.array([0.0, 1.0])
    return unscaled(Network((layer,)), centre, spread)


def _two(labels: Ints) -> Ints:
    """The two classes that are answered, ascending; BadInput if they are not two."""
    classes = np.unique(labels)
    if len(classes) != 2:
        raise BadInput(f"got rows of {len(classes)} classes; wanted two: ask more rows")
    return classes
