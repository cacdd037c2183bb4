"""Where on the sign, and what is to be read: who has time tries it out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.attacks.physical_patch.climbing import by_expectation
from foible.attacks.physical_patch.exposures import Exposure
from foible.attacks.physical_patch.stickers import Place
from foible.domains import Natural, Seed, Some
from foible.errors import BadInput
from foible.models import Differentiable
from foible.road.views import Views

Labels: TypeAlias = Callable[[Floats], Ints]
"""Takes pictures (n, d) to what is read in them, (n,), -1 where nothing is."""


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """A sign from the attacker's own views, with a sticker at each of some places.

    Parameters
    ----------
    sign : int
        Its label.
    made, chosen : mapping of Place to Exposure
        From the views that stickers are made for, and from those that the best of them
        is chosen by.
    """

    sign: Natural
    made: Mapping[Place, Exposure]
    chosen: Mapping[Place, Exposure]

    @classmethod
    def of(
        cls,
        sheet: Floats,
        sign: Natural,
        places: Sequence[Place],
        *,
        made: Views,
        chosen: Views,
    ) -> "Rehearsal":
        """Of an artwork (h, w, 4), with all the places that may be tried."""
        if not places:
            raise BadInput("got no place for a sticker; wanted at least one")
        both = (
            {place: Exposure.of(sheet, place, views) for place in places}
            for views in (made, chosen)
        )
        return cls(sign, *both)


def searched(
    model: Differentiable,
    rehearsal: Rehearsal,
    *,
    labels: Labels,
    targets: Some[int | None] = (None,),
    covers: Bools | None = None,
    seed: Seed,
) -> tuple[Place, Floats]:
    """The place and the sticker that misled most, of one for each place and target.

    Parameters
    ----------
    model : Differentiable
        The network.
    rehearsal : Rehearsal
        The attacker's own views, of which the last word is not made.
    labels : callable, (n, d) to (n,)
        What the car reads, with all that it does against stickers.
    targets : sequence of int or None
        What may be read instead; None for any other sign.
    covers
        As for `by_expectation`.
    """
    tried = []
    for place, exposure in rehearsal.made.items():
        for target in targets:
            sticker = by_expectation(
                model,
                exposure,
                sign=rehearsal.sign,
                target=target,
                covers=covers,
                seed=seed,
            )
            said = labels(rehearsal.chosen[place].pictures(sticker))
            tried.append((misled(said, rehearsal.sign), place, sticker))
    best = int(np.argmax([share for share, *_ in tried]))
    return tried[best][1:]


def misled(said: Ints, sign: Natural) -> float:
    """Share of the answers, (n,), that are another sign; -1 is no answer."""
    return float(np.mean((said != sign) & (said >= 0)))
