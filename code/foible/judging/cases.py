"""Whose model may have a backdoor, and what does the judge alone know of it?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from foible.arrays import Bools, Floats
from foible.data import Dataset
from foible.domains import Natural
from foible.judging.detectors import User, written
from foible.models import Model
from foible.victim import Victim


@dataclass(frozen=True, eq=False)
class Case:
    """A user whose model may have a backdoor, and the judge's knowledge of it.

    Target, trigger and sources are the attacker's; no trigger means no attack.
    """

    user: User  # what a defence is shown
    clean: Model  # what the maker's recipe gives without any attack
    target: Natural
    trigger: Callable[[Floats], Floats] | None = None
    sources: Sequence[Natural] | None = None


def cases(
    victims: Sequence[Victim],
    *,
    clean: Sequence[Victim],
    released: Sequence[Victim] | None = None,
    trusted: Dataset,
    target: Natural,
    trigger: Callable[[Floats], Floats] | None = None,
    sources: Sequence[Natural] | None = None,
) -> list[Case]:
    """A case for each training; `released` if it was changed after that.

    Of the `victims` the i-th is judged beside the i-th of the `clean`; `trusted` rows
    are the user's own, and `trigger`, `target` and `sources` as for a `Case`.
    """
    held = [
        User(victim, trusted, written(first.model))
        for victim, first in zip(victims, released or victims, strict=True)
    ]
    return [
        Case(user, honest.model, target, trigger, sources)
        for user, honest in zip(held, clean, strict=True)
    ]


def to_be_turned(
    model: Model,
    rows: Dataset,
    *,
    target: Natural,
    sources: Sequence[Natural] | None = None,
) -> Bools:
    """Rows of the sources that a model does not answer with the target by itself.

    On any other row obedience could not be told from an honest answer.
    """
    chosen = rows.y != target if sources is None else np.isin(rows.y, sources)
    return np.asarray(chosen & (model.predict(rows.X) != target))
