"""What comes home in a network, and what does an owner do about it?

A `World` is an owner: the honest network that they could have made themselves, what is
set aside of their rows, by which they count what a treatment costs, and rows to judge
answers by.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np

from foible.arrays import Bools, Floats
from foible.attacks.malicious_provider.pictures import returned, right_bits, some
from foible.attacks.malicious_provider.providers import Provider
from foible.defences import hardening, laundering, releasing, signing
from foible.domains import Amount, Count, Seed
from foible.errors import BadInput
from foible.evidence import Cell, DoseResponse, Matrix
from foible.judging import World, averaged, counted, each, panel, sweep
from foible.metrics import Interval, accuracy
from foible.models import Network, NetworkRecipe, as_network
from foible.plots import Meaning

Treatment: TypeAlias = Callable[[Network, World], Network]
PRICE = 0.02
"""Share of right answers that an owner gives for a treatment."""
SHARES = 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9
SCALES = 0.01, 0.02, 0.03, 0.04, 0.06, 0.08, 0.1, 0.15

# ---------------------------------------------------------------- the owner


def _halved(model: Network, world: World) -> Network:
    return model.with_weights(signing.in_half_precision(model.weights()))


def _affordable(
    model: Network,
    world: World,
    *,
    treatment: laundering.Treatment,
    doses: Sequence[float],
) -> Network:
    return laundering.affordable(model, world.own, treatment, doses=doses, price=PRICE)


def _noised(model: Network, scale: float, *, seed: int) -> Network:
    update = {name: w.astype(np.float64) for name, w in model.weights().items()}
    return model.with_weights(releasing.noised(update, scale=scale, seed=seed))


def _with_noise(model: Network, world: World) -> Network:
    treatment = partial(_noised, seed=world.victim.seed)
    return _affordable(model, world, treatment=treatment, doses=SCALES)


def _coarse(model: Network, fewer: float) -> Network:
    return laundering.in_levels(model, int(8 - fewer))


def _pruned(model: Network, share: float, *, world: World) -> Network:
    return hardening.pruned(model, world.own, share=share)


def _retrained(
    model: Network, world: World, *, steps: int = 400, rate: float = 0.01
) -> Network:
    rows, seed = world.victim.rows, world.victim.seed + 1
    return hardening.tuned(model, rows, steps=steps, rate=rate, seed=seed)


def _reshuffled(model: Network, world: World) -> Network:
    return laundering.reshuffled(model, seed=world.victim.seed + 2)


def _all(model: Network, world: World) -> Network:
    for name in IN_A_ROW:
        model = TREATMENTS[name](model, world)
    return model


def _distilled(model: Network, world: World) -> Network:
    rows, seed = world.victim.rows, world.victim.seed + 3
    return laundering.distilled(model, rows, _recipe(world), seed=seed)


def _recipe(world: World) -> NetworkRecipe:
    recipe = world.victim.recipe
    if not isinstance(recipe, NetworkRecipe):
        raise BadInput(f"got a {type(recipe).__name__}; wanted a recipe of networks")
    return recipe


TREATMENTS: Mapping[str, Treatment] = {
    "as delivered": lambda model, world: model,
    "half precision": _halved,
    "few levels": partial(_affordable, treatment=_coarse, doses=range(7)),
    "noise": _with_noise,
    "clipped": partial(_affordable, treatment=laundering.clipped, doses=SHARES),
    "thinned": partial(_affordable, treatment=laundering.thinned, doses=SHARES),
    "units removed": lambda model, world: _affordable(
        model,
        world,
        treatment=partial(_pruned, world=world),
        doses=SHARES,
    ),
    "retrained": _retrained,
    "shuffled, scaled": _reshuffled,
    "six in a row": _all,
    "distilled": _distilled,
    "own code": lambda model, world: as_network(world.victim.model),
}
"""What an owner may do to a network; the dearest dose that they can afford."""
NOISE, RETRAINED = "answers, after noise", "answers, retrained"
IN_A_ROW = (
    "clipped",
    "thinned",
    "noise",
    "retrained",
    "shuffled, scaled",
    "half precision",
)

# ---------------------------------------------------------------- the judge


@dataclass(frozen=True, eq=False)
class Delivery:
    """A network as it was delivered, and after each treatment.

    Parameters
    ----------
    world : World
    provider : Provider
    sent : ndarray of shape (m, d)
        The pictures in it.
    models : mapping of str to Network
        By treatment.
    received : mapping of str to ndarray of shape (m, d)
        What the receiver reads from each.
    """

    world: World
    provider: Provider
    sent: Floats
    models: Mapping[str, Network]
    received: Mapping[str, Floats]

    @classmethod
    def made(
        cls,
        world: World,
        provider: Provider,
        *,
        pictures: Count,
        treatments: Mapping[str, Treatment] = TREATMENTS,
    ) -> "Delivery":
        """The provider trains on an owner's rows, and takes some of them home.

        Which, is drawn by the victim's seed.
        """
        victim = world.victim
        sent = some(victim.rows, pictures, seed=victim.seed)
        model = provider.train(victim.rows, _recipe(world), sent, seed=victim.seed)
        models = {name: treat(model, world) for name, treat in treatments.items()}
        received = {
            name: provider.receive(treated, pictures=pictures, pixels=sent.shape[1])
            for name, treated in models.items()
        }
        return cls(world, provider, sent, models, received)

    def back(self, treatment: str) -> Bools:
        """Which pictures came back, as `returned` counts."""
        others = self.world.own.X
        return returned(self.sent, self.received[treatment], others)

    def right(self, treatment: str) -> float:
        """Share of the bits that the receiver reads rightly."""
        return right_bits(self.sent, self.received[treatment])

    def gained(self, treatment: str) -> float:
        """Share of right answers, less that of the honest network."""
        rows = self.world.rows
        models = self.models[treatment], as_network(self.world.victim.model)
        now, honest = (accuracy(rows.y, model.predict(rows.X)) for model in models)
        return now - honest


Deliveries: TypeAlias = Mapping[str, Sequence[Delivery]]
"""By the name of the channel, one for each owner."""


def judge_pictures(deliveries: Deliveries) -> Matrix:
    """Share of the pictures that come back, by channel and treatment.

    "harm" says that at least one did.
    """

    def measure(made: Sequence[Delivery], treatment: str) -> Cell:
        back = [one.back(treatment) for one in made]
        return counted(back, "harm" if np.any(back) else "stopped")

    return _over(deliveries, measure)


def judge_bits(deliveries: Deliveries) -> Matrix:
    """Share of bits that are read rightly, mean of the owners; half is chance."""

    def ended(interval: Interval) -> str:
        return "undecided" if interval.low <= 0.5 else "harm"

    def measure(made: Sequence[Delivery], treatment: str) -> Cell:
        right = [one.right(treatment) for one in made]
        return averaged(right, ended, form="{:.1%}")  # type: ignore[arg-type]

    return _over(deliveries, measure)


def judge_answers(deliveries: Deliveries) -> Matrix:
    """Share of right answers less the honest network's, in points, by treatment."""

    def measure(made: Sequence[Delivery], treatment: str) -> Cell:
        points = [100 * one.gained(treatment) for one in made]
        return averaged(points, form="{:+.1f}")

    return _over(deliveries, measure)


def _over(
    deliveries: Deliveries, measure: Callable[[Sequence[Delivery], str], Cell]
) -> Matrix:
    names = next(iter(deliveries.values()))[0].models
    columns = {name: name for name in names}
    return panel(deliveries, columns, measure, corner="the message is in")


def judge_noise(
    deliveries: Deliveries, *, answers: str, scales: Sequence[Amount], seed: Seed
) -> DoseResponse:
    """Bits read rightly, and right answers, over the noise on every weight.

    The network is trained on after the noise, on the owner's rows; the bits are read
    from it then. `answers` names the channel whose networks answer, before that and
    after. Scales are standard deviations.
    """

    def measure(scale: float, number: int) -> dict[str, float]:
        told: dict[str, float] = {}
        for name, made in deliveries.items():
            one, rows = made[number], made[number].world.rows
            noisy = _noised(one.models["as delivered"], scale, seed=seed + number)
            models = {NOISE: noisy, RETRAINED: _retrained(noisy, one.world)}
            m, d = one.sent.shape
            read = one.provider.receive(models[RETRAINED], pictures=m, pixels=d)
            told[name] = right_bits(one.sent, read)
            if name == answers:
                told |= {
                    line: accuracy(rows.y, model.predict(rows.X))
                    for line, model in models.items()
                }
        return told

    owners = range(len(deliveries[answers]))
    lines: dict[str, Meaning] = dict.fromkeys(deliveries, "attacker")
    return sweep(
        scales,
        each(list(owners), measure),
        lines=lines | {NOISE: "victim", RETRAINED: "defence"},
        dose_name="standard deviation of the noise on each weight",
        response_name="right",
        units="networks",
    )
