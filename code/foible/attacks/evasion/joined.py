"""What do several attacks find together?"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Bools, Floats, Ints, likeliest
from foible.attacks.evasion.adapting import apgd, targeted
from foible.attacks.evasion.boundary import walked
from foible.attacks.evasion.gradient import Evasion
from foible.attacks.evasion.linearised import fab
from foible.attacks.evasion.losses import lead, logit_ratio
from foible.attacks.evasion.squares import square
from foible.checks import fitting
from foible.domains import Count, Image, Labels, Natural, Rows, Seed
from foible.models import Differentiable, oracle
from foible.search import Ball, Norm

CREEPS = 100  # steps of `nearest` after its halvings


def ensemble(
    image: Image, *, steps: Natural = 100, queries: Count = 1000, norm: Norm = "Linf"
) -> dict[str, Evasion]:
    """The four attacks of a small AutoAttack, by name [croce2020reliable].

    They take a ball of either norm. For L2, where they leave rows that turn inside of
    it, FAB is the fifth [croce2020fab].
    """
    further: dict[str, Evasion] = {"FAB": partial(fab, steps=steps)}
    return {
        "APGD": partial(apgd, steps=steps),
        "APGD, logit ratio": partial(apgd, loss=logit_ratio, steps=steps),
        "APGD, targeted": partial(targeted, steps=steps),
        "Square": asking(partial(square, image=image, queries=queries)),
        **(further if norm == "L2" else {}),
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

    From where that ends it creeps nearer, in a ball that closes in on the row while it
    is wrong [pintor2021fast], and walks straight back as far as it stays so. Their
    distance is an upper bound of the smallest change: no weaker attacker needs more, a
    stronger one may need less. A row that is wrong already is left alone. One that
    withstands the whole ball, the largest that is tried, has no such row: what is
    returned for it is NaN throughout. The arguments are as for `pgd`.
    """
    scores = model.logits(X)
    y = fitting(y, scores.shape)
    best, least = np.full_like(X, np.nan), np.zeros((len(X), 1))
    most = radius = np.broadcast_to(np.asarray(ball.radius, float), least.shape)
    for _ in range(halvings + 1):
        small = replace(ball, radius=radius)
        moved = attack(model, X, y, ball=small, seed=seed)
        wrong = (likeliest(model.logits(moved)) != y)[:, np.newaxis]
        best = np.where(wrong, moved, best)
        most, least = np.where(wrong, radius, most), np.where(wrong, least, radius)
        radius = (least + most) / 2
    before = likeliest(scores) != y
    some = np.flatnonzero(~before & ~np.isnan(best).any(axis=1))

    def wrongly(rows: Floats, who: Ints) -> Bools:
        return np.asarray(likeliest(model.logits(rows)) != y[some[who]])

    if some.size:
        crept = _crept(model, X[some], best[some], y[some], ball.of(some))
        best[some] = walked(X[some], crept, wrongly)
    return np.where(before[:, np.newaxis], X, best)


def _crept(
    model: Differentiable, X: Floats, best: Floats, y: Ints, ball: Ball
) -> Floats:
    """Wrong rows (n, d) nearer to X than the `best` so far, after ever finer steps."""
    here, radius = best, ball.spent(X, best)[:, np.newaxis]
    least = radius
    for step in range(CREEPS):
        share = (1 + np.cos(np.pi * step / CREEPS)) / 2
        logits, slope = model.follow(here, lambda logits: lead(logits, y)[1])
        wrong = (likeliest(logits) != y)[:, np.newaxis]
        far = ball.spent(X, here)[:, np.newaxis]
        nearer = wrong & (far < least)
        best, least = np.where(nearer, here, best), np.where(nearer, far, least)
        rate = 0.001 + 0.049 * share
        radius = np.where(wrong, least * (1 - rate), radius * (1 + rate))
        closing = replace(ball, radius=radius)
        here = closing.around(X)(here + closing.step(share)(slope))
    return best
