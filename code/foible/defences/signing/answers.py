"""Does a model still answer some rows, the golden ones, as it once did?"""

import numpy as np
from scipy import stats

from foible.arrays import Floats, Ints
from foible.errors import ArtefactRefused, BadInput
from foible.models import Classifier


def checked(model: Classifier, X: Floats, *, expected: Ints) -> Classifier:
    """The same model, if it still answers all rows as expected, else ArtefactRefused.

    What is expected, (n,), is kept with the release.
    """
    wrong = int(np.sum(model.predict(X) != expected))
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
    """
    if not (0 <= golden <= rows and 0 <= altered <= rows):
        raise BadInput(
            f"got {golden} golden and {altered} altered rows; wanted 0 to {rows}"
        )
    return float(stats.hypergeom.sf(0, rows, altered, golden))
