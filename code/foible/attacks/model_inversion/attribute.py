"""Which value of a missing column fits what the model answers?"""

from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from foible import models
from foible.arrays import Bools, Floats, Ints
from foible.data import Dataset, same_columns
from foible.domains import Number, Seed, Share
from foible.errors import BadInput
from foible.models import Recipe
from foible.oracle import Oracle


def misfit(oracle: Oracle, rows: Dataset, *, column: str) -> Floats:
    """Distance of a row's outcome from the answer with 1 and with 2, of shape (n, 2).

    Parameters
    ----------
    oracle : Oracle
        Of a regressor, that answers with "values".
    rows : Dataset
        All that is known: the other columns, and the outcome in `y`.
    column : str
        The missing one, which is 1 or 2; whatever single value the rows have in it is
        taken for a blank.

    BadInput: rows with classes, answers that are not one number each, or a column that
    is coded otherwise.
    """
    if rows.classes:
        raise BadInput(
            f"got {rows!r}; wanted the numbers of a regression, for an answer to be "
            "near to or far from"
        )
    if np.ptp(rows.column(column)):
        _two(rows, column)
    tried = [oracle.ask(with_value(rows, column, value).X) for value in (1, 2)]
    if tried[0].shape != (len(rows), 1):
        raise BadInput(
            f"got answers of shape {tried[0].shape}; wanted a number for each row, as "
            'a regressor gives with answers="values"'
        )
    return np.asarray(abs(np.hstack(tried) - rows.y[:, None]))


def _two(rows: Dataset, column: str) -> Bools:
    """Who has a 2 in a column of 1 and 2, (n,); BadInput for other numbers."""
    values = np.unique(rows.column(column))
    if not np.isin(values, (1, 2)).all():
        raise BadInput(
            f"got the column {column!r} with values from {values[0]} to {values[-1]}; "
            "wanted 1 and 2 and no others: write them so"
        )
    return np.asarray(rows.column(column) == 2)


def by_model(oracle: Oracle, rows: Dataset, *, column: str, prior: Share) -> Ints:
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
    same_columns(background, rows)
    known, truth = _evidence(background, column), _two(background, column)
    return _log_odds(known, truth, _evidence(rows, column))


def by_both(
    oracle: Oracle,
    background: Dataset,
    rows: Dataset,
    recipe: Recipe,
    *,
    column: str,
    seed: Seed,
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
    """
    halves = background.split(0.5, seed=seed)
    known = []
    for half, other in (halves, halves[::-1]):
        asked = models.oracle(recipe(half, seed=seed), answers="values")
        known.append(_clues(asked, other, half, column))
    truth = np.concatenate([_two(half, column) for half in halves])
    own = _clues(oracle, background, rows, column)
    return _log_odds(np.concatenate(known), truth, own)


def _log_odds(known: Floats, truth: Bools, asked: Floats) -> Floats:
    if truth.all() or not truth.any():
        raise BadInput(
            f"got {len(truth)} rows of other people with one value in the missing "
            "column; wanted some with each"
        )
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(known, truth)
    return np.asarray(model.decision_function(asked))


def _clues(oracle: Oracle, background: Dataset, rows: Dataset, column: str) -> Floats:
    one, two = misfit(oracle, rows, column=column).T
    return np.column_stack([by_imputation(background, rows, column=column), one - two])


def _evidence(rows: Dataset, column: str) -> Floats:
    others = [name for name in rows.columns if name != column]
    return np.column_stack([rows.select(others).X, rows.y])


def with_value(rows: Dataset, column: str, value: Number) -> Dataset:
    """The rows with one value in a whole column."""
    X = rows.X.copy()
    X[:, rows.position(column)] = value
    return replace(rows, X=X)
