"""Who can tell members from others, and from which models?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from foible.arrays import masks
from foible.attacks.membership_inference.shadows import Attack, Muted, Shadows, plain
from foible.attacks.membership_inference.signals import logit
from foible.data import Dataset
from foible.domains import Count, Dose, Seed
from foible.evidence import DoseResponse, Separation
from foible.judging import sweep
from foible.judging.games import Game
from foible.models import Recipe, transport
from foible.oracle import Answers, Oracle
from foible.victim import Victim


def judge(
    game: Game,
    attacks: Mapping[str, Attack],
    *,
    shadows: Shadows | None = None,
    muted: Muted = plain,
    answers: Answers = "probabilities",
) -> Separation:
    """Members against non-members, pooled over the targets of a game.

    The intervals are over rows and targets, both drawn anew.

    Parameters
    ----------
    shadows : Shadows, optional
        The attacker's own models. If left out, each target in turn is attacked with all
        the others as shadows, muted alike, and never with itself.
    muted : callable, Transport to Transport
        What stands before every target's answers.
    """
    scores, member = {}, game.member
    crowd = (shadows or Shadows(game.models, member, muted)).remembering()
    for name, attack in attacks.items():
        table = np.empty(member.shape)
        for i, model in enumerate(game.models):
            oracle = Oracle(muted(transport(model)), answers=answers)
            others = crowd.without(i) if shadows is None else crowd
            table[i] = attack(oracle, game.rows, others)
        scores[name] = table[member], table[~member]
    numbers = np.indices(member.shape)[::-1]  # of the row, and of the target
    shared = [(number[member], number[~member]) for number in numbers]
    return Separation(scores, group="members", shared=shared)


def judge_dose(
    doses: Sequence[Dose],
    played: Callable[[float], Sequence[Game]],
    attack: Attack,
    others: Dataset,
    *,
    dose_name: str,
) -> DoseResponse:
    """How many members are found at 1% false alarms, and how often a model errs.

    The doses ascend; several games are `played` at each, and forgotten after it, since
    they hold all that their models learned from. `others` are rows that no model has
    seen.
    """

    def measure(dose: float) -> dict[str, list[float]]:
        games = played(dose)
        parts = [judge(game, {"it": attack}) for game in games]
        return {
            "members found": [part.found("it", false_alarms=0.01) for part in parts],
            "errors": [game.errors(others) for game in games],
        }

    return sweep(
        doses,
        measure,
        lines={"members found": "attacker", "errors": "victim"},
        dose_name=dose_name,
        response_name="per cent",
        units="games",
    )


def judge_canary(
    recipe: Recipe, rows: Dataset, canary: Dataset, *, models: Count, seed: Seed
) -> Separation:
    """Can models made with one more row be told from models made without it?

    So many `models` with, and so many without. Every one has a seed of its own, so the
    scores are independent. An unusual row shows more.
    """
    more = replace(rows, X=np.vstack([rows.X, canary.X]), y=np.append(rows.y, canary.y))
    sets, seeds = [more] * models + [rows] * models, range(seed, seed + 2 * models)
    victims = Victim.many(recipe, sets, seeds=seeds)
    said = np.array([logit(victim.oracle(), canary)[0] for victim in victims])
    return Separation({"canary": (said[:models], said[models:])}, group="with canary")


def judge_one_run(
    recipe: Recipe, rows: Dataset, canaries: Dataset, *, seed: Seed
) -> Separation:
    """Which canaries has one model seen, made from `rows` and a random half of them?

    For each canary a coin is tossed whether it is in [steinke2023privacy]. The scores
    are of one model and no more independent than it is.
    """
    seen = masks(1, len(canaries), seed=seed)[0]
    half = canaries.take(seen)
    more = replace(rows, X=np.vstack([rows.X, half.X]), y=np.append(rows.y, half.y))
    said = logit(Victim.trained(recipe, more, seed=seed).oracle(), canaries)
    return Separation({"canaries": (said[seen], said[~seen])}, group="canaries in")
