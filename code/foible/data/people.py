"""Who are the bank's customers and the clinic's patients, and which irises are there?

The customers are invented: drawn from a seed so that columns, ranges and the dependence
of default on payment delay are those of the published table, and no row is a person.
"""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import expit, ndtr
from sklearn import datasets

from foible.arrays import Floats
from foible.data.files import BankAggregates, bank_aggregates, choice, published
from foible.data.rows import Dataset
from foible.domains import Count, Natural, Seed

BANK_ROWS = 30_000
BANK_SEED = 2009
_BANK_CLASSES = ("pays", "defaults")
_TALK_COLUMNS = (
    *("LIMIT_BAL", "AGE", "PAY_0", "PAY_2", "PAY_3"),
    *("BILL_AMT1", "BILL_AMT2", "PAY_AMT1"),
)


def bank() -> Dataset:
    """30,000 credit-card customers, and whether each defaults [yeh2009comparisons].

    The published table has 25 columns: 23 describe the customer and are `X`, in the
    published order; DEFAULT is `y`; ID numbers the rows, says nothing about a customer,
    and is left out. Amounts are New Taiwan dollars of 2005.

    Without `FOIBLE_DATA` the customers are invented: `draw_bank` with `BANK_SEED`.

    Raises
    ------
    DataMissing, DataDamaged
        `FOIBLE_DATA` is set and its table is not there, or not the published one.
    """
    if choice() == "embedded":
        return draw_bank(BANK_ROWS, seed=BANK_SEED)
    (text,) = published("bank").values()
    table = pd.read_csv(io.BytesIO(text))
    customers = table.drop(columns=["ID", "DEFAULT"])
    return Dataset(
        name="bank",
        X=customers.to_numpy(),
        y=table["DEFAULT"].to_numpy(),
        columns=tuple(customers.columns),
        classes=_BANK_CLASSES,
        origin="UCI credit table",
    )


def draw_bank(
    rows: Count, *, seed: Seed, aggregates: BankAggregates | None = None
) -> Dataset:
    """Invented customers who resemble the published ones [yeh2009comparisons].

    A Gaussian copula: each customer is a draw from a multivariate normal, and each of
    its coordinates is turned into a column by that column's published quantiles. So
    every column has the published distribution and every two columns about the
    published rank correlation. Bills are drawn as a share of the credit limit. Default
    is then drawn from a logistic regression, one for each payment delay `PAY_0`.

    What three columns do together is not kept, nor are the table's own rules (who did
    not use the card in a month has no bill of that month).

    The same seed gives the same bytes; other `aggregates` than `bank_aggregates()` give
    another bank.
    """
    facts = bank_aggregates() if aggregates is None else aggregates
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(symmetric(facts["latent_correlation"]))
    latent = rng.standard_normal((rows, len(root))) @ root.T
    X = _customers(facts, ndtr(latent))
    risk = _risk(facts, X[:, facts["columns"].index("PAY_0")], latent)
    return Dataset(
        name="bank",
        X=X,
        y=rng.random(rows) < risk,
        columns=tuple(facts["columns"]),
        classes=_BANK_CLASSES,
        origin="synthetic twin of the UCI credit table",
    )


def invented(rows: Natural = 1000) -> Dataset:
    """Customers to be shown: invented ones, on the real data too.

    `bank()` may hold people, and no row of a person is shown on a page. The first of
    the embedded bank's customers are these, with other draws of the default.
    """
    return draw_bank(rows, seed=BANK_SEED)


def symmetric(triangle: list[list[float]]) -> Floats:
    """The symmetric matrix whose lower triangle this is."""
    lower = np.array([row + [0.0] * (len(triangle) - len(row)) for row in triangle])
    return np.asarray(lower + np.tril(lower, -1).T)


def _customers(facts: BankAggregates, uniform: Floats) -> Floats:
    """Each column's published distribution, put in place of a uniform one."""
    X = np.empty_like(uniform)
    for j, name in enumerate(facts["columns"]):
        if name in facts["shares"]:
            shares = facts["shares"][name]
            steps = np.cumsum(list(shares.values()))
            values = np.array([float(value) for value in shares])
            X[:, j] = values[np.searchsorted(steps / steps[-1], uniform[:, j])]
        else:
            quantiles = facts["quantiles"][name]
            X[:, j] = np.interp(uniform[:, j], facts["levels"], quantiles)
        if name.startswith("BILL_AMT"):
            X[:, j] *= X[:, facts["columns"].index("LIMIT_BAL")]
    return np.rint(X) + 0.0  # no negative zero


def _risk(facts: BankAggregates, delay: Floats, latent: Floats) -> Floats:
    """Each customer's probability of default."""
    log_odds = np.empty(len(delay))
    for name, intercept in facts["intercepts"].items():
        group = np.clip(delay, -2, 3) == int(name)
        log_odds[group] = intercept + latent[group] @ np.array(facts["weights"][name])
    return np.asarray(expit(log_odds))


def talk_view(bank: Dataset) -> Dataset:
    """The ten columns that the talk's model sees: eight, and SEX as two dummies."""
    sex = bank.column("SEX")[:, None] == [1, 2]
    return replace(
        bank,
        X=np.hstack([bank.select(_TALK_COLUMNS).X, sex]),
        columns=(*_TALK_COLUMNS, "SEX_1", "SEX_2"),
    )


def clinic() -> Dataset:
    """Measurements of 569 tumours, and whether each is benign [street1993nuclear]."""
    raw = datasets.load_breast_cancer()
    return Dataset(
        name="clinic",
        X=raw.data,
        y=raw.target,
        columns=tuple(map(str, raw.feature_names)),
        classes=tuple(map(str, raw.target_names)),
        origin="scikit-learn's breast cancer table",
    )


def irises() -> Dataset:
    """Four lengths of 150 irises, in cm, and their species [fisher1936use]."""
    raw = datasets.load_iris()
    return Dataset(
        name="irises",
        X=raw.data,
        y=raw.target,
        columns=tuple(map(str, raw.feature_names)),
        classes=tuple(map(str, raw.target_names)),
        origin="scikit-learn's iris table",
    )


def wines() -> Dataset:
    """Thirteen measurements of 178 wines, and which of three growers made each."""
    raw = datasets.load_wine()
    return Dataset(
        name="wines",
        X=raw.data,
        y=raw.target,
        columns=tuple(map(str, raw.feature_names)),
        classes=tuple(map(str, raw.target_names)),
        origin="scikit-learn's wine table",
    )


def diabetes() -> Dataset:
    """Records of 442 patients with diabetes, and its progress [efron2004least].

    `y` is a score of progression after a year, 25 to 346, so there are no classes.
    """
    raw = datasets.load_diabetes(scaled=False)
    return Dataset(
        name="diabetes",
        X=raw.data,
        y=raw.target,
        columns=tuple(raw.feature_names),
        classes=(),
        origin="scikit-learn's diabetes table",
    )
