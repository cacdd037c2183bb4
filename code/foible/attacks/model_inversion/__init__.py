"""What does a model give away of the rows that it was made from?

Five attackers, by what they hold: the model's file (`rows_inside`); its answers and
most of a row (`by_both`); its weights and every row but one (`missing_row`); its
weights or answers and no row at all (`prototypes`, `prototypes_asked`); what one client
of a shared training sends (`row_from_update`).
"""

import signal
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import product
from types import FrameType
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.ndimage import zoom
from scipy.optimize import least_squares
from scipy.sparse import issparse
from scipy.spatial import cKDTree
from sklearn.base import BaseEstimator, is_regressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils import all_estimators, get_tags

from foible import artefacts, metrics, models, search
from foible.arrays import Bools, Floats, Ints, finite_rows
from foible.data import Dataset
from foible.errors import BadInput
from foible.evidence import Cell, DoseResponse, Matrix, Outcome, Separation
from foible.judging import each, panel, sweep
from foible.models import (
    Classifier,
    Differentiable,
    Model,
    Network,
    Recipe,
    Update,
    as_differentiable,
    as_network,
)
from foible.oracle import Oracle
from foible.plots import Meaning
from foible.victim import Victim

Check: TypeAlias = Callable[[Floats, Floats], Bools]
"""From a table found in a file and the training rows to which of these are in it."""

# ---------------------------------------------------------------- rows in the file

CLOSE = 2e-6
"""Two values are the same if they differ by less than this share of a column's range:
what rounding to float32 leaves."""
CLOSE_HALVES = 1e-3
"""The same for rows in float16."""


class Inside(NamedTuple):
    """Which training rows a file carries.

    Parameters
    ----------
    share : float
        Of the rows, 0 to 1.
    places : dict of str to float
        For each place in the object that holds any, the most first: the share there.
    """

    share: float
    places: dict[str, float]


def rows_inside(
    artefact: bytes, rows: ArrayLike, *, check: Check | None = None
) -> Inside:
    """What share of the training rows can be read out of a model's file, and where.

    To be run before a model is released. The file is not executed.

    Parameters
    ----------
    artefact : bytes
        A pickle, plain or written by joblib without compression.
    rows : array_like of shape (n, d)
        What the model was made from.
    check : callable, optional
        `verbatim` or, if left out, `up_to_scale`.

    Raises
    ------
    BadInput
        Rows that are not finite numbers.
    ArtefactRefused
        A file that is no such pickle.
    """
    wanted, found = finite_rows(rows), {}
    for place, array in artefacts.contents(artefact).items():
        hits = [
            (check or up_to_scale)(table, wanted) for table in _tables(array, wanted)
        ]
        if any(hit.any() for hit in hits):
            found[place] = np.any(hits, axis=0)
    anywhere = np.any(list(found.values()), axis=0) if found else np.zeros(1)
    shares = {place: float(hit.mean()) for place, hit in found.items()}
    most = dict(sorted(shares.items(), key=lambda entry: -entry[1]))
    return Inside(float(anywhere.mean()), most)


def _tables(array: NDArray[np.generic], rows: Floats) -> Iterator[Floats]:
    """An array in every way in which it could be a table; float16 stays so."""
    columns = rows.shape[1]
    half = array.dtype == np.float16
    values: NDArray[Any] = array if half else array.astype(np.float64)
    if values.ndim == 2:
        ways = [values, values.T]
    elif values.ndim > 2:
        ways = [values.reshape(-1, values.shape[-1])]
    elif values.size and values.size % columns == 0:
        ways = [values.reshape(-1, columns), values.reshape(columns, -1).T]
    else:
        ways = []
    for way in ways:
        yield way[np.isfinite(way).all(axis=1)]


def verbatim(table: Floats, rows: Floats) -> Bools:
    """Which rows stand in a table as they are, bit for bit."""
    there = {row.tobytes() for row in table.astype(np.float64) + 0.0}
    return np.array([row.tobytes() in there for row in rows + 0.0])


def up_to_scale(table: Floats, rows: Floats) -> Bools:
    """Which rows stand in a table, whatever was done to its columns and its order.

    Found are also rows whose columns were shifted, scaled, reversed, permuted or partly
    left out, each in a way of its own, whose order was changed, of which some are
    missing, and that were rounded to float32. It takes ten rows; fewer are looked for
    as they are. One column of the table is taken for each column of the rows in turn;
    if some scale and shift carry its values into that column's, they say which row is
    which, and the other columns follow. Rows in float16 are found in their own units
    only, in any order.

    Not found are rows whose columns were mixed with each other (a rotation) or bent (a
    logarithm), that were rounded to coarser steps than rows differ by, or that were
    scaled and put among rows of strangers.

    Parameters
    ----------
    table : ndarray of shape (m, w)
    rows : ndarray of shape (n, d)
        The time grows with n².

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    found = np.zeros(len(rows), bool)
    if not len(table):
        return found
    close = CLOSE_HALVES if table.dtype == np.float16 else CLOSE
    table = table.astype(np.float64)
    if table.shape[1] == rows.shape[1]:
        found = _nearby(table, rows, list(range(rows.shape[1])), close)
    distinct = np.array([len(np.unique(column)) for column in table.T])
    for column in np.argsort(-distinct, kind="stable")[:2]:
        if found.all() or distinct[column] < 10 or 2 * table.shape[1] < rows.shape[1]:
            break
        for other in range(rows.shape[1]):
            scaled = _carried(table[:, column], rows[:, other])
            if scaled is not None:
                found |= _followed(table, rows, scaled, other)
    return found


def _carried(values: Floats, into: Floats) -> Floats | None:
    """Values, scaled and shifted so that they fall on those of a column; else None.

    The least and the greatest value are tried as every pair of values of the column,
    and a few values in between decide.
    """
    known, places = np.unique(into), np.unique(values)
    if len(places) > len(known) or known[0] == known[-1]:
        return None
    inner = (places[1:-1] - places[0]) / (places[-1] - places[0])
    low, high = (ends.ravel() for ends in np.meshgrid(known, known))
    apart = abs(high - low) > 0.1 * (known[-1] - known[0])
    low, high = low[apart], high[apart]
    for place in inner[:: max(1, len(inner) // 7)]:
        fits = _on(low + place * (high - low), known)
        low, high = low[fits], high[fits]
    for a, b in zip(low[:20], high[:20], strict=True):
        share: Floats = (values - places[0]) / (places[-1] - places[0])
        scaled = a + share * (b - a)
        if _on(scaled, known).mean() > 0.9:
            return np.asarray(scaled)
    return None


def _on(values: Floats, known: Floats) -> Bools:
    """Which values are among the known ones, which ascend."""
    after = np.searchsorted(known, values).clip(1, len(known) - 1)
    gap = np.minimum(abs(values - known[after - 1]), abs(values - known[after]))
    return np.asarray(gap < CLOSE * (known[-1] - known[0]))


def _followed(table: Floats, rows: Floats, scaled: Floats, other: int) -> Bools:
    """Which rows are found when one column says which row is which."""
    known, first, counts = np.unique(
        rows[:, other], return_index=True, return_counts=True
    )
    spot = np.abs(scaled[:, None] - known).argmin(axis=1)
    sure = (counts[spot] == 1) & _on(scaled, known)
    found = np.zeros(len(rows), bool)
    if len(np.unique(spot[sure])) < 8:
        return found
    ours, theirs = table[sure], rows[first[spot[sure]]]
    lines = _lines(ours, theirs)
    if 2 * len(lines) < rows.shape[1]:
        return found
    restored = np.zeros((len(table), rows.shape[1]))
    for column, (source, slope, shift) in lines.items():
        restored[:, column] = slope * table[:, source] + shift
    return _nearby(restored, rows, list(lines), CLOSE)


def _lines(ours: Floats, theirs: Floats) -> dict[int, tuple[int, float, float]]:
    """For each column of theirs the column of ours that is a straight line of it."""
    lines = {}
    alike = 1 - abs(likeness(theirs.T, ours.T)) < CLOSE
    for column, source in np.argwhere(alike):
        given, wanted = ours[:, source], theirs[:, column]
        slope, shift = np.polyfit(given, wanted, 1)
        if (abs(slope * given + shift - wanted) < CLOSE * np.ptp(wanted)).all():
            lines[int(column)] = (int(source), float(slope), float(shift))
    return lines


def _nearby(table: Floats, rows: Floats, columns: list[int], close: float) -> Bools:
    """Which rows have a near twin, in some columns, in a table in their own units."""
    spread = np.ptp(rows[:, columns], axis=0)
    unit = np.where(spread > 0, spread, 1) * close
    distance, _ = cKDTree(table[:, columns] / unit).query(
        rows[:, columns] / unit, p=np.inf, distance_upper_bound=1
    )
    return np.asarray(np.isfinite(distance))


def disguised(rows: Floats, *, seed: int) -> NDArray[np.float32]:
    """The rows, so that nobody finds them by looking for a row.

    Every column is scaled and shifted, rows and columns are shuffled, and all is
    rounded to float32. Who made the table can undo it.
    """
    rng = np.random.default_rng(seed)
    n, d = rows.shape
    table = rows * rng.uniform(-2, 2, d) + rng.uniform(-1, 1, d) * np.ptp(rows, axis=0)
    shuffled = table[rng.permutation(n)][:, rng.permutation(d)]
    return np.asarray(shuffled, dtype=np.float32)


# ---------------------------------------------------------------- every estimator


class Fitted(NamedTuple):
    """A fitted estimator, the rows that it was made from, and others of their kind."""

    model: BaseEstimator
    rows: Dataset
    others: Dataset


def every_estimator(
    labelled: tuple[Dataset, Dataset],
    measured: tuple[Dataset, Dataset],
    *,
    seed: int,
    seconds: float = 5.0,
) -> tuple[dict[str, Fitted], dict[str, str]]:
    """Every estimator of scikit-learn, fitted with its defaults, if it can be.

    Parameters
    ----------
    labelled, measured : pair of Dataset
        Rows to fit and others, with classes; the same for a regression, which the
        regressors get. An estimator that wants several targets gets the one twice.
    seed : int
        Of every estimator that takes one.
    seconds : float
        Of computing that an estimator may take.

    Returns
    -------
    fitted : dict of str to Fitted
    failed : dict of str to str
        Why, for those that could not be fitted.
    """
    fitted, failed = {}, {}
    for name, kind in all_estimators():
        try:
            with _quietly(), _at_most(seconds):
                model = kind()
                if "random_state" in model.get_params():
                    model.set_params(random_state=seed)
                rows, others = measured if is_regressor(model) else labelled
                _fit(model, rows)
        except Exception as problem:
            failed[name] = str(problem).partition("\n")[0] or type(problem).__name__
        else:
            fitted[name] = Fitted(model, rows, others)
    return fitted, failed


def _fit(model: BaseEstimator, rows: Dataset) -> None:
    try:
        model.fit(rows.X, rows.y)
    except ValueError as problem:
        try:
            model.fit(rows.X, np.column_stack([rows.y, rows.y]))
        except Exception:
            raise problem from None


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """A time of computing; what takes longer is broken off."""

    def over(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"takes more than {seconds:g} s")

    before = signal.signal(signal.SIGPROF, over)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _told(model: BaseEstimator, X: Floats) -> Floats | None:
    """What an estimator says of new rows, in the first way that it has; else None.

    One that takes rows with holes gets them with holes.
    """
    rows = X.copy()
    if get_tags(model).input_tags.allow_nan:
        rows[::2, 0] = np.nan
    for way in ("predict", "transform", "score_samples", "kneighbors"):
        if hasattr(model, way):
            with _quietly():
                told = getattr(model, way)(rows)
            return np.asarray(told.toarray() if issparse(told) else told, np.float64)
    return None


def needed(one: Fitted, places: Sequence[str]) -> bool:
    """Whether an estimator answers new rows otherwise without some of its arrays."""
    artefact = artefacts.dump(one.model)
    for place in places:
        artefact = artefacts.blanked(artefact, place)
    try:
        before = _told(one.model, one.others.X)
        after = _told(artefacts.reopened(artefact), one.others.X)
    except Exception:
        return True
    if before is None or after is None:
        return False
    return not np.allclose(before, after, equal_nan=True)


# ---------------------------------------------------------------- a missing attribute


def misfit(oracle: Oracle, rows: Dataset, *, column: str) -> Floats:
    """How badly each value of a missing column fits a row's outcome, for queries.

    Parameters
    ----------
    oracle : Oracle
        Of a regressor, that answers with "values".
    rows : Dataset
        All that is known: the other columns, and the outcome in `y`.
    column : str
        The missing one, which is 1 or 2.

    Returns
    -------
    ndarray of shape (n, 2)
        Distance of the outcome from the model's answer, for either value.
    """
    tried = [oracle.ask(with_value(rows, column, value).X)[:, 0] for value in (1, 2)]
    return np.asarray(abs(np.stack(tried, axis=1) - rows.y[:, None]))


def by_model(oracle: Oracle, rows: Dataset, *, column: str, prior: float) -> Ints:
    """The value that fits better, and of equals the likelier [fredrikson2014privacy].

    Parameters
    ----------
    oracle, rows, column
        As `misfit`.
    prior : float
        Share of the population with the value 2.
    """
    one, two = misfit(oracle, rows, column=column).T
    return np.asarray(np.where(one == two, 1 + (prior > 0.5), 1 + (two < one)))


def by_imputation(background: Dataset, rows: Dataset, *, column: str) -> Floats:
    """Log-odds of the value 2 without asking the model at all [jayaraman2022are].

    A logistic regression on the other columns and the outcome, fitted to rows of the
    same population that the attacker has in full.
    """
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(_evidence(background, column), background.column(column) == 2)
    return np.asarray(model.decision_function(_evidence(rows, column)))


def by_both(
    oracle: Oracle,
    background: Dataset,
    rows: Dataset,
    recipe: Recipe,
    *,
    column: str,
    seed: int,
) -> Floats:
    """Log-odds of the value 2 from imputation and the model's answers together.

    How far to trust the model the attacker learns from two models of their own: each
    is made by the same recipe from half of their rows, and asked about those.

    Parameters
    ----------
    oracle, rows, column
        As `misfit`.
    background : Dataset
        Full rows of other people.
    recipe : Recipe
        How the victim was made.
    seed : int
        Of the halves and their models.
    """
    halves = background.split(0.5, seed=seed)
    known = [
        _clues(models.oracle(recipe(own, seed=seed), answers="values"), *pair)
        for own, pair in (
            (own, (other, own, column)) for own, other in (halves, halves[::-1])
        )
    ]
    truth = np.concatenate([half.column(column) == 2 for half in halves])
    trust = make_pipeline(StandardScaler(), LogisticRegression())
    trust.fit(np.concatenate(known), truth)
    return np.asarray(trust.decision_function(_clues(oracle, background, rows, column)))


def _clues(oracle: Oracle, background: Dataset, rows: Dataset, column: str) -> Floats:
    one, two = misfit(oracle, rows, column=column).T
    return np.column_stack([by_imputation(background, rows, column=column), one - two])


def _evidence(rows: Dataset, column: str) -> Floats:
    others = [name for name in rows.columns if name != column]
    return np.column_stack([rows.select(others).X, rows.y])


def with_value(rows: Dataset, column: str, value: float) -> Dataset:
    """The rows with one value in a whole column."""
    X = rows.X.copy()
    X[:, rows.columns.index(column)] = value
    return replace(rows, X=X)


# ---------------------------------------------------------------- the last row


def missing_row(
    model: Network, known: Dataset, *, strength: float, bias: float = 0.0
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
    strength, bias : float
        Of the penalties.

    Returns
    -------
    x : ndarray of shape (d,)
    y : int
    """
    weight, shift = model.layers[0]
    known_slope = model.slope(known.X, known.y)
    own = -len(known) * known_slope["bias_0"] - bias * shift  # (k,): its p - y
    rest = (
        -len(known) * known_slope["weight_0"] - strength * weight
    )  # (d, k): x times it
    free = weight.any(axis=0)  # a class that is held at 0 has no slope to be nought
    x = rest[:, free] @ own[free] / (own[free] @ own[free])
    return x, int(np.argmin(own))


def missing_row_rerun(
    model: Network, known: Dataset, recipe: Recipe, *, seed: int, tries: int = 20
) -> tuple[Floats, int]:
    """The same from a training that stopped early, by running it again.

    For each label the row is moved until the recipe, run on the known rows and this
    one, makes the very weights that were released. A training that stops early stops
    at the same place when it is run again.

    Parameters
    ----------
    model : Network
    known : Dataset
    recipe : Recipe
        What made the model, with its solver and its tolerance.
    seed : int
        The recipe's.
    tries : int
        How often the slope is measured, each time by d + 1 trainings.

    Returns
    -------
    x : ndarray of shape (d,)
    y : int
    """
    released = flat(model)

    def gap(x: Floats, label: int) -> Floats:
        rows = replace(known, X=np.vstack([known.X, x]), y=np.append(known.y, label))
        return 1e3 * (flat(recipe(rows, seed=seed)) - released)

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
    label: int,
    spread: float,
) -> Floats:
    """The likeliest row behind weights that were released with noise.

    Beforehand it is drawn from the normal distribution that fits other people with the
    same label; the weights follow it by a straight line; and the noise is normal.

    Parameters
    ----------
    model : Network
    known, background : Dataset
        Every other row that it was made from, and rows of other people.
    exact : Recipe
        What made the model, without the noise.
    label : int
        Of the missing row, which this attacker knows too.
    spread : float
        Standard deviation of the noise in each direction of the weights.

    Returns
    -------
    ndarray of shape (d,)
    """
    own = background.X[background.y == label]
    middle, step = own.mean(axis=0), 1e-3

    def made(x: Floats) -> Floats:
        y = np.append(known.y, label)
        return flat(exact(replace(known, X=np.vstack([known.X, x]), y=y), seed=0))

    start = made(middle)
    ways = step * np.eye(len(middle))
    slope = np.array([made(middle + way) - start for way in ways]).T / step
    pull = slope.T / spread**2
    curve = pull @ slope + np.linalg.inv(np.cov(own.T))
    return np.asarray(middle + np.linalg.solve(curve, pull @ (flat(model) - start)))


def flat(model: Model) -> Floats:
    """All weights of a network, one after the other, ndarray of shape (w,)."""
    return np.concatenate([w.ravel() for w in as_network(model).weights().values()])


@dataclass(frozen=True)
class AsShipped:
    """Makes logistic regressions by scikit-learn's own solver [pedregosa2011scikit].

    Parameters
    ----------
    tolerance : float
        When it stops; 1e-4 if nobody says otherwise.
    """

    tolerance: float = 1e-4

    def __call__(self, rows: Dataset, *, seed: int) -> Network:
        """One model for two classes, near the minimum that `models.softmax` finds."""
        with _quietly():
            model = LogisticRegression(C=2, tol=self.tolerance, max_iter=10_000)
            model.fit(rows.X, rows.y)
        halves = np.array([-0.5, 0.5])
        return Network(((model.coef_.T * halves, model.intercept_ * halves),))

    def many(self, rows: Sequence[Dataset], *, seeds: Sequence[int]) -> list[Network]:
        """As many, one after the other."""
        return [self(part, seed=seed) for part, seed in zip(rows, seeds, strict=True)]


# ---------------------------------------------------------------- a class

QUERIES = 40
"""Asked for each label at each step of `prototypes_asked`."""


def brush(image: tuple[int, ...], *, grid: int = 8) -> Floats:
    """What the attacker paints with: a coarse grid of greys, blended between.

    Nobody believes in pictures whose every pixel is set by itself: on large images
    those please the model and look like noise. An image of the grid's own size is
    painted pixel by pixel.

    Parameters
    ----------
    image : tuple of two int
        Height and width, both the same.
    grid : int
        Greys along each side.

    Returns
    -------
    ndarray of shape (grid², height · width)
    """
    greys = np.eye(grid**2).reshape(-1, grid, grid)
    scale = image[0] / grid
    fine = [zoom(g, scale, order=1, mode="nearest", grid_mode=True) for g in greys]
    return np.array(fine).reshape(grid**2, -1)


def prototypes(
    model: Differentiable,
    labels: Ints,
    *,
    brush: Floats,
    steps: int = 200,
    size: float = 0.1,
) -> Floats:
    """For each label an image of which the model is sure [fredrikson2015model].

    It begins at black and follows the model's own gradient.

    Parameters
    ----------
    model : Differentiable
    labels : ndarray of shape (n,)
    brush : ndarray of shape (c, d)
        What is painted with; each of the c greys stays between 0 and 1.
    steps : int
    size : float
        Length of a step.

    Returns
    -------
    ndarray of shape (n, d)
    """
    greys = search.ascend(
        np.zeros((len(labels), len(brush))),
        lambda greys: -model.gradient(greys @ brush, labels) @ brush.T,
        project=search.box(0, 1),
        step=search.unit(size),
        steps=steps,
    )
    return np.asarray(greys @ brush)


def prototypes_asked(
    oracle: Oracle,
    labels: Ints,
    *,
    brush: Floats,
    steps: int = 100,
    reach: float = 0.1,
    size: float = 0.2,
    seed: int,
) -> Floats:
    """The same from answers only, for `QUERIES` queries a label and step.

    The gradient is measured: pairs of opposite steps in random directions, each weighed
    by how much surer of the label its one end makes the model than its other.

    Parameters
    ----------
    oracle : Oracle
        That answers with probabilities, or what a defence has left of them.
    labels, brush, steps, size
        As for `prototypes`; it begins at grey.
    reach : float
        How far to look. Where answers come in coarse steps one must look further.
    seed : int
        Of the directions.

    Returns
    -------
    ndarray of shape (n, d)
    """
    rng, pairs = np.random.default_rng(seed), QUERIES // 2
    each = np.arange(len(labels))[:, None], np.arange(QUERIES), labels[:, None]

    def slope(greys: Floats) -> Floats:
        way = rng.standard_normal((len(greys), pairs, len(brush)))
        ends = greys[:, None] + reach * np.concatenate([way, -way], axis=1)
        told = oracle.ask(ends.reshape(-1, len(brush)) @ brush)
        sure = np.log(np.maximum(told.reshape(len(greys), QUERIES, -1)[each], 1e-6))
        surer = sure[:, :pairs] - sure[:, pairs:]
        return np.asarray(np.sum(surer[:, :, np.newaxis] * way, axis=1))

    greys = search.ascend(
        np.full((len(labels), len(brush)), 0.5),
        slope,
        project=search.box(0, 1),
        step=search.unit(size),
        steps=steps,
    )
    return np.asarray(greys @ brush)


def likeness(images: Floats, rows: Floats) -> Floats:
    """Correlation of each image with each row, ndarray of shape (n, m); flat ones 0."""
    one, other = (part - part.mean(axis=1, keepdims=True) for part in (images, rows))
    lengths = np.outer(np.linalg.norm(one, axis=1), np.linalg.norm(other, axis=1))
    return np.asarray(one @ other.T / np.where(lengths > 0, lengths, np.inf))


def nearest(images: Floats, labels: Ints, rows: Dataset) -> Floats:
    """Likeness of each image to that row of its class which it resembles most."""
    alike = likeness(images, rows.X)
    return np.asarray(np.where(labels[:, None] == rows.y, alike, -1).max(axis=1))


# ---------------------------------------------------------------- a shared update


def row_from_update(sent: Update) -> Floats:
    """The row behind an update that was computed from one row [geiping2020inverting].

    In the first layer the slope by unit j's weights is the row times the slope by its
    bias. The unit with the steepest bias is taken.
    """
    bias = sent["bias_0"]
    unit = int(np.argmax(abs(bias)))
    return np.asarray(sent["weight_0"][:, unit] / bias[unit])


def row_from_all_units(sent: Update) -> Floats:
    """The same, from all units together: what to do where there is noise.

    Weights over biases, the slope of a single row has rank one; its first singular
    vector is the row, and a one below it. Noise drowns that one first, so that the sign
    is chosen for which the row is mostly positive, as a picture is.
    """
    both = np.vstack([sent["weight_0"], sent["bias_0"]])
    way = np.linalg.svd(both, full_matrices=False)[0][:, 0]
    return np.asarray(way[:-1] / (abs(way[-1]) * np.sign(way[:-1].sum())))


def rows_from_update(sent: Update) -> Floats:
    """What every unit says that the row is: right where one row of a batch lit it."""
    bias = sent["bias_0"]
    return np.asarray((sent["weight_0"][:, bias != 0] / bias[bias != 0]).T)


def trap(model: Network, background: Floats) -> Network:
    """A network that sorts the rows of a batch into bins [fowl2022robbing].

    Every unit of the first layer measures the same, the row's mean, and is lit above a
    threshold of its own. Rows are then told apart by the differences between
    neighbours: see `rows_from_bins`.

    Parameters
    ----------
    model : Network
        Of two layers or more.
    background : ndarray of shape (m, d)
        Rows of the attacker's own, which say where thresholds go.
    """
    (weight, bias), (after, shift), *others = model.layers
    means = np.quantile(background.mean(axis=1), np.linspace(0, 1, len(bias) + 1)[:-1])
    alike = np.tile(after[:1], (len(after), 1))
    return Network(
        (
            (np.full_like(weight, 1 / len(weight)), -means.astype(bias.dtype)),
            (alike / len(after), shift),
            *others,
        )
    )


def rows_from_bins(sent: Update) -> Floats:
    """What every bin of a `trap` says that the row is: right where it holds one row."""
    weight = -np.diff(sent["weight_0"], axis=1, append=0)
    bias = -np.diff(sent["bias_0"], append=0)
    lit = abs(bias) > 1e-12
    return np.asarray((weight[:, lit] / bias[lit]).T)


def recovered(found: Floats, rows: Floats, *, within: float = 1e-3) -> Bools:
    """Which rows are among those found, every value to within so much."""
    if not len(found):
        return np.zeros(len(rows), bool)
    gap, _ = cKDTree(found).query(rows, p=np.inf)
    return np.asarray(gap <= within)


# ---------------------------------------------------------------- the judges

Guess: TypeAlias = Callable[[Network, Dataset], tuple[Floats, int]]
"""From a model and the rows that are known to the one that is not, and its label."""
DISGUISES: Mapping[str, Callable[[Floats, np.random.Generator], NDArray[Any]]] = {
    "as they are": lambda X, rng: X,
    "order changed": lambda X, rng: rng.permutation(X),
    "a third left out": lambda X, rng: X[len(X) // 3 :],
    "float32": lambda X, rng: X.astype(np.float32),
    "columns scaled": lambda X, rng: X * rng.uniform(1, 2, X.shape[1]) - 3,
    "all of these": lambda X, rng: disguised(X, seed=int(rng.integers(99)))[9:],
    "float16": lambda X, rng: X.astype(np.float16),
    "logarithm": lambda X, rng: np.log1p(X),
    "columns mixed": lambda X, rng: X @ rng.standard_normal((X.shape[1],) * 2),
}
"""What may have been done to the rows in a file."""
CONTROL = "other people's rows"


def judge_checks(rows: Dataset, strangers: Dataset, *, seed: int) -> Matrix:
    """Which check finds which disguise of training rows in a forest's file.

    A disguise is stopped if more than half of the rows are found. The last line is the
    control: rows of other people, which neither check may find.

    Parameters
    ----------
    rows : Dataset
        What is hidden, and looked for.
    strangers : Dataset
        Rows of the same kind that are hidden in the control.
    seed : int
        Of the disguises.
    """
    rng = np.random.default_rng(seed)
    tables = {name: (name, make(rows.X, rng)) for name, make in DISGUISES.items()}
    tables[CONTROL] = CONTROL, strangers.X
    checks: dict[str, Check] = {"bit for bit": verbatim, "up to scale": up_to_scale}

    def found(hidden: tuple[str, NDArray[Any]], check: Check) -> Cell:
        artefact = artefacts.dump({"forest": None, "note": hidden[1]})
        share = rows_inside(artefact, rows.X, check=check).share
        outcome: Outcome = "stopped" if share > 0.5 else "unnoticed"
        if hidden[0] == CONTROL:
            outcome = "harm" if share else "no attack"
        return Cell(share, outcome, len(rows))

    return panel(tables, checks, found, corner="the rows in the file")


def judge_estimators(fitted: Mapping[str, Fitted]) -> Matrix:
    """Which estimators carry rows, how many, and whether they need them to answer.

    Only those that carry any are listed. "unused" says that new rows are answered the
    same when the rows in the file are blanked, or never answered at all.
    """
    cells = {}
    for name, one in fitted.items():
        inside = rows_inside(artefacts.dump(one.model), one.rows.X)
        if inside.share:
            places = list(inside.places)
            use = Cell("used") if needed(one, places) else Cell("unused", "harm")
            carried = Cell(inside.share, "harm", len(one.rows))
            cells[name] = [carried, use, Cell(places[0])]
    columns = ["of its rows", "they are", "where"]
    return Matrix(list(cells), columns, list(cells.values()), corner="estimator")


def judge_attribute(
    table: Dataset,
    recipes: Mapping[float, Recipe],
    *,
    column: str,
    dose_name: str,
    repeats: int,
    seed: int,
) -> DoseResponse:
    """How often the hidden value of a column is guessed, with the model and without.

    In each repeat a victim learns from 40% of the rows; the attacker has 40% of other
    people in full, and guesses for the members and for the strangers that are left.

    Parameters
    ----------
    table : Dataset
        A regression.
    recipes : mapping of float to Recipe
        For each dose how the victim is made, which the attacker knows.
    column : str
        What is hidden: a column of 1 and 2.
    dose_name : str
        What the dose is.
    repeats : int
        Splits of the table.
    seed : int
        Of the splits and of the models.

    Returns
    -------
    DoseResponse
        Shares guessed rightly; where it says "imputation", nobody asks the model.
    """
    lines: dict[str, Meaning] = {
        "the model alone": "attacker",
        "imputation alone": "chance",
        "both, on members": "attacker",
        "imputation, strangers": "chance",
        "both, on strangers": "attacker",
    }

    def measure(dose: float, own: int) -> dict[str, float]:
        owned, others = table.split(0.4, seed=own)
        background, strangers = others.split(2 / 3, seed=own)
        asked = models.oracle(recipes[dose](owned, seed=own), answers="values")
        inside, outside = (
            _guessed(asked, background, people, recipes[dose], column=column, seed=own)
            for people in (owned, strangers)
        )
        return dict(zip(lines, inside + outside[1:], strict=True))

    return sweep(
        list(recipes),
        each(range(seed, seed + repeats), measure),
        lines=lines,
        dose_name=dose_name,
        response_name="share guessed rightly",
        units="splits",
    )


def _guessed(
    oracle: Oracle,
    background: Dataset,
    people: Dataset,
    recipe: Recipe,
    *,
    column: str,
    seed: int,
) -> list[float]:
    """Shares guessed rightly by the model alone, by imputation alone, and by both."""
    prior = float(np.mean(background.column(column) == 2))
    known, truth = with_value(people, column, 0), people.column(column)
    plain = by_model(oracle, known, column=column, prior=prior)
    alone = by_imputation(background, known, column=column)
    both = by_both(oracle, background, known, recipe, column=column, seed=seed)
    guesses = [plain, 1 + (alone > 0), 1 + (both > 0)]
    return [metrics.agreement(guess, truth) for guess in guesses]


def judge_missing(
    victims: Mapping[float, Victim],
    guess: Guess,
    *,
    dose_name: str,
    targets: Sequence[int] | None = None,
    close: float = 0.01,
) -> DoseResponse:
    """How near an attacker comes to each row, when it is the one that is missing.

    Parameters
    ----------
    victims : mapping of float to Victim
        For each dose.
    guess : callable
        The attacker: `missing_row` or `missing_row_rerun`, with their settings.
    dose_name : str
        What the dose is.
    targets : sequence of int, optional
        Which rows are missing in turn; every one if left out.
    close : float
        Error below which a row counts as given back.

    Returns
    -------
    DoseResponse
        Error of the worst column, in the unit of the rows; whether the row is given
        back; and whether its label is right.
    """

    def measure(dose: float) -> dict[str, Floats | Bools]:
        rows, model = victims[dose].rows, as_network(victims[dose].model)
        spots = range(len(rows)) if targets is None else targets
        found = [guess(model, _without(rows, i)) for i in spots]
        pairs = list(zip(found, spots, strict=True))
        error = np.array([abs(x - rows.X[i]).max() for (x, _), i in pairs])
        told = np.array([label == rows.y[i] for (_, label), i in pairs])
        return {"error": error, "given back": error < close, "label told": told}

    return sweep(
        list(victims),
        measure,
        lines=dict.fromkeys(("error", "given back", "label told"), "attacker"),
        dose_name=dose_name,
        response_name="error of the worst column; share of rows",
        units="rows",
        within=(0, np.inf),
    )


def judge_missing_noised(
    victims: Sequence[Victim],
    background: Dataset,
    exact: Recipe,
    *,
    targets: Sequence[int],
    spread: float,
) -> DoseResponse:
    """How near the attacker who reckons with the noise comes to each target's row.

    Parameters
    ----------
    victims : sequence of Victim
        Each with a noise of its own.
    background, exact, spread
        As for `missing_row_noised`.
    targets : sequence of int
        Which rows are missing in turn.
    """

    def missed(number: int, target: int) -> float:
        rows, model = victims[number].rows, as_network(victims[number].model)
        known, label = _without(rows, target), int(rows.y[target])
        x = missing_row_noised(
            model, known, background, exact, label=label, spread=spread
        )
        return float(abs(x - rows.X[target]).max())

    pairs = list(product(range(len(victims)), targets))
    return sweep(
        [spread],
        lambda _: {"error": [missed(*pair) for pair in pairs]},
        lines={"error": "attacker"},
        dose_name="standard deviation of the noise",
        response_name="error of the worst column",
        units="rows, each drawn anew",
        within=(0, np.inf),
    )


def _without(rows: Dataset, place: int) -> Dataset:
    return rows.take(np.arange(len(rows)) != place)


def judge_queries(
    victims: Sequence[Victim],
    ways: Mapping[str, Callable[[Victim], Oracle]],
    recogniser: Classifier,
    *,
    steps: Sequence[int],
    reach: Mapping[str, float],
    seed: int,
) -> DoseResponse:
    """Share of classes whose prototype, got by queries, another model recognises.

    Parameters
    ----------
    victims : sequence of Victim
    ways : mapping of str to callable
        For each attacker by name what they may ask.
    recogniser : Classifier
        Made from rows that no victim has seen, and by another recipe.
    steps : sequence of int
        Ascending; `QUERIES` queries each.
    reach : mapping of str to float
        How far each attacker looks.
    seed : int
        Of the directions.
    """
    labels = np.arange(len(victims[0].rows.classes))

    def recognised(way: str, number: int, asked: float) -> Bools:
        images = prototypes_asked(
            ways[way](victims[number]),
            labels,
            brush=_brush(victims[number].rows),
            steps=round(asked / QUERIES),
            reach=reach[way],
            seed=seed + number,
        )
        return np.asarray(recogniser.predict(images) == labels)

    return sweep(
        [float(QUERIES * count) for count in steps],
        lambda asked: {
            way: np.ravel([recognised(way, i, asked) for i in range(len(victims))])
            for way in ways
        },
        lines=dict.fromkeys(ways, "attacker"),
        dose_name="queries for each class",
        response_name="share of classes recognised",
        units="pictures",
    )


def _brush(rows: Dataset) -> Floats:
    if rows.image is None:
        raise BadInput(f"got rows of {rows.name}; wanted images")
    return brush(rows.image)


def judge_person(victims: Sequence[Victim], strangers: Dataset) -> Separation:
    """Whether prototypes resemble somebody of the training rows more than a stranger.

    Parameters
    ----------
    victims : sequence of Victim
    strangers : Dataset
        As many rows, which no victim has seen.

    Returns
    -------
    Separation
        Of the likeness to the nearest member and to the nearest stranger of the class;
        one half is the area of who cannot tell.
    """
    inside, outside = [], []
    for victim in victims:
        labels = np.arange(len(victim.rows.classes))
        model = as_differentiable(victim.model)
        images = prototypes(model, labels, brush=_brush(victim.rows))
        inside.append(nearest(images, labels, victim.rows))
        outside.append(nearest(images, labels, strangers))
    pair = np.concatenate(inside), np.concatenate(outside)
    return Separation({"likeness to the nearest": pair}, "members")


def judge_batches(
    networks: Sequence[Network], rows: Dataset, *, batches: Sequence[int], seed: int
) -> DoseResponse:
    """Share of a batch's rows that an update gives back, by a curious and a bad server.

    Parameters
    ----------
    networks : sequence of Network
        As an honest server sends them; each meets a batch of its own at each size.
    rows : Dataset
        The clients'. The last half is the bad server's own, for its thresholds.
    batches : sequence of int
        Sizes, ascending.
    seed : int
        Of the batches.
    """
    rng, half = np.random.default_rng(seed), len(rows) // 2

    def measure(size: float, model: Network) -> dict[str, float]:
        batch = rows.take(rng.permutation(half)[: int(size)])
        looked = rows_from_update(model.slope(batch.X, batch.y))
        sent = trap(model, rows.X[half:]).slope(batch.X, batch.y)
        found = {"curious": looked, "sends a trap": rows_from_bins(sent)}
        return {k: float(recovered(f, batch.X).mean()) for k, f in found.items()}

    return sweep(
        batches,
        each(networks, measure),
        lines={"curious": "attacker", "sends a trap": "attacker"},
        dose_name="rows in the batch",
        response_name="share of them given back",
        units="networks",
    )


def judge_noise(
    model: Network,
    rows: Dataset,
    defences: Mapping[float, Callable[[Update, int], Update]],
    *,
    repeats: int,
    seed: int,
    dose_name: str,
) -> DoseResponse:
    """Likeness of what the attacker reads from a defended update of one row.

    Parameters
    ----------
    model : Network
    rows : Dataset
        Each repeat is a row of these.
    defences : mapping of float to callable
        For each dose, ascending, from an update and a seed to what is sent.
    repeats : int
    seed : int
    dose_name : str

    Returns
    -------
    DoseResponse
        Correlation with the row, from all units, after one round, nine and a hundred
        in which the same row was sent.
    """
    rounds = {"one round": 1, "nine rounds": 9, "a hundred rounds": 100}

    def measure(dose: float, repeat: int) -> dict[str, float]:
        row = rows.take([repeat])
        sent, first = model.slope(row.X, row.y), seed + 100 * repeat
        told = [defences[dose](sent, first + i) for i in range(100)]
        means = {
            name: {k: np.mean([t[k] for t in told[:count]], axis=0) for k in sent}
            for name, count in rounds.items()
        }
        return {
            name: likeness(row_from_all_units(mean)[np.newaxis], row.X)[0, 0]
            for name, mean in means.items()
        }

    return sweep(
        list(defences),
        each(range(repeats), measure),
        lines=dict.fromkeys(rounds, "attacker"),
        dose_name=dose_name,
        response_name="likeness to the row",
        units="rows",
        within=(-1, 1),
    )


def judge_epsilon(
    recipes: Mapping[float, Recipe],
    exact: Recipe,
    rows: Dataset,
    others: Dataset,
    *,
    targets: Sequence[int],
    draws: int,
    seed: int,
) -> DoseResponse:
    """What noise on the weights does to the best attacker, and to the patients.

    The attacker knows every row and every label but one. They make the model for either
    label without noise, and say the one whose weights are nearer to those released. No
    attacker does better where the likelihood of the noise falls with its length. Beside
    it stands the most that the privacy loss ε allows: for a label, that of ε / 2, since
    another label moves the minimum half as far at most as another row.

    Parameters
    ----------
    recipes : mapping of float to Recipe
        For each ε how the model is made.
    exact : Recipe
        The same without noise.
    rows, others : Dataset
        What the models are made from, and rows to count their right answers on.
    targets : sequence of int
        Whose label is asked about.
    draws : int
        Noisy models made for each target.
    seed : int
        Of the noise.
    """
    pairs = [[_flipped(rows, target, label) for label in (0, 1)] for target in targets]
    ends = [[flat(exact(world, seed=0)) for world in pair] for pair in pairs]
    count, doses = len(targets) * draws, list(recipes)

    def measure(epsilon: float, spot: int) -> dict[str, float | bool]:
        label, worlds = spot % draws % 2, pairs[spot // draws]
        own = seed + doses.index(epsilon) * count + spot
        made = as_network(recipes[epsilon](worlds[label], seed=own))
        gap = [np.linalg.norm(flat(made) - end) for end in ends[spot // draws]]
        return {
            "right diagnoses": metrics.agreement(others.y, made.predict(others.X)),
            "best attacker": bool(np.argmin(gap) == label),
            "the most that ε allows": 1 / (1 + np.exp(-epsilon / 2)),
        }

    return sweep(
        doses,
        each(range(count), measure),
        lines={
            "right diagnoses": "victim",
            "best attacker": "attacker",
            "the most that ε allows": "defence",
        },
        dose_name="privacy loss ε",
        response_name="share",
        units="draws",
    )


def _flipped(rows: Dataset, target: int, label: int) -> Dataset:
    y = rows.y.copy()
    y[target] = label
    return replace(rows, y=y)
