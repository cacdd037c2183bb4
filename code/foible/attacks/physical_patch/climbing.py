"""How is a sticker made that misleads from many views at once?"""

import numpy as np
from scipy.special import softmax

from foible.arrays import Bools, Floats, Ints
from foible.attacks.physical_patch.exposures import GREY, Exposure
from foible.attacks.physical_patch.stickers import BRIGHT, DARK, printed
from foible.checks import counts
from foible.domains import Amount, Natural, Seed
from foible.errors import BadInput
from foible.models import Differentiable, as_differentiable
from foible.search import ascend, box, signed

BATCH = 24  # views that are looked at in a step


def by_expectation(
    model: Differentiable,
    exposure: Exposure,
    *,
    sign: Natural,
    target: Natural | None = None,
    covers: Bools | None = None,
    steps: Natural = 20,
    size: Amount = 0.12,
    seed: Seed,
) -> Floats:
    """A sticker that misleads from the views on average [athalye2018synthesizing].

    It climbs the expectation over the views of the log-odds against the sign, or, with
    a target, for that one, and is then made of colours of tape, see `printed`.

    Parameters
    ----------
    model : Differentiable
        The network, which stays as it is.
    exposure : Exposure
        The sign from the attacker's own views.
    sign : int
        Its label.
    target : int, optional
        What is to be read instead; any other sign if left out.
    covers : ndarray of bool, shape (m, d), optional
        What the network looks through: one of these, at random, over each picture.
    steps : int
        From a random start; at each some of the views are drawn.
    size : float
        By how much a colour moves in a step.

    Returns
    -------
    ndarray of shape (3 b,)
        Red, green and blue of b squares.
    """
    network = as_differentiable(model)
    wanted = _wanted(len(network.classes_), sign, target)
    rng = np.random.default_rng(seed)

    def uphill(colours: Floats) -> Floats:
        some = exposure.take(_some(len(exposure), rng))
        pictures = some.pictures(colours[0])
        free = (pictures > 0) & (pictures < 1)
        if covers is not None:
            hidden = covers[rng.integers(len(covers), size=len(pictures))]
            pictures, free = np.where(hidden, GREY, pictures), free & ~hidden
        _, slope = network.follow(pictures, lambda logits: odds(logits, wanted))
        return some.backward(slope * free)[np.newaxis]

    start = rng.uniform(DARK, BRIGHT, (1, 3 * exposure.slopes.shape[2]))
    found = ascend(
        start,
        gradient=uphill,
        project=box(DARK, BRIGHT),
        step=signed(size),
        steps=steps,
    )
    return printed(found[0])


def odds(logits: Floats, wanted: Bools) -> Floats:
    """Slope, by logits (n, k), of the log-odds of the labels that are wanted, (k,)."""
    slope = np.zeros_like(logits)
    slope[:, wanted] = softmax(logits[:, wanted], axis=1)
    slope[:, ~wanted] = -softmax(logits[:, ~wanted], axis=1)
    return slope


def _some(n: int, rng: np.random.Generator) -> Ints:
    return np.arange(n) if n <= BATCH else rng.choice(n, BATCH, replace=False)


def _wanted(labels: int, sign: int, target: int | None) -> Bools:
    """Which labels are to be read, (k,)."""
    counts(labels=labels, least=2)
    if not 0 <= sign < labels or target == sign or not 0 <= (target or 0) < labels:
        raise BadInput(
            f"got the sign {sign} and the target {target}; wanted two different labels "
            f"of 0 to {labels - 1}, or no target"
        )
    every = np.arange(labels)
    return np.asarray(every != sign if target is None else every == target)
