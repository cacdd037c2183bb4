"""How near do they come, and with which defence in the way?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import TypeAlias

import numpy as np

from foible import metrics, models
from foible.arrays import Bools, Floats
from foible.attacks.model_inversion import attribute, updates
from foible.attacks.model_inversion.batches import rows_from_batch, rows_sampled
from foible.attacks.model_inversion.missing_row import flat
from foible.attacks.model_inversion.prototypes import (
    QUERIES,
    brush,
    nearest_likeness,
    prototypes,
    prototypes_asked,
)
from foible.data import Dataset
from foible.domains import Amount, Count, Natural, Seed
from foible.evidence import DoseResponse, Separation
from foible.judging import each, sweep
from foible.models import Classifier, Network, Recipe, Update, as_network
from foible.oracle import Oracle
from foible.plots import Meaning
from foible.victim import Victim

Guess: TypeAlias = Callable[[Network, Dataset], tuple[Floats, int]]
"""From a model and the rows that are known to the one that is not, and its label."""
GUESSERS: Mapping[str, Meaning] = {
    "the model alone": "attacker",
    "imputation alone": "chance",
    "both, on members": "attacker",
    "imputation, strangers": "chance",
    "both, on strangers": "attacker",
}


def judge_attribute(
    table: Dataset,
    recipes: Mapping[float, Recipe],
    *,
    column: str,
    dose_name: str,
    repeats: Count,
    seed: Seed,
) -> DoseResponse:
    """How often the hidden value of a column is guessed, with the model and without.

    In each repeat, a split of the table, a victim learns from 40% of the rows; the
    attacker has 40% of other people in full, and guesses for the members and for the
    strangers that are left. Where it says "imputation", nobody asks the model.

    Parameters
    ----------
    recipes : mapping of float to Recipe
        For each dose how the victim is made, which the attacker knows.
    column : str
        What is hidden: a column of 1 and 2.
    """

    def measure(dose: float, own: int) -> dict[str, float]:
        owned, others = table.split(0.4, seed=own)
        background, strangers = others.split(2 / 3, seed=own)
        oracle = models.oracle(recipes[dose](owned, seed=own), answers="values")
        prior = float(np.mean(background.column(column) == 2))
        right = []
        for people in (owned, strangers):
            known = attribute.with_value(people, column, 0)
            plain = attribute.by_model(oracle, known, column=column, prior=prior)
            alone = attribute.by_imputation(background, known, column=column)
            both = attribute.by_both(
                oracle, background, known, recipes[dose], column=column, seed=own
            )
            two = people.column(column) == 2
            guesses = plain == 2, alone > 0, both > 0
            right += [metrics.agreement(guess, two) for guess in guesses]
        kept = right[:3] + right[4:]  # all but strangers by the model alone
        return dict(zip(GUESSERS, kept, strict=True))

    return sweep(
        list(recipes),
        each(range(seed, seed + repeats), measure),
        lines=GUESSERS,
        dose_name=dose_name,
        response_name="guessed rightly",
        units="splits",
    )


def judge_missing(
    victims: Mapping[float, Victim],
    guess: Guess,
    *,
    dose_name: str,
    targets: Sequence[Natural] | None = None,
    close: Amount = 0.01,
) -> DoseResponse:
    """How near an attacker comes to each row, when it is the one that is missing.

    The error is that of the worst column, in the unit of the rows.

    Parameters
    ----------
    victims : mapping of float to Victim
        For each dose.
    targets : sequence of int, optional
        Which rows are missing in turn; every one if left out.
    close : float
        Error below which a row counts as given back.
    """

    def measure(dose: float) -> dict[str, Floats | Bools]:
        rows, model = victims[dose].rows, as_network(victims[dose].model)
        spots = np.arange(len(rows)) if targets is None else np.array(targets)
        found = [guess(model, rows.take(np.arange(len(rows)) != i)) for i in spots]
        error = abs(np.array([x for x, _ in found]) - rows.X[spots]).max(axis=1)
        told = np.array([label for _, label in found]) == rows.y[spots]
        return {"error": error, "given back": error < close, "label told": told}

    return sweep(
        list(victims),
        measure,
        lines=dict.fromkeys(("error", "given back", "label told"), "attacker"),
        dose_name=dose_name,
        response_name="error of the worst column; rows",
        units="rows",
        within=(0, np.inf),
    )


def judge_queries(
    victims: Sequence[Victim],
    ways: Mapping[str, Callable[[Victim], Oracle]],
    recogniser: Classifier,
    *,
    steps: Sequence[Natural],
    reach: Mapping[str, Amount],
    seed: Seed,
) -> DoseResponse:
    """Share of classes whose prototype, got by queries, another model recognises.

    Parameters
    ----------
    ways : mapping of str to callable
        For each attacker by name what they may ask.
    recogniser : Classifier
        Made from rows that no victim has seen, and by another recipe.
    steps : sequence of int
        Ascending; `QUERIES` queries each.
    reach : mapping of str to float
        How far each attacker looks.
    """
    labels, paint = np.arange(len(victims[0].rows.classes)), victims[0].rows.image

    def recognised(asked: float, way: str) -> Bools:
        pictures = [
            prototypes_asked(
                ways[way](victim),
                labels,
                brush=brush(paint),
                steps=round(asked / QUERIES),
                reach=reach[way],
                seed=own,
            )
            for own, victim in enumerate(victims, seed)
        ]
        return np.ravel([recogniser.predict(images) == labels for images in pictures])

    return sweep(
        [float(QUERIES * count) for count in steps],
        lambda asked: {way: recognised(asked, way) for way in ways},
        lines=dict.fromkeys(ways, "attacker"),
        dose_name="queries for each class",
        response_name="classes recognised",
        units="pictures",
    )


def judge_person(victims: Sequence[Victim], strangers: Dataset) -> Separation:
    """Whether prototypes resemble somebody of the training rows more than a stranger.

    Of the likeness to the nearest member and to the nearest of as many strangers of the
    class; one half is the area of who cannot tell.
    """
    labels = np.arange(len(strangers.classes))
    inside, outside = [], []
    for victim in victims:
        model, paint = models.as_differentiable(victim.model), brush(victim.rows.image)
        images = prototypes(model, labels, brush=paint)
        inside.append(nearest_likeness(images, labels, victim.rows))
        outside.append(nearest_likeness(images, labels, strangers))
    pair = np.concatenate(inside), np.concatenate(outside)
    return Separation({"likeness to the nearest": pair}, "members")


READERS: Mapping[str, Meaning] = {
    "unit by unit": "attacker",
    "drawn noughts": "attacker",
    "all that it has": "attacker",
    "sends a trap": "attacker",
}


def judge_batches(
    networks: Sequence[Network], rows: Dataset, *, batches: Sequence[Count], seed: Seed
) -> DoseResponse:
    """Share of a batch's rows that an update gives back, by curious and a bad server.

    The curious ones look unit by unit (`rows_from_update`), draw a thousand times
    (`rows_sampled`) or mend 300 guesses (`rows_from_batch`). The last half of the rows
    is the servers' own. Each network meets a batch of its own at each size.
    """
    rng, half = np.random.default_rng(seed), len(rows) // 2

    def measure(size: float, model: Network) -> dict[str, float]:
        batch, own = rows.take(rng.permutation(half)[: int(size)]), rows.X[half:]
        sent = model.slope(batch.X, batch.y)
        trapped = updates.trap(model, own).slope(batch.X, batch.y)
        found = (
            updates.rows_from_update(sent),
            rows_sampled(sent, model, tries=1000, seed=seed),
            rows_from_batch(sent, model, own, tries=300, seed=seed),
            updates.rows_from_bins(trapped),
        )
        back = [updates.recovered(told, batch.X).mean() for told in found]
        return dict(zip(READERS, back, strict=True))

    return sweep(
        batches,
        each(networks, measure),
        lines=READERS,
        dose_name="rows in the batch",
        response_name="rows given back",
        units="networks",
    )


def judge_noise(
    model: Network,
    rows: Dataset,
    defences: Mapping[float, Callable[[Update, int], Update]],
    *,
    repeats: Count,
    seed: Seed,
    dose_name: str,
) -> DoseResponse:
    """Likeness of what the attacker reads from a defended update of one row.

    Each repeat is a row. It is read from all units, after one round, nine and a hundred
    in which the same row was sent.

    Parameters
    ----------
    defences : mapping of float to callable
        For each dose, ascending, from an update and a seed to what is sent.
    """
    rounds = {"one round": 1, "nine rounds": 9, "a hundred rounds": 100}

    def measure(dose: float, repeat: int) -> dict[str, float]:
        row = rows.take([repeat])
        sent, first = model.slope(row.X, row.y), seed + 100 * repeat
        told = [defences[dose](sent, first + i) for i in range(100)]
        read = [updates.row_from_all_units(*told[:n]) for n in rounds.values()]
        alike = metrics.likeness(np.array(read), row.X)[:, 0]
        return dict(zip(rounds, alike.tolist(), strict=True))

    return sweep(
        list(defences),
        each(range(repeats), measure),
        lines=dict.fromkeys(rounds, "attacker"),
        dose_name=dose_name,
        response_name="likeness to the row",
        units="rows",
        within=(-1, 1),
    )


def judge_epsilon(
    recipes: Mapping[float, Recipe],
    exact: Recipe,
    rows: Dataset,
    others: Dataset,
    *,
    targets: Sequence[Natural],
    draws: Count,
    seed: Seed,
) -> DoseResponse:
    """What noise on the weights does to the best attacker, and to the patients.

    The attacker knows every row and every label but one. They make the model for either
    label without noise, and say the one whose weights are nearer to those released. No
    attacker does better where the likelihood of the noise falls with its length. Beside
    it stands the most that the privacy loss ε allows: for a label, that of ε / 2, since
    another label moves the minimum half as far at most as another row.

    Parameters
    ----------
    recipes : mapping of float to Recipe
        For each ε how the model is made; `exact` is the same without noise.
    rows, others : Dataset
        What the models are made from, and rows to count their right answers on.
    targets, draws : sequence of int, int
        Whose label is asked about, and how many noisy models are made for each.
    """
    doses, asked = list(recipes), list(product(targets, range(draws)))

    def world(target: int, label: int) -> Dataset:
        return replace(rows, y=np.where(np.arange(len(rows)) == target, label, rows.y))

    ends = {i: [flat(exact(world(i, y), seed=0)) for y in (0, 1)] for i in targets}

    def measure(epsilon: float, spot: int) -> dict[str, float | bool]:
        target, label = asked[spot][0], asked[spot][1] % 2
        own = seed + doses.index(epsilon) * len(asked) + spot
        made = as_network(recipes[epsilon](world(target, label), seed=own))
        gap = [np.linalg.norm(flat(made) - end) for end in ends[target]]
        return {
            "right diagnoses": metrics.agreement(others.y, made.predict(others.X)),
            "best attacker": bool(np.argmin(gap) == label),
            "the most that ε allows": 1 / (1 + np.exp(-epsilon / 2)),
        }

    return sweep(
        doses,
        each(range(len(asked)), measure),
        lines={
            "right diagnoses": "victim",
            "best attacker": "attacker",
            "the most that ε allows": "defence",
        },
        dose_name="privacy loss ε",
        response_name="per cent",
        units="draws",
    )
