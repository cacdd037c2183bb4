"""What can be mended when the world has moved, with labels of it or without?"""

import numpy as np
from scipy.special import softmax
from sklearn.linear_model import LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from foible.arrays import Floats, finite_rows
from foible.data import Dataset
from foible.domains import Count, Rows, Seed
from foible.errors import BadInput
from foible.oracle import Transport


def rebased(
    transport: Transport, shares: Floats, X: Rows, *, rounds: Count = 200
) -> Transport:
    """Answers for another mix of the classes, estimated from rows without labels.

    Right where only the classes have other shares and each class looks as it did
    [saerens2002adjusting]: expectation and maximisation over the new shares.

    Parameters
    ----------
    transport : callable, (n, d) to (n, k)
        The way to probabilities, calibrated for the old shares.
    shares : ndarray of shape (k,)
        Of the classes in the rows that the model was made from, all above 0.
    X : ndarray of shape (n, d)
        Rows of the new world.
    """
    said, old = transport(finite_rows(X)), np.asarray(shares, float)
    if old.shape != said.shape[1:] or not (old > 0).all():
        raise BadInput(
            f"got shares {old}; wanted one above 0 for each of {said.shape[1]} classes"
        )
    new = old
    for _ in range(rounds):
        new = _mixed(said, new / old).mean(axis=0)
    return lambda rows: _mixed(transport(rows), new / old)


def resembling(
    rows: Dataset, X: Rows, *, depth: Count = 4, leaf: Count = 50, seed: Seed
) -> Dataset:
    """As many rows, redrawn so that they look like others without labels.

    Right where p(x) alone has changed [shimodaira2000improving]. The weights are the
    odds that a tree gives for coming from the new world.

    Parameters
    ----------
    rows : Dataset
        With labels, of the old world.
    X : ndarray of shape (n, d)
        Rows of the new world.
    """
    others = finite_rows(X, width=rows.X.shape[1])
    both = np.concatenate([rows.X, others])
    new = np.repeat([0, 1], [len(rows), len(others)])
    tree = DecisionTreeClassifier(
        max_depth=depth, min_samples_leaf=leaf, class_weight="balanced"
    ).set_params(random_state=seed)
    odds = tree.fit(both, new).predict_proba(rows.X) + 1e-3
    weight = odds[:, 1] / odds[:, 0]
    rng = np.random.default_rng(seed)
    return rows.take(rng.choice(len(rows), len(rows), p=weight / weight.sum()))


def recalibrated(transport: Transport, rows: Dataset) -> Transport:
    """Answers put right on average, from rows of the new world with their labels.

    A logistic regression on the logarithms of the probabilities, after
    [platt1999probabilistic]. It keeps the order of two classes, and so cannot say who
    is riskier than before.
    """
    if len(np.unique(rows.y)) < len(rows.classes):
        raise BadInput(
            f"got labels {np.unique(rows.y).tolist()}; wanted rows of each of "
            f"{len(rows.classes)} classes; label more rows"
        )
    fitted = LogisticRegression(C=100.0).fit(_logarithms(transport, rows.X), rows.y)
    return lambda X: np.asarray(fitted.predict_proba(_logarithms(transport, X)))


def _logarithms(transport: Transport, X: Floats) -> Floats:
    """Of each class's odds against the first, (n, k − 1)."""
    said = np.log(np.clip(transport(X), 1e-6, 1))
    return np.asarray(said[:, 1:] - said[:, :1])


def _mixed(said: Floats, ratio: Floats) -> Floats:
    """Probabilities times a ratio of each class, again with the sum 1."""
    with np.errstate(divide="ignore"):
        return np.asarray(softmax(np.log(said) + np.log(ratio), axis=1))
