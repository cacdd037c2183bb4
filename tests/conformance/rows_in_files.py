"""Rows in files: one row a check of a file or of a fitted object."""

import numpy as np
from promises import Row
from sklearn.preprocessing import OrdinalEncoder, StandardScaler

from foible import artefacts, data
from foible.attacks import rows_in_files

TEN = data.clinic().select(data.clinic().columns[:10])
PATIENTS, STRANGERS = TEN.take(np.arange(60)), TEN.take(np.arange(60, 300))


def checking(check):
    """A check of a table, which finds nobody in strangers' rows."""
    return Row(
        f"rows_in_files.{check.__name__}",
        lambda: {"table": PATIENTS.X[:40].copy(), "rows": PATIENTS.X.copy()},
        lambda *, table, rows, seed: check(table, rows),
        nought={"table": STRANGERS.X},
        nothing=lambda inputs, found: not found.any(),
        kept=lambda inputs, found: found.sum() == 40,
    )


ROWS = [
    checking(rows_in_files.verbatim),
    checking(rows_in_files.up_to_scale),
    Row(
        "rows_in_files.rows_inside",
        lambda: {"artefact": artefacts.dump(PATIENTS.X), "rows": PATIENTS.X.copy()},
        lambda *, seed, **inputs: rows_in_files.rows_inside(**inputs),
        nought={"artefact": artefacts.dump(STRANGERS.X)},
        nothing=lambda inputs, inside: inside == (0.0, {}),
        refused={
            "no file": {"artefact": b""},
            "no pickle": {"artefact": b"nothing"},
            "no rows": {"rows": PATIENTS.X[:0]},
            "one row that is no table": {"rows": PATIENTS.X[0]},
            "a hole": {"rows": PATIENTS.X * np.nan},
        },
    ),
    Row(
        "rows_in_files.columns_inside",
        lambda: {"estimator": OrdinalEncoder().fit(PATIENTS.X)},
        lambda *, estimator, seed: rows_in_files.columns_inside(estimator),
        nought={"estimator": OrdinalEncoder()},
        nothing=lambda inputs, lists: lists == {},
        kept=lambda inputs, lists: len(lists) == PATIENTS.X.shape[1],
        blind={"estimator": StandardScaler().fit(PATIENTS.X)},
        chance=lambda lists: not np.isin(PATIENTS.X, list(lists.values())).any(),
        refused={"no estimator": {"estimator": PATIENTS.X}},
    ),
    Row(
        "rows_in_files.disguised",
        lambda: {"rows": PATIENTS.X.copy()},
        rows_in_files.disguised,
        refused={
            "no rows": {"rows": PATIENTS.X[:0]},
            "a hole": {"rows": PATIENTS.X * np.nan},
        },
    ),
]
