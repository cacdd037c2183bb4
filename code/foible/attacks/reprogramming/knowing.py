"""How does the attacker get past who looks at pictures, or counts questions?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from scipy.spatial.distance import cdist

from foible.arrays import Floats
from foible.attacks.reprogramming.climbing import (
    EFFORT,
    Effort,
    Pull,
    improved,
    ranked,
)
from foible.attacks.reprogramming.programs import (
    Labels,
    Program,
    blank,
    usable,
)
from foible.data import Dataset
from foible.domains import Amount, Number, Seed
from foible.errors import BadInput
from foible.models import Differentiable, as_differentiable

CONTRASTS = (0.4, 0.7)  # how dark the columns may be written on a digit
PULL = 0.1  # how hard pictures are pulled back


def towards(digits: Floats, *, limit: Amount) -> Pull:
    """Moves pictures farther than `limit` from every digit towards the nearest one."""

    def pull(pictures: Floats) -> Floats:
        away = cdist(pictures, digits)
        nearest = digits[away.argmin(axis=1)]
        far = away.min(axis=1, keepdims=True) > limit
        return np.asarray(PULL * far * (nearest - pictures))

    return pull


def like_digits(
    model: Differentiable,
    own: Dataset,
    held: Dataset,
    digits: Dataset,
    *,
    limits: Sequence[Number],
    labels: Labels,
    effort: Effort = EFFORT,
    seed: Seed,
) -> list[Program]:
    """Programs that look like digits to a check of distances, the best first.

    Each starts as one of the attacker's own digits, on which the columns are written
    faintly, and every pixel may move; a picture beyond the limit is pulled back to the
    nearest digit. Where the service draws its line is not known: several limits are
    tried, and what does best on rows held back is taken.

    Parameters
    ----------
    model : Differentiable
        The network behind the service.
    digits : Dataset
        The attacker's own.
    limits : sequence of float
        Distances from the attacker's digits to stay within.
    labels : callable, (n, d) to (n,)
        The service, which gives a label or `REFUSED`.
    """
    network = as_differentiable(model)
    usable(own, held)
    if digits.image is None or not limits:
        raise BadInput("got no pictures or no limit; wanted the attacker's own digits")
    rng = np.random.default_rng(seed)
    empty = blank(own, image=digits.image, labels=len(network.classes_))
    some = min(effort.draws, len(digits))
    bases = digits.X[rng.choice(len(digits), some, replace=False)]
    met: list[Program] = []
    for contrast in CONTRASTS:
        starts = [replace(empty, base=base, contrast=contrast) for base in bases]
        for limit in limits:
            met += improved(
                network,
                starts,
                own,
                held,
                effort=effort,
                free=np.ones(len(empty.place), dtype=bool),
                pull=towards(digits.X, limit=limit),
                labels=labels,
            )[: 2 * effort.kept]
    return ranked(labels, met, held)


def typical(digits: Dataset) -> float:
    """Median distance of the attacker's digits to the nearest of the others."""
    gaps = cdist(digits.X, digits.X)
    np.fill_diagonal(gaps, np.inf)
    return float(np.median(gaps.min(axis=1)))
