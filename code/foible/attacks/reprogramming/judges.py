"""How many rows does a program sort rightly, on which network, behind which service?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np

from foible.arrays import Ints
from foible.attacks.reprogramming.asking import by_labels
from foible.attacks.reprogramming.climbing import Effort, by_gradient, by_slope
from foible.attacks.reprogramming.programs import Labels, Sorter, sorted_rightly
from foible.data import Dataset
from foible.evidence import DoseResponse, Matrix
from foible.judging import averaged, each, panel, sweep
from foible.plots import Meaning
from foible.victim import Victim


class Task(NamedTuple):
    """What a network is to be turned to: rows to learn by, to choose by, to judge by.

    All are disjoint; `own` and `held` are the attacker's.
    """

    own: Dataset
    held: Dataset
    judged: Dataset


Maker: TypeAlias = Callable[[Victim, Labels, Task, int], Sorter]
"""Takes a victim, the service before it, the task and a seed to a sorter."""


@dataclass(frozen=True, eq=False)
class Meeting:
    """A service, and the two attackers that it meets.

    Parameters
    ----------
    service : callable
        Takes a victim to what it answers, labels or -1 for a refusal.
    unaware, aware : callable
        Who knows nothing of the defence, and who does.
    honest : callable, optional
        Takes a digit's label to what the service should say.
    """

    service: Callable[[Victim], Labels]
    unaware: Maker
    aware: Maker
    honest: Callable[[Ints], Ints] = np.asarray


def judge_networks(
    networks: Mapping[str, Sequence[Victim]],
    tasks: Sequence[Task],
    *,
    image: tuple[int, ...],
    effort: Effort,
) -> Matrix:
    """How many judged rows are sorted rightly, on which networks, by which effort.

    The i-th network of each kind meets the i-th task. "slope alone" is one random start
    and its climb, "searched" the whole of `by_gradient`; every kind of network gets the
    same of both.
    """
    steps = effort.steps * effort.rounds
    efforts = {
        "slope alone": lambda model, task, seed: by_slope(
            model, task.own, image=image, steps=steps, seed=seed
        ),
        "searched": lambda model, task, seed: by_gradient(
            model, task.own, task.held, image=image, effort=effort, seed=seed
        ),
    }
    return panel(
        networks,
        efforts,
        lambda victims, make: averaged(
            [
                sorted_rightly(
                    make(one.model, task, seed), one.model.predict, task.judged
                )
                for seed, (one, task) in enumerate(zip(victims, tasks, strict=True))
            ]
        ),
        corner="network",
    )


def judge_queries(
    networks: Mapping[str, Sequence[Victim]],
    tasks: Sequence[Task],
    *,
    queries: Sequence[int],
    image: tuple[int, ...],
) -> DoseResponse:
    """Rows sorted rightly against the labels that were paid for, one line a kind."""
    units = [
        (seed, task, {name: victims[seed] for name, victims in networks.items()})
        for seed, task in enumerate(tasks)
    ]

    def measure(
        dose: float, unit: tuple[int, Task, Mapping[str, Victim]]
    ) -> dict[str, float]:
        seed, task, victims = unit
        return {
            name: sorted_rightly(
                by_labels(
                    one.oracle(budget=int(dose), answers="label"),
                    task.own,
                    task.held,
                    image=image,
                    labels=len(one.rows.classes),
                    queries=int(dose),
                    seed=seed,
                ),
                one.model.predict,
                task.judged,
            )
            for name, one in victims.items()
        }

    first, *others = networks
    lines: dict[str, Meaning] = {first: "attacker"}
    for name in others:
        lines[name] = "chance"
    return sweep(
        queries,
        each(units, measure),
        lines=lines,
        dose_name="labels paid for",
        response_name="rows sorted rightly",
        units="networks",
    )


def judge_services(
    meetings: Mapping[str, Meeting],
    victims: Sequence[Victim],
    tasks: Sequence[Task],
    digits: Dataset,
) -> Matrix:
    """What each service still reads rightly of honest digits, and of programs.

    Parameters
    ----------
    meetings : mapping of str to Meeting
    victims, tasks
        The i-th of one meets the i-th of the other.
    digits : Dataset
        What an honest account asks, in order.
    """
    pairs = list(zip(victims, tasks, strict=True))

    def honest(meeting: Meeting) -> list[float]:
        wanted = meeting.honest(digits.y)
        said = [meeting.service(victim)(digits.X) for victim in victims]
        return [float(np.mean(one == wanted)) for one in said]

    def attacked(maker: Callable[[Meeting], Maker]) -> Callable[[Meeting], list[float]]:
        def shares(meeting: Meeting) -> list[float]:
            found = []
            for seed, (victim, task) in enumerate(pairs):
                labels = meeting.service(victim)
                sorter = maker(meeting)(victim, labels, task, seed)
                found.append(sorted_rightly(sorter, labels, task.judged))
            return found

        return shares

    columns = {
        "digits read": honest,
        "unaware": attacked(lambda meeting: meeting.unaware),
        "aware": attacked(lambda meeting: meeting.aware),
    }
    return panel(
        meetings,
        columns,
        lambda meeting, shares: averaged(shares(meeting)),
        corner="service",
    )
