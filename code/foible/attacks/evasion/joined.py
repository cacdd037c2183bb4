"""What do several attacks find together?"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Floats, likeliest
from foible.attacks.evasion.adapting import apgd, targeted
from foible.attacks.evasion.gradient import Evasion
from foible.attacks.evasion.losses import logit_ratio
from foible.attacks.evasion.squares import square
from foible.checks import fitting
from foible.domains import Count, Image, Labels, Natural, Rows, Seed
from foible.models import Differentiable, oracle
from foible.search import Ball


def ensemble(
    image: Image, *, steps: Natural = 100, queries: Count = 1000
) -> dict[str, Evasion]:
    """The four attacks of a small AutoAttack, by name [croce2020reliable]."""
    return {
        "APGD": partial(apgd, steps=steps),
        "APGD, logit ratio": partial(apgd, loss=logit_ratio, steps=steps),
        "APGD, targeted": partial(targeted, steps=steps),
        "Square": asking(partial(square, image=image, queries=queries)),
    }


def asking(attack: Callable[..., Floats]) -> Evasion:
    """An attack that asks an oracle, for somebody who has the model to ask."""
    return lambda model, X, y, /, *, ball, seed: attack(
        oracle(model, answers="values"), X, y, ball=ball, seed=seed
    )


def carried(attack: Evasion, own: Differentiable) -> Evasion:
    """An attack on a model of the attacker's own, whose rows are carried over."""
    return lambda _, X, y, /, *, ball, seed: attack(own, X, y, ball=ball, seed=seed)


def autoattack(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    attacks: Mapping[str, Evasion],
    seed: Seed,
) -> Floats:
    """Rows after the first of several attacks that fools the model on each.

    The share on which the model is still right is the share that withstands the worst
    case for each row [croce2020reliable], not the average attack. Every attack is run
    on all rows, so that it finds here what it finds alone.

    A row that withstood everything is as the last attack left it. For attacks see
    `ensemble`; the others are as for `apgd`.
    """
    moved, y = np.array(X), fitting(y, model.logits(X).shape)
    for attack in attacks.values():
        left = likeliest(model.logits(moved)) == y
        if left.any():
            moved[left] = attack(model, X, y, ball=ball, seed=seed)[left]
    return moved


def nearest(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    attack: Evasion,
    ball: Ball,
    halvings: Count = 8,
    seed: Seed,
) -> Floats:
    """The nearest wrong rows that an attack finds, by halving each row's own radius.

    Their distance is an upper bound of the smallest change: no weaker attacker needs
    more, a stronger one may need less. A row that is wrong already, or that withstands
    the whole ball, the largest that is tried, is left alone. The arguments are as for
    `pgd`.
    """
    scores = model.logits(X)
    y = fitting(y, scores.shape)
    best, least = np.array(X), np.zeros((len(X), 1))
    most = radius = np.broadcast_to(np.asarray(ball.radius, float), least.shape)
    for _ in range(halvings + 1):
        small = replace(ball, radius=radius)
        moved = attack(model, X, y, ball=small, seed=seed)
        wrong = (likeliest(model.logits(moved)) != y)[:, np.newaxis]
        best = np.where(wrong, moved, best)
        most, least = np.where(wrong, radius, most), np.where(wrong, least, radius)
        radius = (least + most) / 2
    return np.where((likeliest(scores) != y)[:, np.newaxis], X, best)
