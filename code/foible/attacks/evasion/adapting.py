"""What do steps find whose size adapts to their progress?"""

from functools import partial

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.attacks.evasion.losses import (
    Loss,
    cross_entropy,
    logit_ratio,
    margin,
    rivals,
)
from foible.checks import fitting
from foible.domains import Count, Labels, Natural, Rows, Seed
from foible.models import Differentiable
from foible.search import Ball


def apgd(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    loss: Loss = cross_entropy,
    steps: Count = 100,
    seed: Seed,
) -> Floats:
    """Rows after steps whose size adapts to each row's progress [croce2020reliable].

    It begins at a random place with steps of two radii, keeps three quarters of each
    step and one of the last, and at checkpoints that come ever closer halves the step
    of those rows that have stopped rising and returns them to their best place. The
    arguments are as for `pgd`.

    Returns
    -------
    ndarray of shape (n, d)
        A row that is wrong already is left alone. Of the others the last place where
        each was answered wrongly; for one that never was, the place where its loss was
        highest.
    """
    scores, moved = model.logits(X), np.array(X)
    y = fitting(y, scores.shape)
    start = ball.drawn(X, np.random.default_rng(seed))
    live = np.flatnonzero(margin(scores, y) >= 0)

    def among(logits: Floats, _: Ints) -> tuple[Floats, Floats]:
        scores[live] = logits  # a loss may aim at another target for each row
        value, slope = loss(scores, y)
        return value[live], slope[live]

    if live.size:
        some, own = ball.of(live), (model, X[live], y[live])
        moved[live] = _adapted(*own, start[live], ball=some, loss=among, steps=steps)
    return moved


def _adapted(
    model: Differentiable,
    X: Floats,
    y: Ints,
    start: Floats,
    *,
    ball: Ball,
    loss: Loss,
    steps: int,
) -> Floats:
    """Rows (n, d) after the steps of `apgd` from a start."""
    project, here = ball.around(X), start
    before, (value, slope, found) = here, _followed(model, here, y, loss)
    best, top, top_slope, fooled = here, value, slope, here
    share, rises = np.full((len(X), 1), 2.0), np.zeros(len(X))
    old_top, kept = top, np.zeros(len(X), bool)
    checks, last = _checkpoints(steps), 0
    for step in range(1, steps + 1):
        ahead = project(here + ball.step(share)(slope))
        if step > 1:
            ahead = project(here + 0.75 * (ahead - here) + 0.25 * (here - before))
        before, here, was = here, ahead, value
        value, slope, wrong = _followed(model, here, y, loss)
        fooled, found = _chosen(wrong, here, fooled), found | wrong
        rises += value > was
        risen = value > top
        best, top_slope = _chosen(risen, here, best), _chosen(risen, slope, top_slope)
        top = np.maximum(top, value)
        if step in checks:
            stuck = (rises < 0.75 * (step - last)) | (~kept & (top <= old_top))
            share = np.where(stuck[:, np.newaxis], share / 2, share)
            here, slope = _chosen(stuck, best, here), _chosen(stuck, top_slope, slope)
            value = np.where(stuck, top, value)
            rises, old_top, kept, last = np.zeros(len(X)), top, stuck, step
    return _chosen(found, fooled, best)


def targeted(
    model: Differentiable,
    X: Rows,
    y: Labels,
    *,
    ball: Ball,
    targets: Count = 3,
    steps: Natural = 100,
    seed: Seed,
) -> Floats:
    """Rows driven by `apgd` towards each of the likeliest wrong classes in turn.

    So many `targets` are tried, and each row keeps the one that ends worst for the
    model; the other arguments are as for `pgd`. A row that is wrong already is left
    alone.
    """
    scores = model.logits(X)
    y = fitting(y, scores.shape)
    worst, lead = X, margin(scores, y)
    for target in rivals(scores, y).T[:targets]:
        loss = partial(logit_ratio, target=target)
        moved = apgd(model, X, y, ball=ball, loss=loss, steps=steps, seed=seed)
        now = margin(model.logits(moved), y)
        worst, lead = _chosen(now < lead, moved, worst), np.minimum(now, lead)
    return worst


def _followed(
    model: Differentiable, X: Floats, y: Ints, loss: Loss
) -> tuple[Floats, Floats, Bools]:
    """The loss of each row, its slope by the row, and whether the model is wrong."""
    logits, slope = model.follow(X, lambda logits: loss(logits, y)[1])
    return loss(logits, y)[0], slope, margin(logits, y) < 0


def _chosen(which: Bools, one: Floats, other: Floats) -> Floats:
    return np.where(which[:, np.newaxis], one, other)


def _checkpoints(steps: int) -> list[int]:
    """The steps at which `apgd` looks back, ever closer together."""
    gap, fewest, less = (max(int(share * steps), 1) for share in (0.22, 0.06, 0.03))
    checks = [gap]
    while checks[-1] <= steps:
        gap = max(gap - less, fewest)
        checks.append(checks[-1] + gap)
    return checks[:-1]
