"""What does the costliest request take, beside what honest ones take?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from foible.arrays import Bools, Floats, Ints, Tokens
from foible.defences import capping
from foible.domains import Count, Natural, Numbers, Seed, Several, Share
from foible.evidence import Cell, DoseResponse, Matrix
from foible.judging import averaged, counted, sweep
from foible.language.consumption.leaving import Answered, answered
from foible.language.consumption.routes import Line, drawn_days
from foible.language.consumption.searching import Costly, luckiest, searched
from foible.metrics import Interval
from foible.models import LanguageRecipe
from foible.oracle import Oracle
from foible.victim import TextVictim

Caps = Mapping[str, int]
"""Of an answer: "tokens", "layers", both or neither."""
SEARCHES, TRIES, LENGTH = 10, 200, 8


@dataclass(frozen=True, eq=False)
class Desk:
    """A model that tells routes, and how sure it is before it stops thinking.

    Parameters
    ----------
    victim : TextVictim
    line : Line
    sure : float
    caps : mapping of str to int
        As for `answered`.
    """

    victim: TextVictim
    line: Line
    sure: Share
    caps: Caps

    @classmethod
    def opened(
        cls, recipe: LanguageRecipe, line: Line, *, n: Count, sure: Share, seed: Seed
    ) -> "Desk":
        """A desk whose model learned from n drawn requests."""
        texts = line.texts(line.drawn(n, seed=seed))
        return cls(TextVictim.trained(recipe, texts, seed=seed), line, sure, {})

    def capped(self, **caps: int) -> "Desk":
        """The same desk under caps."""
        return Desk(self.victim, self.line, self.sure, caps)

    def taught(self, recipe: LanguageRecipe, costly: Tokens, *, seed: Seed) -> "Desk":
        """The same desk, its model trained further to end at once on costly texts.

        They are given as often as there are old lessons beside them, 1,500.
        """
        texts = self.victim.texts.take(slice(0, 1500))
        often = -(-len(texts) // len(costly))
        lessons = capping.ended(texts, [*costly] * often)
        model = recipe.resumed(self.victim.model, lessons, seed=seed)
        victim = TextVictim(model, lessons, recipe, seed)
        return Desk(victim, self.line, self.sure, self.caps)

    def answered(self, texts: Tokens) -> Answered:
        """What is answered to texts, and what it takes."""
        return answered(self.victim.model, texts, sure=self.sure, **self.caps)

    def asked(self, requests: Sequence[tuple[str, str]]) -> Answered:
        """What is answered to requests."""
        words = self.line.vocabulary
        return self.answered([words.tokens(prompt) for prompt, _ in requests])

    def right(self, requests: Sequence[tuple[str, str]]) -> Bools:
        """Whether each answer is the right one, word for word and to its end, (n,)."""
        told, words = self.asked(requests), self.line.vocabulary
        same = [
            words.text(said) == route
            for said, (_, route) in zip(told.tokens, requests, strict=True)
        ]
        return np.array(same) & told.ended

    @property
    def words(self) -> Ints:
        """All that anybody may write: every word but the two marks."""
        return np.arange(2, len(self.line.vocabulary))

    def meter(self, *, budget: Natural | None = None) -> Oracle:
        """Tells how many layers each text took, (n, 1), for a query each."""

        def told(texts: Tokens) -> NDArray[Any]:
            return self.answered(texts).work[:, np.newaxis]

        return Oracle(told, answers="values", questions="texts", budget=budget)


def judge_search(
    honest: Numbers, found: Costly, luck: Costly, tries: Sequence[Count]
) -> DoseResponse:
    """The costliest of so many requests, over the mean of honest ones.

    Parameters
    ----------
    honest : ndarray of shape (n,)
        What honest requests took, drawn one by one.
    found, luck : Costly
        Of searches and of as many draws of random words.
    tries : sequence of int
        After how many requests; of honest ones as many groups as there are.
    """
    mean = honest.mean()

    def measure(dose: float) -> dict[str, Floats]:
        k = int(dose)
        groups = honest[: len(honest) // k * k].reshape(-1, k)[: len(found.texts)]
        return {
            "searched": found.costs[:, k - 1] / mean,
            "random words": luck.costs[:, k - 1] / mean,
            "honest requests": groups.max(axis=1) / mean,
        }

    return sweep(
        tries,
        measure,
        lines={
            "searched": "attacker",
            "random words": "chance",
            "honest requests": "victim",
        },
        dose_name="requests tried",
        response_name="costliest, over the honest mean",
        units="searches",
        within=(0, np.inf),
    )


def judge_systems(
    systems: Mapping[str, tuple[Numbers, Numbers, Numbers]],
) -> Matrix:
    """What requests take in each system, over the mean of honest ones.

    Parameters
    ----------
    systems : mapping of str to three ndarrays of int
        What honest requests took, the costliest of each draw of random words, and the
        costliest of each search.
    """

    def row(honest: Ints, luck: Ints, found: Ints) -> list[Cell]:
        mean, share = honest.mean(), honest / honest.mean()
        high = float(np.quantile(share, 0.99))
        return [
            averaged(honest, form="{:.1f}"),
            Cell(high, n=len(honest), form="{:.1f} ×"),
            Cell(float(share.max()), n=len(honest), form="{:.1f} ×"),
            _ratio(luck / mean, high),
            _ratio(found / mean, high),
            Cell(float(found.max() / mean), "harm", len(found), form="{:.1f} ×"),
        ]

    return Matrix(
        list(systems),
        [
            "honest mean",
            "99 in 100 honest below",
            "costliest honest",
            "costliest of random words",
            "costliest searched",
            "costliest of all searches",
        ],
        [row(*one) for one in systems.values()],
        "what is counted",
    )


def _ratio(shares: Floats, high: float) -> Cell:
    """A mean ratio: harm where it is surely above what honest requests take."""

    def ended(interval: Interval) -> Any:
        if interval.low > high:
            return "harm"
        return "stopped" if interval.high <= high else "undecided"

    return averaged(shares, ended, form="{:.1f} ×")


def judge_desks(
    desks: Mapping[str, Desk],
    before: Tokens,
    requests: Sequence[tuple[str, str]],
    *,
    mean: float,
    searches: Several = SEARCHES,
    tries: Several = TRIES,
    seed: Seed,
) -> Matrix:
    """What each desk costs its honest users, and what each attacker takes from it.

    Parameters
    ----------
    desks : mapping of str to Desk
    before : sequence of ndarray of shape (t,)
        What was found at the first desk, before there was a defence.
    requests : sequence of (str, str)
        Fresh ones of honest users.
    mean : float
        What these took at the first desk: of this each ratio is.
    searches, tries : int
        Of the attacker who knows the desk, and of the control.
    """

    def row(desk: Desk) -> list[Cell]:
        told = desk.asked(requests)
        high = float(np.quantile(told.work, 0.99)) / mean
        how = {"length": LENGTH, "searches": searches, "tries": tries}
        found = searched(desk.meter(), desk.words, seed=seed, **how)
        luck = luckiest(desk.meter(), desk.words, seed=seed + 1, **how)
        return [
            counted(desk.right(requests), form="{:.1%}"),
            counted(~told.ended, form="{:.1%}"),
            _ratio(desk.answered(before).work / mean, high),
            _ratio(luck.costs[:, -1] / mean, high),
            _ratio(found.costs[:, -1] / mean, high),
        ]

    columns = [
        "right for honest users",
        "honest answers cut",
        "what was found before",
        "random words",
        "searched again",
    ]
    return Matrix(list(desks), columns, [row(one) for one in desks.values()], "desk")


def judge_clients(
    honest: Numbers,
    costly: Mapping[str, float],
    *,
    quota: Count,
    requests: Count,
    clients: Sequence[Count],
    seed: Seed,
) -> Matrix:
    """What an attacker takes in a day, over what an honest client takes.

    Parameters
    ----------
    honest : ndarray of shape (n,)
        What honest requests take; a client sends 20 a day on average, geometric.
    costly : mapping of str to float
        What a request of the attacker takes, by what it is.
    quota : int
        Layers a client and a day.
    requests : int
        How many each of the attacker's clients sends a day.
    clients : sequence of int
        How many clients the attacker has.
    """
    days = drawn_days(honest, seed=seed)
    mean = np.mean([one.sum() for one in days])
    lost = [not capping.served(one, quota=quota).all() for one in days]
    cells = []
    for limited in (False, True):
        for cost in costly.values():
            sent = np.full(requests, round(cost))
            kept = capping.served(sent, quota=quota) if limited else sent > 0
            each = float(sent[kept].sum() / mean)
            takes = [Cell(k * each, form="{:,.0f} ×") for k in clients]
            price = counted(
                lost if limited else np.zeros(len(days), bool), form="{:.1%}"
            )
            cells.append([price, *takes])
    names = [
        f"{name}{', quota' if limited else ''}"
        for limited in (False, True)
        for name in costly
    ]
    columns = ["honest clients cut", *(f"{k:,} client{'s' * (k > 1)}" for k in clients)]
    return Matrix(names, columns, cells, "what is sent")
