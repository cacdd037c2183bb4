"""How does somebody build the rows that harm most, if they may only add some?"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from scipy.special import expit

from foible import models
from foible.arrays import Floats, scale, with_one
from foible.attacks.poisoning.labels import drawn, number
from foible.data import Dataset, joined, same_columns
from foible.domains import Amount, Count, Natural, Positive, Seed, Share
from foible.models import Network
from foible.search import ascend, signed


def enlarged(rows: Dataset, poison: Callable[..., Dataset], *, share: Share) -> Dataset:
    """The rows and a share as many more, which `poison` makes to their count."""
    count = number(rows, share)
    return joined(rows, poison(count=count)) if count else rows


def flipped_copies(rows: Dataset, *, count: Count, seed: Seed) -> Dataset:
    """Some of the rows, of two classes, each with the other label."""
    where = drawn(np.arange(len(rows)), count, seed=seed)
    return replace(rows.take(where), y=1 - rows.y[where])


def crafted_rows(
    rows: Dataset,
    own: Dataset,
    *,
    count: Count,
    strength: Amount = 1.0,
    steps: Natural = 30,
    step: Positive = 0.3,
    seed: Seed,
) -> Dataset:
    """Rows to add that harm a logistic regression most [munozgonzalez2017towards].

    They begin as rows with the wrong label and climb: each step trains the model anew
    and moves every crafted row to where the retrained model does worse on `own`. They
    stay within the least and greatest value of each column.

    Parameters
    ----------
    rows : Dataset
        Of two classes; what the victim is made from, or what the attacker takes for it.
    own : Dataset
        What the attacker wants to be answered wrongly.
    count : int
        How many rows to craft, at most as many as there are.
    strength : float
        Of the victim's penalty; see `models.logistic`.
    steps, step : int, float
        How often the rows move, and how far in each column, in standard deviations.
    """
    same_columns(rows, own)
    mean, spread = scale(rows.X)
    learnt, goal = (replace(part, X=(part.X - mean) / spread) for part in (rows, own))
    start = flipped_copies(learnt, count=count, seed=seed)
    recipe = models.logistic(strength=strength)

    def uphill(X: Floats) -> Floats:
        crafted = replace(start, X=X)
        both = joined(learnt, crafted)
        return _steepest(_theta(recipe(both, seed=0)), crafted, both, goal, strength)

    low, high = learnt.X.min(axis=0), learnt.X.max(axis=0)
    box = partial(np.clip, a_min=low, a_max=high)
    found = ascend(start.X, uphill, project=box, step=signed(step), steps=steps)
    return replace(start, X=found * spread + mean)


def blind_rows(own: Dataset, *, count: Count, share: Share, seed: Seed) -> Dataset:
    """Rows crafted against a half of the attacker's own rows, repeated to a count.

    What is left to an attacker who does not see what the victim is made from; `share`
    is that of crafted rows among the half.
    """
    stand_in, goal = own.split(0.5, seed=seed)
    few = max(1, number(stand_in, share))
    poison = crafted_rows(stand_in, goal, count=few, seed=seed)
    return poison.take(np.arange(count) % few)


def _steepest(
    theta: Floats, crafted: Dataset, both: Dataset, own: Dataset, strength: float
) -> Floats:
    """How the loss on `own` grows as each crafted row moves and the model follows."""
    X, A, B = map(with_one, (crafted.X, both.X, own.X))
    p, q, r = (expit(rows @ theta) for rows in (X, A, B))
    ridge = np.diag([*np.full(len(theta) - 1, strength), 1e-9])  # the bias is free
    curvature = (A.T * (q * (1 - q))) @ A + ridge
    v = np.linalg.solve(curvature, B.T @ (r - own.y) / len(own))
    lever = p * (1 - p) * (X @ v)
    return -np.outer(lever, theta[:-1]) - np.outer(p - crafted.y, v[:-1])


def _theta(model: Network) -> Floats:
    """Weights and bias of a logistic regression, of shape (d + 1,)."""
    ((weight, bias),) = model.layers
    return np.append(weight[:, 1] - weight[:, 0], bias[1] - bias[0])
