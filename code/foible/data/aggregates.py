"""What is published of the bank without any customer?"""

import json
from importlib import resources
from typing import TypedDict, cast


class BankAggregates(TypedDict):
    """What is known of the published credit table: counts and shares, never a row.

    Lists over columns follow `columns`. A correlation matrix is given by the rows of
    its lower triangle. A "delay" is `PAY_0` as text, "3" being three months or more.
    Bills are measured as a share of the customer's `LIMIT_BAL`.
    """

    source: str
    about: str
    rows: int
    default_rate: float
    columns: list[str]
    shares: dict[str, dict[str, float]]
    levels: list[float]
    quantiles: dict[str, list[float]]
    rank_correlation: list[list[float]]
    latent_correlation: list[list[float]]
    intercepts: dict[str, float]
    weights: dict[str, list[float]]
    default_rates: dict[str, dict[str, float]]


def bank_aggregates() -> BankAggregates:
    """The aggregates from which the bank's twin is drawn [yeh2009comparisons]."""
    text = resources.files("foible").joinpath("bank.json").read_text("utf-8")
    return cast(BankAggregates, json.loads(text))
