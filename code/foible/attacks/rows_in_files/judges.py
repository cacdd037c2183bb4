"""What is in which file, and which check finds it?"""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foible import artefacts
from foible.arrays import Floats
from foible.attacks.rows_in_files import files
from foible.attacks.rows_in_files.estimators import Fitted, needed
from foible.data import Dataset
from foible.domains import Seed
from foible.evidence import Cell, Matrix, Outcome
from foible.judging import panel

DISGUISES: Mapping[str, Callable[[Floats, np.random.Generator], NDArray[Any]]] = {
    "as they are": lambda X, rng: X,
    "order changed": lambda X, rng: rng.permutation(X),
    "a third left out": lambda X, rng: X[len(X) // 3 :],
    "float32": lambda X, rng: X.astype(np.float32),
    "columns scaled": lambda X, rng: X * rng.uniform(1, 2, X.shape[1]) - 3,
    "all of these": lambda X, rng: files.disguised(X, seed=int(rng.integers(99)))[9:],
    "float16": lambda X, rng: X.astype(np.float16),
    "logarithm": lambda X, rng: np.log1p(X),
    "columns mixed": lambda X, rng: X @ rng.standard_normal((X.shape[1],) * 2),
}
"""What may have been done to the rows in a file."""
CONTROL = "other people's rows"


def judge_checks(rows: Dataset, strangers: Dataset, *, seed: Seed) -> Matrix:
    """Which check finds which disguise of training rows in a forest's file.

    A disguise of `rows` is stopped if more than half of them are found. The last line
    is the control: strangers, in whom neither check may find any.
    """
    rng = np.random.default_rng(seed)
    tables = {name: (name, make(rows.X, rng)) for name, make in DISGUISES.items()}
    tables[CONTROL] = CONTROL, strangers.X
    checks = {"bit for bit": files.verbatim, "up to scale": files.up_to_scale}

    def found(hidden: tuple[str, NDArray[Any]], check: files.Check) -> Cell:
        artefact = artefacts.dump({"forest": None, "note": hidden[1]})
        share = files.rows_inside(artefact, rows.X, check=check).share
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
        inside = files.rows_inside(artefacts.dump(one.model), one.rows.X)
        if inside.share:
            places = list(inside.places)
            use = Cell("used") if needed(one, places) else Cell("unused", "harm")
            carried = Cell(inside.share, "harm", len(one.rows))
            cells[name] = [carried, use, Cell(places[0])]
    columns = ["of its rows", "they are", "where"]
    return Matrix(list(cells), columns, list(cells.values()), corner="estimator")
