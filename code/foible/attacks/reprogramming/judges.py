"""How many rows does a program sort rightly, on which network, behind which service?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from foible.arrays import Floats, Ints, likeliest
from foible.attacks.reprogramming.asking import by_labels, in_two_questions
from foible.attacks.reprogramming.climbing import (
    Effort,
    by_gradient,
    by_slope,
    many_by_gradient,
)
from foible.attacks.reprogramming.knowing import like_digits, typical
from foible.attacks.reprogramming.programs import (
    Labels,
    Program,
    Sorter,
    Task,
    sorted_rightly,
    turning,
)
from foible.data import Dataset
from foible.defences import muting, watching
from foible.domains import Count, Image
from foible.evidence import DoseResponse, Matrix, Outcome
from foible.judging import averaged, each, panel, sweep
from foible.judging.panels import Ending
from foible.metrics import Interval
from foible.models import as_differentiable
from foible.oracle import Oracle
from foible.plots import Meaning
from foible.victim import Victim

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


@dataclass(frozen=True, eq=False)
class Turned:
    """Networks of several kinds, each turned to a task with the same effort.

    Parameters
    ----------
    networks : mapping of str to sequence of Victim
        By kind; the i-th network of each meets the i-th task, with the victim's seed.
    tasks : sequence of Task
    image : tuple of int
        Shape of a picture.
    effort : Effort
        Of the search; its climb alone is made from one random start besides.
    """

    networks: Mapping[str, Sequence[Victim]]
    tasks: Sequence[Task]
    image: Image
    effort: Effort

    def shares(self) -> dict[str, dict[str, Floats]]:
        """Share of judged rows sorted rightly, (victims,), by kind and effort.

        "slope alone" is one random start and its climb, "searched" the whole of
        `by_gradient`.
        """
        steps = self.effort.steps * self.effort.rounds
        efforts = {
            "slope alone": lambda model, task, seed: by_slope(
                model, task.own, image=self.image, steps=steps, seed=seed
            ),
            "searched": lambda model, task, seed: by_gradient(
                model,
                task.own,
                task.held,
                image=self.image,
                effort=self.effort,
                seed=seed,
            ),
        }

        def share(make: Callable[..., Program], one: Victim, task: Task) -> float:
            program = make(as_differentiable(one.model), task, one.seed)
            return sorted_rightly(program, one.model.predict, task.judged)

        return {
            kind: {
                name: np.array(
                    [
                        share(make, *pair)
                        for pair in zip(victims, self.tasks, strict=True)
                    ]
                )
                for name, make in efforts.items()
            }
            for kind, victims in self.networks.items()
        }


def judge_networks(shares: Mapping[str, Mapping[str, Floats]]) -> Matrix:
    """The mean of `Turned.shares`, for each kind of network and each effort."""
    efforts = {name: name for name in next(iter(shares.values()))}
    return panel(
        shares, efforts, lambda row, name: averaged(row[name]), corner="network"
    )


def judge_queries(
    networks: Mapping[str, Sequence[Victim]],
    tasks: Sequence[Task],
    *,
    queries: Sequence[Count],
    image: Image,
) -> DoseResponse:
    """Rows sorted rightly against the labels that were paid for, one line a kind."""

    def measure(dose: float, unit: tuple[int, Task]) -> dict[str, float]:
        place, task = unit
        return {
            name: sorted_rightly(
                by_labels(
                    one.oracle(budget=int(dose), answers="label"),
                    task.own,
                    task.held,
                    image=image,
                    labels=len(one.rows.classes),
                    queries=int(dose),
                    seed=one.seed,
                ),
                one.model.predict,
                task.judged,
            )
            for name, one in ((n, victims[place]) for n, victims in networks.items())
        }

    lines: dict[str, Meaning] = {name: "chance" for name in networks}
    lines[next(iter(networks))] = "attacker"
    return sweep(
        queries,
        each(list(enumerate(tasks)), measure),
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

    A service stops an attacker who sorts no more rows rightly than whoever calls all of
    them by the commonest class.

    Parameters
    ----------
    meetings : mapping of str to Meeting
    victims, tasks
        The i-th of one meets the i-th of the other.
    digits : Dataset
        What honest accounts ask, so many each.
    """
    pairs = list(zip(victims, tasks, strict=True))

    def honest(meeting: Meeting) -> list[float]:
        return [_read(meeting, victim, digits) for victim in victims]

    def attacked(maker: Callable[[Meeting], Maker]) -> Callable[[Meeting], list[float]]:
        def shares(meeting: Meeting) -> list[float]:
            found = []
            for victim, task in pairs:
                labels = meeting.service(victim)
                sorter = maker(meeting)(victim, labels, task, victim.seed)
                found.append(sorted_rightly(sorter, labels, task.judged))
            return found

        return shares

    majority = max(np.bincount(t.judged.y).max() / len(t.judged) for t in tasks)

    def ended(interval: Interval) -> Outcome:
        if interval.low > majority:
            return "harm"
        return "undecided" if interval.high > majority else "stopped"

    columns = {
        "digits read": honest,
        "unaware": attacked(lambda meeting: meeting.unaware),
        "aware": attacked(lambda meeting: meeting.aware),
    }
    endings: dict[str, Ending] = dict.fromkeys(columns, ended)
    endings["digits read"] = "no attack"
    return panel(
        meetings,
        {name: (shares, endings[name]) for name, shares in columns.items()},
        lambda meeting, column: averaged(column[0](meeting), column[1]),
        corner="service",
    )


def _read(meeting: Meeting, victim: Victim, digits: Dataset) -> float:
    """Share of digits read rightly, of honest accounts that ask so many each."""
    starts, labels = range(0, len(digits), ACCOUNT), meeting.service(victim)
    said = [labels(digits.X[start : start + ACCOUNT]) for start in starts]
    return float(np.mean(np.concatenate(said) == meeting.honest(digits.y)))


SEARCH = Effort(draws=60, kept=15, steps=40, rounds=2)
"""For many programs at once."""
LONG = Effort(draws=200, kept=8, steps=100, rounds=3)
"""For one that the service is to be sure of."""
ACCOUNT = 60  # digits that an honest account asks
ALARMS = 0.01  # share of honest pictures that a check may refuse
APART = (0.4, 0.6, 0.8, 1.0)  # how far programs of a rota lie apart, in typical gaps
PARITY = np.arange(10) % 2


@dataclass(frozen=True, eq=False)
class Post:
    """What the owner of a service and its attacker hold of digits.

    Parameters
    ----------
    known, trusted : Dataset
        The owner's: what the network was made from, and an honest account's digits.
    theirs : Dataset
        The attacker's.
    hard : mapping of int to Victim
        Trained adversarially, by the seed of the victim in whose place each stands.
    quota : int
        Labels that an account gets.
    """

    known: Dataset
    trusted: Dataset
    theirs: Dataset
    hard: Mapping[int, Victim]
    quota: int

    @property
    def image(self) -> tuple[int, ...]:
        """Shape of a picture."""
        return self.known.image or ()

    def services(self) -> dict[str, Meeting]:
        """Services by name, each with who does not know it and who does."""
        alike = watching.repeated(self.trusted.X, false_alarms=ALARMS)
        far = watching.strange(self.known.X, self.trusted.X, false_alarms=ALARMS)

        def unsure(victim: Victim) -> Labels:
            told, trusted = victim.transport, self.trusted.X
            look = watching.doubtful(told, trusted, false_alarms=ALARMS)
            return watching.guarded(told, look)

        def behind(*looks: watching.Look) -> Callable[[Victim], Labels]:
            return lambda victim: watching.guarded(victim.transport, *looks)

        digits, leasts = _disguised(self), typical(self.theirs) * np.array(APART)
        plain = _by_gradient(self, lambda victim: victim)
        hard = _by_gradient(self, lambda victim: self.hard[victim.seed])
        return {
            "none": Meeting(behind(), plain, plain),
            "trained adversarially": Meeting(
                lambda victim: self.hard[victim.seed].model.predict, hard, hard
            ),
            "is it sure?": Meeting(unsure, plain, _minding(self)),
            "is it a digit?": Meeting(behind(far), plain, lambda *at: digits(*at)[0]),
            "seen before?": Meeting(behind(alike), plain, _taking_turns(self)),
            "both of these": Meeting(
                behind(far, alike),
                plain,
                lambda victim, labels, task, seed: turning(
                    digits(victim, labels, task, seed), labels, task.held, leasts=leasts
                ),
            ),
            "a quota": Meeting(behind(), _asking(self, 10), _asking(self, 1)),
            "odd or even": Meeting(
                _parity,
                _told_parity(self, chain=False),
                _told_parity(self, chain=True),
                _odd,
            ),
        }


def _odd(digits: Ints) -> Ints:
    return np.asarray(digits % 2)


def _parity(victim: Victim) -> Labels:
    told = muting.grouped(victim.transport, groups=PARITY)
    return lambda X: likeliest(told(X))


def _by_gradient(post: Post, whose: Callable[[Victim], Victim]) -> Maker:
    return lambda victim, labels, task, seed: by_gradient(
        as_differentiable(whose(victim).model), *task[:2], image=post.image, seed=seed
    )


def _minding(post: Post) -> Maker:
    return lambda victim, labels, task, seed: by_gradient(
        as_differentiable(victim.model),
        *task[:2],
        image=post.image,
        effort=LONG,
        labels=labels,
        seed=seed,
    )


def _disguised(
    post: Post,
) -> Callable[[Victim, Labels, Task, int], list[Program]]:
    """Programs that look like digits, the best first; each victim's are found once."""
    gap = typical(post.theirs)
    look = watching.strange(post.known.X, post.trusted.X, false_alarms=ALARMS)
    met: dict[int, list[Program]] = {}

    def make(victim: Victim, labels: Labels, task: Task, seed: int) -> list[Program]:
        if seed not in met:
            met[seed] = like_digits(
                as_differentiable(victim.model),
                *task[:2],
                post.theirs,
                limits=[0.7 * gap, 0.9 * gap],
                labels=watching.guarded(victim.transport, look),
                effort=SEARCH,
                seed=seed,
            )
        return met[seed]

    return make


def _taking_turns(post: Post) -> Maker:
    leasts = typical(post.theirs) * np.array(APART)
    return lambda victim, labels, task, seed: turning(
        many_by_gradient(
            as_differentiable(victim.model),
            *task[:2],
            image=post.image,
            effort=replace(SEARCH, draws=200, kept=40),
            seed=seed,
        ),
        labels,
        task.held,
        leasts=leasts,
    )


def _asking(post: Post, hoped: int) -> Maker:
    """Search by labels, planned for so many times the quota."""
    return lambda victim, labels, task, seed: by_labels(
        Oracle(watching.quota(victim.transport, most=post.quota), answers="label"),
        *task[:2],
        image=post.image,
        labels=len(victim.rows.classes),
        queries=hoped * post.quota,
        seed=seed,
    )


def _told_parity(post: Post, *, chain: bool) -> Maker:
    search = in_two_questions if chain else by_labels
    return lambda victim, labels, task, seed: search(
        Oracle(muting.grouped(victim.transport, groups=PARITY), answers="label"),
        *task[:2],
        image=post.image,
        labels=2,
        queries=10 * post.quota,
        seed=seed,
    )
