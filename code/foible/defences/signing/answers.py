"""Does a model still answer some rows, the golden ones, as it once did?"""

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from foible.arrays import Floats
from foible.errors import ArtefactRefused, BadInput
from foible.models import Classifier


def golden(model: Classifier, X: Floats) -> NDArray[np.generic]:
    """The answers that a model gives to some rows, to be kept with its release."""
    return np.asarray(model.predict(X))


def checked(
    model: Classifier, X: Floats, *, expected: NDArray[np.generic]
) -> Classifier:
    """The same model, if it still gives the expected answers.

    Raises
    ------
    ArtefactRefused
        When it answers any row differently.
    """
    wrong = int(np.sum(golden(model, X) != expected))
    if wrong:
        raise ArtefactRefused(
            f"got {wrong} of {len(X)} golden rows answered otherwise; wanted none; "
            "this is not the model that was released"
        )
    return model


def caught(*, golden: int, altered: int, rows: int) -> float:
    """Probability that golden rows, drawn from `rows`, meet one of the `altered`.

    It is 1 − C(rows − altered, golden) / C(rows, golden), about
    1 − (1 − altered / rows) ^ golden.

    Raises
    ------
    BadInput
        For more golden or altered rows than there are rows.
    """
    if not (0 <= golden <= rows and 0 <= altered <= rows):
        raise BadInput(
            f"got {golden} golden and {altered} altered rows; wanted 0 to {rows}"
        )
    return float(stats.hypergeom.sf(0, rows, altered, golden))
