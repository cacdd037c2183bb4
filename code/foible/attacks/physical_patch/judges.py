"""From how many views is a sign misread, with which sticker, by which car?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from foible.arrays import Bools, Floats
from foible.attacks.physical_patch.climbing import by_expectation
from foible.attacks.physical_patch.exposures import Exposure
from foible.attacks.physical_patch.searching import (
    Labels,
    Rehearsal,
    misled,
    searched,
)
from foible.attacks.physical_patch.stickers import Place, drawn
from foible.data import Dataset
from foible.defences.looking import Covered, covers
from foible.domains import Amount, Count, Natural, Seed
from foible.evidence import Cell, DoseResponse, Matrix, Outcome
from foible.judging import averaged, each, panel, sweep
from foible.metrics import Interval
from foible.models import as_classifier, as_differentiable
from foible.road.camera import photograph
from foible.road.views import Views
from foible.victim import Victim

Stuck: TypeAlias = tuple[Place, Floats] | None
"""A sticker at its place, or none."""
Kind: TypeAlias = Callable[[Victim], Sequence[Stuck]]
"""Takes a car to the stickers that it meets."""
HARM = 0.05  # share of views misread that counts as harm


@dataclass(frozen=True, eq=False)
class Trial:
    """A sign that is looked at from views that no attacker ever had.

    Parameters
    ----------
    sheet : ndarray of shape (h, w, 4)
    sign : int
        Its label.
    views : Views
    """

    sheet: Floats
    sign: Natural
    views: Views
    exposures: dict[Place, Exposure] = field(default_factory=dict, repr=False)

    def again(self, views: Views) -> "Trial":
        """The same sign from other views."""
        return Trial(self.sheet, self.sign, views)

    def pictures(self, stuck: Stuck) -> Floats:
        """What the camera shows, (n, d), with the sticker on the sign."""
        if stuck is None:
            return photograph(self.sheet, self.views).reshape(len(self.views), -1)
        place, colours = stuck
        if place not in self.exposures:
            self.exposures[place] = Exposure.of(self.sheet, place, self.views)
        return self.exposures[place].pictures(colours)

    def misled(self, labels: Labels, stuck: Stuck) -> float:
        """Share of the views from which another sign is read."""
        return misled(labels(self.pictures(stuck)), self.sign)


@dataclass(frozen=True, eq=False)
class Car:
    """Networks of one training, what the car does with them, and who knows of it.

    Parameters
    ----------
    victims : sequence of Victim
    service : callable
        Takes a victim to what the car reads, -1 where it does not say.
    targets, covers
        What the attacker who knows it tries, as for `searched`.
    """

    victims: Sequence[Victim]
    service: Callable[[Victim], Labels]
    targets: Sequence[int | None] = (None,)
    covers: Bools | None = None


def judge_stickers(
    cars: Sequence[Victim], kinds: Mapping[str, Kind], trials: Mapping[str, Trial]
) -> Matrix:
    """Share of views misread with each kind of sticker, a mean over cars."""

    def share(kind: Kind, trial: Trial) -> list[float]:
        return [
            float(np.mean([trial.misled(car.model.predict, one) for one in kind(car)]))
            for car in cars
        ]

    return panel(
        kinds,
        trials,
        lambda kind, trial: averaged(share(kind, trial), _harm, form="{:.1%}"),
        corner="sticker",
    )


def judge_widths(
    cars: Sequence[Victim],
    trial: Trial,
    *,
    widths: Sequence[Amount],
    made: Views,
    seed: Seed,
) -> DoseResponse:
    """Share of views misread over the width of a sticker in the middle, in signs."""
    places = {width: Place(0, 0, 2 * width) for width in widths}
    exposures = {w: Exposure.of(trial.sheet, at, made) for w, at in places.items()}

    def measure(width: float, car: Victim) -> dict[str, float]:
        sticker = by_expectation(
            as_differentiable(car.model), exposures[width], sign=trial.sign, seed=seed
        )
        chance = drawn(places[width], 1, seed=car.seed)[0]
        return {
            name: trial.misled(car.model.predict, (places[width], colours))
            for name, colours in (("made for it", sticker), ("at random", chance))
        }

    return sweep(
        widths,
        each(cars, measure),
        lines={"made for it": "attacker", "at random": "chance"},
        dose_name="width of the sticker, as a share of the sign's",
        response_name="views misread",
        units="networks",
        dose_share=True,
    )


def judge_covers(
    victims: Sequence[Victim], rows: Dataset, *, patches: Sequence[Count], count: Count
) -> DoseResponse:
    """Share of pictures that are certain, over the width of what may be stuck on them.

    Parameters
    ----------
    patches : sequence of int
        Widths in pixels.
    count : int
        Covers in a line, as for `looking.covers`.
    """

    def measure(patch: float, one: Victim) -> dict[str, float]:
        hidden = covers(rows.image or (), patch=int(patch), count=count)
        car = Covered(as_classifier(one.model), hidden)
        return {
            "right, or an alarm": float(np.mean(car.agreed(rows.X) == rows.y)),
            "right": float(np.mean(car.certified(rows.X) == rows.y)),
        }

    return sweep(
        patches,
        each(victims, measure),
        lines={"right, or an alarm": "defence", "right": "victim"},
        dose_name="width of the sticker in the picture, in pixels",
        response_name="pictures for which it is certain",
        units="networks",
    )


def judge_defences(
    cars: Mapping[str, Car],
    trial: Trial,
    *,
    unaware: Callable[[int], Sequence[Stuck]],
    rehearsal: Rehearsal,
) -> Matrix:
    """How often each car reads the sign, and is misled, a mean over its networks.

    Parameters
    ----------
    cars : mapping of str to Car
        Each with as many networks; what the others spare is measured by the first.
    trial : Trial
        The sign as the cars come to it.
    unaware : callable
        Takes the place of a network to the stickers made for it without any defence,
        of which the one that misleads most counts.
    rehearsal : Rehearsal
        Of the attacker who knows the defence.

    Returns
    -------
    Matrix
        Share of views in which the sign is read without a sticker, and misread with one
        by an attacker who is unaware and by one who knows, this of the worst network,
        too; and how much less that is than of the first car, network by network.
    """

    def met(car: Car) -> Floats:
        """Shares of each network, (3, n): sign read, misled unaware, misled aware."""
        shares = []
        for place, one in enumerate(car.victims):
            look = car.service(one)
            found = searched(
                as_differentiable(one.model),
                rehearsal,
                labels=look,
                targets=car.targets,
                covers=car.covers,
                seed=one.seed,
            )
            read = float(np.mean(look(trial.pictures(None)) == trial.sign))
            before = max(trial.misled(look, stuck) for stuck in unaware(place))
            shares.append((read, before, trial.misled(look, found)))
        return np.transpose(shares)

    table = {name: met(car) for name, car in cars.items()}
    first = next(iter(table.values()))
    columns: dict[str, Callable[[Floats], Cell]] = {
        "sign read": lambda shares: averaged(shares[0]),
        "unaware": lambda shares: averaged(shares[1], _harm),
        "aware": lambda shares: averaged(shares[2], _harm),
        "worst network": lambda shares: averaged(shares[2:].max(axis=1), _harm),
        "spared": lambda shares: averaged(first[2] - shares[2]),
    }
    return panel(table, columns, lambda shares, show: show(shares), corner="car")


def _harm(interval: Interval) -> Outcome:
    """Whether more views are misread than a car without a sticker misreads."""
    return "stopped" if interval.high <= HARM else "harm"
