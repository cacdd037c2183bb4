"""Measure the published credit table, and write what the bank's twin is drawn from.

    python scripts/measure_bank.py [code/foible/bank.json]

reads the table through `foible.data` (so `FOIBLE_DATA` must be set) and writes counts,
shares, quantiles, correlations and regression weights: no row, no value of a category
that fewer than ten customers share, no amount beyond the quantiles 0.1 % and 99.9 %.
The result is the same every time.
"""

import json
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.special import logit, ndtri
from scipy.stats import rankdata, spearmanr
from sklearn.linear_model import LogisticRegression

from foible import data

Floats = npt.NDArray[np.float64]

DELAYS = range(-2, 4)  # of PAY_0; the last stands for three months or more
FEWEST = 10  # customers who must share a value before it is written
LEVELS = [0.001, 0.005, *(i / 100 for i in range(1, 100)), 0.995, 0.999]
LIMITS = [50_000, 100_000, 180_000, 270_000, 1_000_000]
TRIAL = 100_000  # customers drawn to calibrate the twin

ABOUT = (
    "Aggregates of the UCI table 'default of credit card clients', written by "
    "scripts/measure_bank.py. BILL_AMT quantiles are shares of LIMIT_BAL. Lists over "
    "columns follow 'columns'; correlations are lower triangles; a PAY_0 of 3 means 3 "
    "or more months."
)


def main(target: Path) -> None:
    """Measure, calibrate, write."""
    if data.choice() != "real":
        raise SystemExit("set FOIBLE_DATA to the folder that holds the credit table")
    table = data.bank()
    aggregates = marginals(table)
    calibrate_correlation(aggregates)
    calibrate_intercepts(aggregates)
    target.write_text(text(aggregates), "utf-8")


# --- What is measured -----------------------------------------------------------------


def marginals(table: data.Dataset) -> data.BankAggregates:
    """Everything that the table alone decides; what must be calibrated, as a start."""
    ranks = np.asarray(spearmanr(table.X).statistic)
    few = [name for name in table.columns if not name.startswith(("BILL_", "PAY_AMT"))]
    return {
        "source": "yeh2009comparisons",
        "about": ABOUT,
        "rows": len(table),
        "default_rate": rounded(table.y.mean()),
        "columns": list(table.columns),
        "shares": {name: shares(table.column(name)) for name in few},
        "levels": LEVELS,
        "quantiles": {
            name: quantiles(table, name) for name in table.columns if name not in few
        },
        "rank_correlation": triangle(ranks, digits=3),
        "latent_correlation": triangle(nearest_correlation(ranks), digits=3),
        "intercepts": {str(delay): 0.0 for delay in DELAYS},
        "weights": weights(table),
        "default_rates": default_rates(table),
    }


def shares(column: Floats) -> dict[str, float]:
    """The share of each value, of those that enough customers have."""
    values, counts = np.unique(column, return_counts=True)
    kept = counts >= FEWEST
    return {
        f"{value:.0f}": rounded(count / counts[kept].sum(), digits=5)
        for value, count in zip(values[kept], counts[kept], strict=True)
    }


def quantiles(table: data.Dataset, name: str) -> list[float]:
    """The column's quantiles at `LEVELS`, those of a bill as a share of the limit."""
    if name.startswith("BILL_AMT"):
        parts = table.column(name) / table.column("LIMIT_BAL")
        return [rounded(value) for value in np.quantile(parts, LEVELS)]
    return [round(value) for value in np.quantile(table.column(name), LEVELS)]


def weights(table: data.Dataset) -> dict[str, list[float]]:
    """What each column's normal score adds to the log odds of default, per delay."""
    scores = ndtri((rankdata(table.X, axis=0) - 0.5) / len(table))
    scores[:, table.columns.index("PAY_0")] = 0  # its part is the intercept's
    model = LogisticRegression(C=0.01, max_iter=1000)
    return {
        str(delay): [
            rounded(weight, digits=3)
            for weight in model.fit(scores[group], table.y[group]).coef_[0]
        ]
        for delay, group in delayed(table).items()
    }


def default_rates(table: data.Dataset) -> dict[str, dict[str, float]]:
    """How often customers default, by what is known of them."""
    limit, sex = table.column("LIMIT_BAL"), table.column("SEX")
    upper = np.array(LIMITS)[np.searchsorted(LIMITS, limit)]
    groups = {str(delay): group for delay, group in delayed(table).items()}
    low = limit <= np.median(limit)
    return {
        "PAY_0": rates(table, groups),
        "SEX": rates(table, {"1": sex == 1, "2": sex == 2}),
        "LIMIT_BAL up to": rates(table, {str(top): upper == top for top in LIMITS}),
        "PAY_0, lower half of LIMIT_BAL": rates(
            table, {name: group & low for name, group in groups.items()}
        ),
        "PAY_0, upper half of LIMIT_BAL": rates(
            table, {name: group & ~low for name, group in groups.items()}
        ),
    }


def rates(
    table: data.Dataset, groups: dict[str, npt.NDArray[np.bool_]]
) -> dict[str, float]:
    """The share of defaulters in each group."""
    return {name: rounded(table.y[group].mean()) for name, group in groups.items()}


def delayed(table: data.Dataset) -> dict[int, npt.NDArray[np.bool_]]:
    """The customers of each delay."""
    delay = np.clip(table.column("PAY_0"), DELAYS[0], DELAYS[-1])
    return {value: delay == value for value in DELAYS}


# --- What is calibrated: until the twin shows what was measured -----------------------


def calibrate_correlation(aggregates: data.BankAggregates) -> None:
    """Move the latent correlation until the twin's ranks correlate as published."""
    wanted = data.symmetric(aggregates["rank_correlation"])
    latent = data.symmetric(aggregates["latent_correlation"])
    for _ in range(12):
        twin = data.draw_bank(TRIAL, seed=0, aggregates=aggregates)
        latent += wanted - np.asarray(spearmanr(twin.X).statistic)
        latent = nearest_correlation(np.clip(latent, -0.99, 0.99))
        aggregates["latent_correlation"] = triangle(latent, digits=3)


def calibrate_intercepts(aggregates: data.BankAggregates) -> None:
    """Move the intercepts until the twin's customers default as often as published."""
    for _ in range(6):
        twin = data.draw_bank(TRIAL, seed=1, aggregates=aggregates)
        for delay, group in delayed(twin).items():
            wanted = aggregates["default_rates"]["PAY_0"][str(delay)]
            step = logit(wanted) - logit(twin.y[group].mean())
            aggregates["intercepts"][str(delay)] += rounded(step)
    for name, value in aggregates["intercepts"].items():
        aggregates["intercepts"][name] = rounded(value)


def nearest_correlation(matrix: Floats, *, floor: float = 0.002) -> Floats:
    """The matrix with no eigenvalue below `floor`, and ones on its diagonal."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    positive = vectors @ np.diag(np.maximum(values, floor)) @ vectors.T
    scale = np.sqrt(np.diag(positive))
    return np.asarray(positive / np.outer(scale, scale))


# --- How it is written ----------------------------------------------------------------


def rounded(value: float, *, digits: int = 4) -> float:
    """A plain number of so many decimals."""
    return round(float(value), digits)


def triangle(matrix: Floats, *, digits: int) -> list[list[float]]:
    """The rows of the lower triangle."""
    return [
        [rounded(value, digits=digits) for value in row[: i + 1]]
        for i, row in enumerate(matrix)
    ]


def text(aggregates: data.BankAggregates) -> str:
    """JSON, one column of the table in a line."""
    lines = []
    for key, value in aggregates.items():
        if isinstance(value, dict):
            inner = [f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in value.items()]
            body = "{\n" + ",\n".join(inner) + "\n }"
        elif isinstance(value, list) and isinstance(value[0], list):
            body = "[\n" + ",\n".join(f"  {json.dumps(row)}" for row in value) + "\n ]"
        else:
            body = json.dumps(value)
        lines.append(f" {json.dumps(key)}: {body}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["code/foible/bank.json"]))
