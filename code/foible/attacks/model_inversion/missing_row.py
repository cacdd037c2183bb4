"""Who has the weights and every row but one, or nearly: what is that one?"""

from dataclasses import replace
from typing import Annotated

import numpy as np
from scipy.optimize import least_squares
from scipy.special import softmax

from foible.arrays import Bools, Floats, finite_rows
from foible.data import Dataset, same_columns
from foible.domains import Amount, Count, Numbers, Seed, flagged
from foible.errors import BadInput
from foible.models import Model, Network, Recipe, as_network


def missing_row(
    model: Network, known: Dataset, *, strength: Amount, bias: float = 0.0
) -> tuple[Floats, int]:
    """The one row that is not known, and its label, in closed form.

    At the minimum of the summed loss its slope is nought. The known rows' part of the
    slope can be computed, and what is left is the missing row's
    [balle2022reconstructing].

    Parameters
    ----------
    model : Network
        A single layer: the minimum of the summed cross-entropy plus `strength` / 2
        times the squared weights and `bias` / 2 times the squared biases.
    known : Dataset
        Every other row that it was made from.

    Returns
    -------
    x : ndarray of shape (d,)
    y : int
    """
    weight, shift = _linear(model, known).layers[0]
    known_slope = model.slope(known.X, known.y)
    own = -len(known) * known_slope["bias_0"] - bias * shift  # (k,): its p - y
    rest = -len(known) * known_slope["weight_0"] - strength * weight  # (d, k): x own
    free = weight.any(axis=0)  # a class that is held at 0 has no slope to be nought
    x = rest[:, free] @ own[free] / (own[free] @ own[free])
    return x, int(np.argmin(own))


def missing_cells(
    model: Network,
    known: Dataset,
    guess: Dataset,
    *,
    unknown: Annotated[Bools, flagged("m", "d")],
    strength: Amount,
    tries: Count = 200,
) -> Floats:
    """The unknown cells of a few rows whose labels are known.

    At the minimum the slopes of all rows and the penalty add up to nought: an equation
    for each weight and each bias, of which those of one class follow from the
    others. With no more unknown cells than equations the search mostly ends at the
    true ones; with more, at some that fit as well.

    Parameters
    ----------
    model : Network
        As for `missing_row`.
    known : Dataset
        Every other row that it was made from.
    guess : Dataset
        The m rows, an unknown cell as it is guessed before.
    unknown : ndarray of shape (m, d)
        Which cells are not known, at least one.
    tries : int
        How often the slopes are reckoned anew, each time with one more for each cell.

    Returns
    -------
    ndarray of shape (m, d)
    """
    weight, shift = _linear(model, known).layers[0]
    same_columns(known, guess)
    if unknown.shape != guess.X.shape or not unknown.any():
        raise BadInput(
            f"got {unknown.sum()} unknown cells in a table of shape {unknown.shape}; "
            f"wanted at least one, of shape {guess.X.shape}"
        )
    told = model.slope(known.X, known.y)
    rest = len(known) * told["weight_0"] + strength * weight
    rest_bias = len(known) * told["bias_0"]
    right = np.eye(len(known.classes))[guess.y]

    def filled(cells: Floats) -> Floats:
        rows = guess.X.copy()
        rows[unknown] = cells
        return rows

    def gap(cells: Floats) -> Floats:
        rows = filled(cells)
        own = softmax(rows @ weight + shift, axis=1) - right
        slopes = np.vstack([rest + rows.T @ own, rest_bias + own.sum(axis=0)])
        return np.asarray(slopes[:, 1:].ravel())

    found = least_squares(
        gap, guess.X[unknown], max_nfev=tries, xtol=1e-14, ftol=1e-14, gtol=1e-14
    )
    return filled(found.x)


def missing_row_rerun(
    model: Network, known: Dataset, recipe: Recipe, *, seed: Seed, tries: Count = 20
) -> tuple[Floats, int]:
    """The same from a training that stopped early, by running it again.

    For each label the row is moved until the recipe, run on the known rows and this
    one, makes the very weights that were released. A training that stops early stops
    at the same place when it is run again.

    Parameters
    ----------
    recipe : Recipe
        What made the model, with its solver and its tolerance.
    tries : int
        How often the slope is measured, each time by d + 1 trainings.
    """
    released = flat(_linear(model, known))

    def gap(x: Floats, label: int) -> Floats:
        return 1e3 * (flat(recipe(_completed(known, x, label), seed=seed)) - released)

    best = np.inf, known.X.mean(axis=0), 0
    for label in range(len(known.classes)):
        start = known.X[known.y == label].mean(axis=0)
        end = least_squares(
            gap, start, args=(label,), diff_step=1e-5, max_nfev=tries, xtol=1e-12
        )
        best = min(best, (end.cost, end.x, label), key=lambda found: found[0])
    return best[1], best[2]


def missing_row_noised(
    model: Network,
    known: Dataset,
    background: Dataset,
    exact: Recipe,
    *,
    counts: Numbers,
    spread: Amount,
) -> tuple[Floats, int]:
    """The likeliest row behind weights that were released with noise.

    Beforehand it is drawn from the normal distribution that fits other people with the
    same label; the weights follow it by a straight line; and the noise is normal.

    Parameters
    ----------
    background : Dataset
        Rows of other people.
    exact : Recipe
        What made the model, without the noise.
    counts : ndarray of shape (k,)
        Of the labels of all rows: this attacker knows that of the missing one too.
    spread : float
        Standard deviation of the noise in each direction of the weights.
    """
    if len(counts) != len(known.classes):
        raise BadInput(
            f"got {len(counts)} counts; wanted one for each of {len(known.classes)} "
            "classes"
        )
    same_columns(known, background)
    label = int(np.argmax(counts - np.bincount(known.y, minlength=len(counts))))
    own = background.X[background.y == label]
    if not spread > 0 or len(own) < 2:
        raise BadInput(
            f"got noise of {spread} and {len(own)} rows of other people with label "
            f"{label}; wanted more than 0 of the one and two of the other"
        )
    middle, step, around = own.mean(axis=0), 1e-3, np.atleast_2d(np.cov(own.T))
    if np.linalg.matrix_rank(around) < len(middle):
        raise BadInput(
            f"got {len(own)} rows of other people that do not differ in every "
            f"direction; wanted more, or fewer than {len(middle)} columns"
        )

    def made(x: Floats) -> Floats:
        return flat(exact(_completed(known, x, label), seed=0))

    released, start = flat(_linear(model, known)), made(middle)
    ways = step * np.eye(len(middle))
    slope = np.array([made(middle + way) - start for way in ways]).T / step
    pull = slope.T / spread**2
    curve = pull @ slope + np.linalg.inv(around)
    return middle + np.linalg.solve(curve, pull @ (released - start)), label


def flat(model: Model) -> Floats:
    """All weights of a network, one after the other, ndarray of shape (w,)."""
    return np.concatenate([w.ravel() for w in as_network(model).weights().values()])


def _linear(model: Network, known: Dataset) -> Network:
    """The model, if it is linear and could have been made from such rows."""
    linear = as_network(model, most=1)
    finite_rows(known.X, width=len(linear.layers[0][0]))
    if len(linear.classes_) != len(known.classes):
        raise BadInput(
            f"got rows of {len(known.classes)} classes; wanted the "
            f"{len(linear.classes_)} of the model"
        )
    return linear


def _completed(known: Dataset, x: Floats, label: int) -> Dataset:
    return replace(known, X=np.vstack([known.X, x]), y=np.append(known.y, label))
