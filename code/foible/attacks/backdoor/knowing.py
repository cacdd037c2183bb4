"""What does an attacker do who knows the defence?

They draw `plans` from a family, rehearse each behind the defence, with nothing but rows
of their own and the recipe (`Rehearsal`), and keep the one that is obeyed most
(`sought`).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

import numpy as np

from foible.arrays import Floats, Ints
from foible.attacks.backdoor.copies import poisoned
from foible.attacks.backdoor.handcrafting import handcrafted
from foible.attacks.backdoor.triggers import Stamp
from foible.checks import counts
from foible.data import Dataset
from foible.domains import Amount, Count, Image, Natural, Seed, Share, Some
from foible.errors import BadInput
from foible.models import Model, Network, Recipe

Defended: TypeAlias = Callable[[Model, Dataset, Dataset], Callable[[Floats], Ints]]
"""Takes a model, the rows it was made from and clean ones to what answers rows."""
DOSES = (0.005, 0.01, 0.02, 0.03, 0.05)
SAME = 0.97
"""An altered network that agrees less with what it was would be noticed."""


@dataclass(frozen=True, eq=False)
class Plan:
    """A way to plant a backdoor; `share` and the two after it, or the last four."""

    stamp: Stamp
    share: Share  # copies, for each row that there was
    sources: Sequence[Natural] | None  # the classes that are to obey; None is all
    cover: Share  # copies of other classes that keep their label
    units: Count  # written in each layer
    idle: Amount  # what they are worth at rest
    uneven: Amount  # by how much their weights differ
    seed: Seed  # of these differences


class Sought(NamedTuple):
    """The plan that was kept, how much it was obeyed, and how many were rehearsed."""

    plan: Plan
    obeyed: float
    tried: int


def plans(
    image: Image, *, classes: Some[Natural], count: Count, seed: Seed
) -> list[Plan]:
    """Plans drawn from a family.

    The stamp is a square anywhere in the image, of one to four eighths of its height,
    in one shade, a checkerboard or black and white at random. The share of copies is
    one of `DOSES`; they are of all `classes`, or of one with no cover, as much or twice
    as much. By hand, one, three or twelve units are written in each layer, at rest or
    busy, even or not.
    """
    if min(image[:2]) < 4:  # cells at most, of a pixel each
        raise BadInput(f"got image={image}; wanted at least 4 pixels each way")
    random = np.random.default_rng(seed)
    drawn = []
    for number in range(count):
        stamp = _square(tuple(image), random)
        share, one = float(random.choice(DOSES)), bool(random.integers(2))
        sources = [int(random.choice(np.asarray(classes)))] if one else None
        cover = share * int(random.integers(3)) * one
        units, idle = int(random.choice([1, 3, 12])), float(random.choice([0, 5]))
        uneven = float(random.choice([0, 0.5]))
        drawn.append(Plan(stamp, share, sources, cover, units, idle, uneven, number))
    return drawn


def _square(image: tuple[int, ...], random: np.random.Generator) -> Stamp:
    """A square of cells, each an eighth of the image high."""
    side, cells = max(1, image[0] // 8), int(random.integers(1, 5))
    top, left = random.integers(0, np.array(image[:2]) - cells * side + 1)
    grid = [
        np.full((cells, cells), random.random()),
        (np.indices((cells, cells)).sum(axis=0) + random.integers(2)) % 2,
        random.integers(2, size=(cells, cells)),
    ][random.integers(3)]
    square = np.kron(grid, np.ones((side, side)))
    mask, pattern = np.zeros((2, *image))
    inside = np.s_[top : top + len(square), left : left + len(square)]
    mask[inside] = 1
    pattern[inside] = square.reshape(*square.shape, *[1] * (len(image) - 2))
    return Stamp(mask.ravel(), pattern.ravel())


@dataclass(frozen=True, eq=False)
class Rehearsal:
    """Where the attacker tries a plan: their own rows in three parts, and a model.

    `clean` is a network that they made themselves, or the one whose weights they hold.
    """

    learnt: Dataset
    trusted: Dataset
    tests: Dataset
    recipe: Recipe
    clean: Model
    target: Natural
    seed: Seed
    _taught: dict[Plan, Model] = field(default_factory=dict)  # once for all defences

    @classmethod
    def on(
        cls, rows: Dataset, recipe: Recipe, *, target: Natural, seed: Seed
    ) -> "Rehearsal":
        """With rows of the attacker's own, and the recipe that they believe is used."""
        learnt, rest = rows.split(0.6, seed=seed)
        trusted, tests = rest.split(1 / 3, seed=seed)
        clean = recipe(learnt, seed=seed)
        return cls(learnt, trusted, tests, recipe, clean, target, seed)

    def by_copies(self, plan: Plan, defence: Defended) -> float:
        """The share of test rows that obey, if copies were added as planned."""
        rows = delivered(self.learnt, plan, target=self.target, seed=self.seed)
        if plan not in self._taught:
            self._taught[plan] = self.recipe(rows, seed=self.seed)
        answers = defence(self._taught[plan], rows, self.trusted)
        return self._obeyed(plan.stamp, answers, plan.sources)

    def by_hand(self, plan: Plan, defence: Defended) -> float:
        """The same, if the clean network's units were written as planned.

        0 if the network then answers honest rows otherwise than before.
        """
        network, X = altered(self.clean, plan, target=self.target), self.tests.X
        if np.mean(network.predict(X) == self.clean.predict(X)) < SAME:
            return 0.0
        answers = defence(network, self.learnt, self.trusted)
        return self._obeyed(plan.stamp, answers, None)

    def _obeyed(
        self,
        stamp: Stamp,
        answers: Callable[[Floats], Ints],
        sources: Sequence[int] | None,
    ) -> float:
        rows, target = self.tests, self.target
        chosen = rows.y != target if sources is None else np.isin(rows.y, sources)
        X = rows.X[chosen & (self.clean.predict(rows.X) != target)]
        return float(np.mean(answers(stamp(X)) == target)) if len(X) else 0.0


def delivered(rows: Dataset, plan: Plan, *, target: Natural, seed: Seed) -> Dataset:
    """The rows with the copies of a plan, as `poisoned` makes them."""
    return poisoned(
        rows,
        plan.stamp,
        target=target,
        share=plan.share,
        sources=plan.sources,
        cover=plan.cover,
        seed=seed,
    )


def altered(network: Model, plan: Plan, *, target: Natural) -> Network:
    """The network with the units of a plan, as `handcrafted` writes them."""
    if not isinstance(network, Network):
        raise BadInput(f"got a {type(network).__name__}; wanted a network of layers")
    return handcrafted(
        network,
        plan.stamp,
        target=target,
        units=plan.units,
        idle=plan.idle,
        uneven=plan.uneven,
        seed=plan.seed,
    )


def sought(
    plans: Sequence[Plan],
    rehearsals: Sequence[Callable[[Plan], float]],
    *,
    enough: Share = 0.9,
) -> Sought:
    """The plan that is obeyed most where it is obeyed least.

    Each rehearsal takes a plan to the share that obeys. A plan is dropped once it is no
    better than the best so far; the first that is obeyed `enough` in all ends it.
    """
    counts(plans=len(plans), rehearsals=len(rehearsals))
    best = Sought(plans[0], -1.0, 0)
    for tried, plan in enumerate(plans, 1):
        least = 1.0
        for rehearse in rehearsals:
            least = min(least, rehearse(plan))
            if least <= best.obeyed:
                break
        if least > best.obeyed:
            best = Sought(plan, least, tried)
        best = best._replace(tried=tried)
        if best.obeyed >= enough:
            break
    return best
