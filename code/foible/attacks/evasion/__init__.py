"""How does a model go wrong when each of its inputs is changed a little, on purpose?

Five attackers, by what they hold. Who has the model follows its gradient (`fgsm`,
`pgd`, `apgd`, `nearest`); who may ask for its scores searches (`square`); who is told
only the answer walks along the boundary (`hopskipjump`); who has a model of their own
attacks that and hopes (transfer needs no function of its own); and who has the bank's
forest computes the smallest change exactly (`cheapest`). `autoattack` joins the first
two kinds and keeps what is worst for each row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp, softmax

from foible.arrays import Bools, Floats, Ints, finite_rows, likeliest
from foible.data import Dataset
from foible.errors import BadInput
from foible.evidence import BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.judging import counted
from foible.models import Aim, Differentiable, Network, Scoring
from foible.oracle import Oracle
from foible.plots import Meaning
from foible.search import Ball, Move, Norm, ascend, distance
from foible.victim import Victim

SHRINKS = (0.001, 0.005, 0.02, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8)
"""Shares of the queries after which the squares of `square` halve."""

Loss = Callable[[Floats, Ints], tuple[Floats, Floats]]
"""Takes logits (n, k) and labels to the loss (n,) and its slope by the logits."""


class Attack(Protocol):
    """Moves rows inside a ball so that a model goes wrong on them."""

    def __call__(
        self, model: Differentiable, X: Floats, y: Ints, /, *, ball: Ball, seed: int
    ) -> Floats:
        """Moved rows, ndarray of shape (n, d)."""


# ---------------------------------------------------------------- with the gradient


def fgsm(model: Differentiable, X: Floats, y: Ints, *, ball: Ball) -> Floats:
    """Rows after one step as large as is allowed [goodfellow2015explaining].

    Parameters
    ----------
    model : Differentiable
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    ball : Ball

    Returns
    -------
    ndarray of shape (n, d)
    """
    return ascend(
        X,
        lambda rows: model.gradient(rows, y),
        project=ball.around(X),
        step=ball.step(1),
        steps=1,
    )


def pgd(
    model: Differentiable,
    X: Floats,
    y: Ints,
    *,
    ball: Ball,
    steps: int = 40,
    restarts: int = 0,
    seed: int,
) -> Floats:
    """Rows after steps uphill on the loss, kept inside the ball [madry2018towards].

    A step is 2.5 radii divided by the number of steps.

    Parameters
    ----------
    model : Differentiable
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    ball : Ball
    steps : int
        Steps of each climb, at least 1.
    restarts : int
        Climbs from random places, besides the one that begins at the rows themselves.
        Of all climbs, each row keeps the one that ends worst for the model.
    seed : int
        Of the random places; not used without restarts.

    Returns
    -------
    ndarray of shape (n, d)
    """
    random = np.random.default_rng(seed)
    climb = partial(
        ascend,
        gradient=lambda rows: model.gradient(rows, y),
        project=ball.around(X),
        step=ball.step(2.5 / steps),
        steps=steps,
    )
    worst = climb(X)
    for _ in range(restarts):
        other = climb(ball.drawn(X, random))
        worse = margin(model.logits(other), y) < margin(model.logits(worst), y)
        worst = np.where(worse[:, np.newaxis], other, worst)
    return worst


def margin(logits: Floats, y: Ints) -> Floats:
    """How far the score of the right class leads; below 0 the model is wrong."""
    each, others = np.arange(len(y)), logits.copy()
    others[each, y] = -np.inf
    return np.asarray(logits[each, y] - others.max(axis=1))


# ---------------------------------------------------------------- losses


def cross_entropy(logits: Floats, y: Ints) -> tuple[Floats, Floats]:
    """The usual loss, which is flat where the model is very sure."""
    slope = softmax(logits, axis=1)
    slope[np.arange(len(y)), y] -= 1
    return logsumexp(logits, axis=1) - logits[np.arange(len(y)), y], slope


def logit_ratio(
    logits: Floats, y: Ints, *, target: Ints | None = None
) -> tuple[Floats, Floats]:
    """The difference-of-logits ratio, blind to the logits' scale [croce2020reliable].

    The lead of the right class over the best other one, or over the target, divided by
    the lead of the first class over the third (with a target: over the mean of the
    third and the fourth). With too few classes for that it is the lead alone.

    Parameters
    ----------
    logits : ndarray of shape (n, k)
    y : ndarray of shape (n,)
    target : ndarray of shape (n,), optional
        A wrong class for each row.

    Returns
    -------
    loss : ndarray of shape (n,)
    slope : ndarray of shape (n, k)
    """
    n, k = logits.shape
    each, order = np.arange(n), np.argsort(-logits, axis=1, kind="stable")
    rival = np.where(order[:, 0] == y, order[:, 1], order[:, 0])
    lead, scale = np.zeros((n, k)), np.zeros((n, k))
    lead[each, y] = 1
    lead[each, rival if target is None else target] -= 1
    last = order[:, 2:3] if target is None else order[:, 2:4]
    if last.shape[1] == (1 if target is None else 2):
        scale[each, order[:, 0]] = 1
        scale[each[:, np.newaxis], last] -= 1 / last.shape[1]
    ahead = (lead * logits).sum(axis=1)
    spread = (scale * logits).sum(axis=1) if scale.any() else np.ones(n)
    spread = np.maximum(spread, 1e-12)
    slope = lead / spread[:, None] - scale * (ahead / spread**2)[:, None]
    return -ahead / spread, -slope


# ---------------------------------------------------------------- with adapting steps


def apgd(
    model: Differentiable,
    X: Floats,
    y: Ints,
    *,
    ball: Ball,
    loss: Loss = cross_entropy,
    steps: int = 100,
    seed: int,
) -> Floats:
    """Rows after steps whose size adapts to each row's progress [croce2020reliable].

    It begins at a random place with steps of two radii, keeps three quarters of each
    step and one of the last, and at checkpoints that come ever closer halves the step
    of those rows that have stopped rising and returns them to their best place.

    Parameters
    ----------
    model : Differentiable
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    ball : Ball
    loss : callable
        What is to grow: `cross_entropy`, or `logit_ratio`.
    steps : int
    seed : int
        Of the random place.

    Returns
    -------
    ndarray of shape (n, d)
        The last place where each row was answered wrongly; for one that never was, the
        place where its loss was highest.
    """
    project = ball.around(X)
    here = before = ball.drawn(X, np.random.default_rng(seed))
    value, slope, found = _followed(model, here, y, loss)
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
    X: Floats,
    y: Ints,
    *,
    ball: Ball,
    targets: int = 3,
    steps: int = 100,
    seed: int,
) -> Floats:
    """Rows driven by `apgd` towards each of the likeliest wrong classes in turn.

    Parameters
    ----------
    targets : int
        How many wrong classes are tried, the likeliest first; each row keeps the one
        that ends worst for the model. The others are as for `apgd`.

    Returns
    -------
    ndarray of shape (n, d)
    """
    scores = model.logits(X)
    scores[np.arange(len(y)), y] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :-1]
    worst, lead = X, margin(model.logits(X), y)
    for target in order.T[:targets]:
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
    checks = []
    place = gap
    while place <= steps:
        checks.append(place)
        gap = max(gap - less, fewest)
        place += gap
    return checks


# ---------------------------------------------------------------- by asking


def square(
    oracle: Oracle,
    X: Floats,
    y: Ints,
    *,
    ball: Ball,
    image: tuple[int, ...],
    queries: int = 1000,
    seed: int,
) -> Floats:
    """Rows after a random search over squares of pixels [andriushchenko2020square].

    It begins with stripes at the edge of the ball, and then sets one square after the
    other to the edge, keeping what makes the right class lead less. The squares shrink
    on a schedule made for 10,000 queries and compressed to the number allowed.

    Parameters
    ----------
    oracle : Oracle
        Answers with probabilities or values.
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    ball : Ball
        Of the norm Linf.
    image : tuple of int
        Shape of a row that is seen as an image: (height, width) or (height, width, c).
    queries : int
        Most queries for one row; a row on which the model is wrong is left alone.
    seed : int

    Returns
    -------
    ndarray of shape (n, d)
    """
    if ball.norm != "Linf":
        raise BadInput(f"got a ball of the norm {ball.norm}; square wants Linf")
    random, (height, width, depth) = np.random.default_rng(seed), (*image, 1)[:3]
    shape = (len(X), height, width, depth)
    radius = np.broadcast_to(np.asarray(ball.radius), (len(X), 1))
    stripes = random.choice([-1, 1], (len(X), 1, width, depth)) + np.zeros(shape)
    moved = ball.around(X)(X + radius * stripes.reshape(X.shape))
    lead = margin(oracle.ask(moved), y)
    for query in range(1, queries):
        live = np.flatnonzero(lead > 0)
        if not live.size:
            break
        side = _side(query / queries, height * width, min(height, width))
        marks = _squares((len(live), *shape[1:]), side, random).reshape(len(live), -1)
        edge = ball.of(live).around(X[live])(X[live] + radius[live] * marks)
        tried = np.where(marks == 0, moved[live], edge)
        now = margin(oracle.ask(tried), y[live])
        better = now < lead[live]
        moved[live[better]], lead[live[better]] = tried[better], now[better]
    return moved


def _side(spent: float, pixels: int, most: int) -> int:
    """Side of the squares once a share of the queries is spent."""
    passed = np.searchsorted(SHRINKS, spent)
    return int(np.clip(round(np.sqrt(0.8 / 2.0**passed * pixels)), 1, most))


def _squares(
    shape: tuple[int, ...], side: int, random: np.random.Generator
) -> NDArray[np.float64]:
    """A square in each image, -1 or 1 in each of its colours, and 0 around it."""
    n, height, width, depth = shape
    rows, columns = (
        _within(random.integers(0, length - side + 1, (n, 1)), side, length)
        for length in (height, width)
    )
    signs = random.choice([-1.0, 1.0], (n, 1, 1, depth))
    return signs * (rows[:, :, None] & columns[:, None])[..., np.newaxis]


def _within(start: Ints, side: int, length: int) -> Bools:
    """Which of `length` places lie at most `side` from each start, (n, length)."""
    place = np.arange(length)
    return (place >= start) & (place < start + side)


def hopskipjump(
    oracle: Oracle,
    X: Floats,
    y: Ints,
    *,
    start: Floats,
    rounds: int = 20,
    draws: int = 100,
    box: tuple[float, float] = (-np.inf, np.inf),
    seed: int,
) -> Floats:
    """Near rows that are answered wrongly, by labels alone [chen2020hopskipjump].

    From a wrong row it walks straight to the boundary, asks around there which way is
    wrong, jumps that way, and walks again; distances are Euclidean.

    Parameters
    ----------
    oracle : Oracle
        Answers with labels.
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
        The labels to get away from.
    start : ndarray of shape (n, d)
        For each row one that gets another label, for example somebody else's.
    rounds : int
    draws : int
        Questions around the boundary for each row in the first round; they grow with
        the root of the rounds.
    box : (float, float)
        Least and greatest value of a coordinate.
    seed : int

    Returns
    -------
    ndarray of shape (n, d)
        The nearest wrong rows that were met; every one was answered wrongly.

    Raises
    ------
    BadInput
        A start that is answered with the label to get away from.
    """
    n, d = X.shape

    def wrong(rows: Floats, who: Ints) -> Bools:
        return np.asarray(oracle.ask(rows) != y[who])

    everyone = np.arange(n)
    if not wrong(start, everyone).all():
        raise BadInput("got a start that is answered rightly; wanted wrong ones only")
    random, best = np.random.default_rng(seed), start
    edge = _walked(X, start, wrong)
    for turn in range(1, rounds + 1):
        best = _chosen(_length(edge - X) < _length(best - X), edge, best)
        far, many = _length(edge - X)[:, np.newaxis], int(draws * np.sqrt(turn))
        noise = random.standard_normal((n, many, d))
        noise /= np.linalg.norm(noise, axis=2, keepdims=True)
        around = np.clip(edge[:, None] + far[:, None] / d * noise, *box)
        says = wrong(around.reshape(-1, d), np.repeat(everyone, many)).reshape(n, many)
        votes = 2.0 * says - 1
        votes -= np.where(says.all(1) | ~says.any(1), 0, votes.mean(1))[:, np.newaxis]
        way = (votes[..., np.newaxis] * (around - edge[:, None])).mean(axis=1)
        way /= np.maximum(_length(way), 1e-300)[:, np.newaxis]
        edge = _walked(X, _jumped(edge, way, far / np.sqrt(turn), box, wrong), wrong)
    return _chosen(_length(edge - X) < _length(best - X), edge, best)


Wrong = Callable[[Floats, Ints], Bools]


def _walked(X: Floats, far: Floats, wrong: Wrong) -> Floats:
    """Rows just behind the boundary on the way from `far` to X; all of them wrong."""
    near, away = np.zeros((len(X), 1)), np.ones((len(X), 1))
    everyone = np.arange(len(X))
    for _ in range(12):
        middle = (near + away) / 2
        beyond = wrong(X + middle * (far - X), everyone)[:, np.newaxis]
        near, away = np.where(beyond, near, middle), np.where(beyond, middle, away)
    return X + away * (far - X)


def _jumped(
    edge: Floats, way: Floats, size: Floats, box: tuple[float, float], wrong: Wrong
) -> Floats:
    """Rows after the longest jump, of a size and its halves, that stays wrong."""
    place, left = edge.copy(), np.arange(len(edge))
    for halving in range(12):
        jump = np.clip(edge[left] + size[left] / 2**halving * way[left], *box)
        stays = wrong(jump, left)
        place[left[stays]], left = jump[stays], left[~stays]
        if not left.size:
            break
    return place


def _length(rows: Floats) -> Floats:
    return np.asarray(np.linalg.norm(rows, axis=1))


# ---------------------------------------------------------------- who knows the defence


@dataclass(frozen=True, eq=False)
class StraightThrough(Scoring):
    """A model behind a step whose slope is nought, as its attacker should see it.

    Rows go forward through the step; the slope comes back as if it were not there
    [athalye2018obfuscated].

    Parameters
    ----------
    model : Differentiable
        What is behind the step.
    squeeze : callable, (n, d) to (n, d)
        The step.
    """

    model: Differentiable
    squeeze: Move

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self.model.classes_)

    def logits(self, X: ArrayLike) -> Floats:
        """What the model behind the step says, ndarray of shape (n, k)."""
        return self.model.logits(self.squeeze(finite_rows(X)))

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The logits, and the slope of an aim by what comes out of the step."""
        return self.model.follow(self.squeeze(finite_rows(X)), aim)


@dataclass(frozen=True, eq=False)
class Averaged(Scoring):
    """A model whose rows get noise, as its attacker should see it: on average.

    The noise is the same at each look, so that the slope fits the value
    [athalye2018synthesizing].

    Parameters
    ----------
    model : Differentiable
        What sees the noisy rows.
    scale : float
        Standard deviation of the noise.
    draws : int
        How many noisy copies of a row are averaged.
    seed : int
    """

    model: Differentiable
    scale: float
    draws: int
    seed: int

    @property
    def classes_(self) -> Ints:
        """The model's labels."""
        return np.asarray(self.model.classes_)

    def logits(self, X: ArrayLike) -> Floats:
        """Mean scores over the noise, ndarray of shape (n, k)."""
        return self._mean(self.model.logits(self._copies(finite_rows(X))))

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """The mean scores, and the slope of an aim at them."""

        def shared(logits: Floats) -> Floats:
            return np.repeat(aim(self._mean(logits)), self.draws, axis=0)

        logits, slope = self.model.follow(self._copies(finite_rows(X)), shared)
        return self._mean(logits), self._mean(slope)

    def _copies(self, X: Floats) -> Floats:
        random, d = np.random.default_rng(self.seed), X.shape[1]
        noise = self.scale * random.standard_normal((self.draws, d))
        return (X[:, np.newaxis] + noise).reshape(-1, d)

    def _mean(self, values: Floats) -> Floats:
        grouped = values.reshape(-1, self.draws, values.shape[1])
        return np.asarray(grouped.mean(axis=1))


# ---------------------------------------------------------------- joined


def ensemble(
    image: tuple[int, ...], *, steps: int = 100, queries: int = 1000
) -> dict[str, Attack]:
    """The four attacks of a small AutoAttack, by name [croce2020reliable]."""
    return {
        "APGD": partial(apgd, steps=steps),
        "APGD, logit ratio": partial(apgd, loss=logit_ratio, steps=steps),
        "APGD, targeted": partial(targeted, steps=steps),
        "Square": asking(partial(square, image=image, queries=queries)),
    }


def asking(attack: Callable[..., Floats]) -> Attack:
    """An attack that asks an oracle, for somebody who has the model to ask."""

    def asked(
        model: Differentiable, X: Floats, y: Ints, /, *, ball: Ball, seed: int
    ) -> Floats:
        own = Oracle(model.logits, answers="values")
        return attack(own, X, y, ball=ball, seed=seed)

    return asked


def carried(attack: Attack, own: Differentiable) -> Attack:
    """An attack on a model of the attacker's own, whose rows are carried over."""

    def moved(
        model: Differentiable, X: Floats, y: Ints, /, *, ball: Ball, seed: int
    ) -> Floats:
        return attack(own, X, y, ball=ball, seed=seed)

    return moved


def autoattack(
    model: Differentiable,
    X: Floats,
    y: Ints,
    *,
    ball: Ball,
    attacks: Mapping[str, Attack],
    seed: int,
) -> Floats:
    """Rows after each attack in turn, on those that withstood the ones before.

    The share on which the model is still right is the share that withstands the worst
    case for each row [croce2020reliable], not the average attack.

    Parameters
    ----------
    attacks : mapping of str to attack
        See `ensemble`. The others are as for `apgd`.

    Returns
    -------
    ndarray of shape (n, d)
        A row that withstood everything is as the last attack left it.
    """
    moved = np.array(X)
    for attack in attacks.values():
        left = np.flatnonzero(model.predict(moved) == y)
        if left.size:
            ours = ball.of(left)
            moved[left] = attack(model, X[left], y[left], ball=ours, seed=seed)
    return moved


def nearest(
    model: Differentiable,
    X: Floats,
    y: Ints,
    *,
    attack: Attack,
    ball: Ball,
    halvings: int = 8,
    seed: int,
) -> Floats:
    """The nearest wrong rows that an attack finds, by halving each row's own radius.

    Their distance is an upper bound of the smallest change: no weaker attacker needs
    more, a stronger one may need less.

    Parameters
    ----------
    attack : attack
        Run once for each halving.
    ball : Ball
        The largest that is tried. The others are as for `apgd`.

    Returns
    -------
    ndarray of shape (n, d)
        A row that is wrong already, or that withstands the whole ball, is left alone.
    """
    best, least = np.array(X), np.zeros((len(X), 1))
    most = radius = np.broadcast_to(np.asarray(ball.radius, float), least.shape)
    for _ in range(halvings + 1):
        small = replace(ball, radius=radius)
        moved = attack(model, X, y, ball=small, seed=seed)
        wrong = (model.predict(moved) != y)[:, np.newaxis]
        best = np.where(wrong, moved, best)
        most, least = np.where(wrong, radius, most), np.where(wrong, least, radius)
        radius = (least + most) / 2
    return _chosen(model.predict(X) != y, X, best)


# ---------------------------------------------------------------- exactly


def reach(model: Network, X: Floats, y: Ints, *, norm: Norm = "Linf") -> Floats:
    """Distance of each row from the boundary of a linear model, exactly.

    The lead over a rival class falls fastest along the difference of their weights, by
    that difference's dual norm for each unit of distance; the nearest rival decides.

    Parameters
    ----------
    model : Network
        Of a single layer.
    X : ndarray of shape (n, d)
    y : ndarray of shape (n,)
    norm : {"Linf", "L2"}

    Returns
    -------
    ndarray of shape (n,)
        0 where the model is wrong already. No box is heeded.

    Raises
    ------
    BadInput
        The model is not linear.
    """
    if len(model.layers) != 1:
        raise BadInput(f"got {model}; wanted a linear model, a network of one layer")
    weight, _ = model.layers[0]
    apart = weight[:, y].T[:, :, np.newaxis] - weight[np.newaxis]
    speed = np.linalg.norm(apart, ord=1 if norm == "Linf" else 2, axis=1)
    scores = model.logits(X)
    lead = scores[np.arange(len(y)), y][:, np.newaxis] - scores
    rival = np.arange(scores.shape[1]) != y[:, np.newaxis]
    far = np.where(rival, lead / np.where(rival, speed, 1), np.inf)
    return np.asarray(np.maximum(far.min(axis=1), 0))


@dataclass(frozen=True, eq=False)
class Boxes:
    """The regions in which a forest gives one answer: above `low`, up to `high`."""

    low: Floats
    high: Floats
    answer: Ints


@dataclass(frozen=True, eq=False)
class Rules:
    """What may be changed about a row, and to what.

    Parameters
    ----------
    free : ndarray of bool, shape (d,)
        Columns that may change.
    low, high : ndarray of shape (d,)
        Least and greatest value of a changed column.
    whole : bool
        Whether changed values must be whole numbers.
    """

    free: Bools
    low: Floats
    high: Floats
    whole: bool = True


def anything(columns: int) -> Rules:
    """The rules of who may change every column to any value."""
    wide = np.full(columns, np.inf)
    return Rules(np.ones(columns, bool), -wide, wide, whole=False)


def boxes(forest: Any, *, most: int = 100_000) -> Boxes:
    """All regions of a forest, each with its answer [kantchelian2016evasion].

    A region is a set of leaves, one of each tree, that a row can reach together.

    Parameters
    ----------
    forest : RandomForestClassifier
        scikit-learn's, small.
    most : int
        Regions that are too many.

    Raises
    ------
    BadInput
        The forest has more regions than `most`.
    """
    d, k = forest.n_features_in_, len(forest.classes_)
    low, high = np.full((1, d), -np.inf), np.full((1, d), np.inf)
    votes = np.zeros((1, k))
    for estimator in forest.estimators_:
        least, greatest, share = _leaves(estimator.tree_, d)
        if len(low) * len(least) > 50 * most:
            raise BadInput(
                f"got a forest with over {most} regions; wanted a smaller one"
            )
        low = np.maximum(low[:, None], least).reshape(-1, d)
        high = np.minimum(high[:, None], greatest).reshape(-1, d)
        votes = (votes[:, None] + share).reshape(-1, k)
        some = (low < high).all(axis=1)
        low, high, votes = low[some], high[some], votes[some]
    return Boxes(low, high, np.asarray(forest.classes_)[likeliest(votes)])


def _leaves(tree: Any, d: int) -> tuple[Floats, Floats, Floats]:
    """The box of each leaf of a tree, (m, d) twice, and its shares, (m, k)."""
    low = np.full((tree.node_count, d), -np.inf)
    high = -low
    family = zip(tree.children_left, tree.children_right, strict=True)
    for node, (left, right) in enumerate(family):  # a child comes after its parent
        if left != right:
            column, cut = tree.feature[node], tree.threshold[node]
            low[[left, right]], high[[left, right]] = low[node], high[node]
            high[left, column] = min(high[left, column], cut)
            low[right, column] = max(low[right, column], cut)
    ends = tree.children_left == tree.children_right
    votes = tree.value[ends, 0]
    return low[ends], high[ends], votes / votes.sum(axis=1, keepdims=True)


def cheapest(
    regions: Boxes, X: Floats, *, wanted: int, scale: Floats, rules: Rules
) -> Floats:
    """The nearest rows that get the wanted answer and keep the rules, exactly.

    In each region with that answer the nearest row is found column by column; the
    nearest of these is the nearest of all [kantchelian2016evasion].

    Parameters
    ----------
    regions : Boxes
    X : ndarray of shape (n, d)
    wanted : int
    scale : ndarray of shape (d,)
        What counts as one unit in each column; the distance is Euclidean.
    rules : Rules

    Returns
    -------
    ndarray of shape (n, d)
        Rows in float32's precision, in which trees compare; a row for which nothing
        that is allowed helps is left alone.
    """
    good = regions.answer == wanted
    above, up_to, rows = regions.low[good], regions.high[good], X[:, np.newaxis]
    low, high = _ends(above, up_to, rules)
    seen = rows.astype(np.float32)  # as trees compare
    inside = (above < seen) & (seen <= up_to)  # (n, m, d): such a column stays
    place = np.where(inside, rows, np.clip(rows, low, np.maximum(low, high)))
    change = place - rows
    allowed = inside | (rules.free & (low <= high))
    cost = np.linalg.norm(change / scale, axis=2)
    cost[~allowed.all(axis=2)] = np.inf
    best = cost.argmin(axis=1)
    found = np.isfinite(cost[np.arange(len(X)), best])
    return _chosen(found, place[np.arange(len(X)), best], X)


def _ends(low: Floats, high: Floats, rules: Rules) -> tuple[Floats, Floats]:
    """Least and greatest value that a rule-abiding row may have in each region."""
    least, greatest = _rounded(low, up=True), _rounded(high, up=False)
    if rules.whole:
        least = np.where(rules.free, np.floor(low) + 1, least)
        greatest = np.where(rules.free, np.floor(high), greatest)
    return (
        np.where(rules.free, np.maximum(least, rules.low), least),
        np.where(rules.free, np.minimum(greatest, rules.high), greatest),
    )


def _rounded(values: Floats, *, up: bool) -> Floats:
    """The next value in float32 above each, or the last one up to it."""
    near = values.astype(np.float32)
    past = near <= values if up else near > values
    side = np.float32(np.inf if up else -np.inf)
    return np.where(past, np.nextafter(near, side), near).astype(np.float64)


# ---------------------------------------------------------------- the judge


def judge(
    victim: Victim,
    rows: Dataset,
    *,
    attacks: Mapping[str, Attack],
    ball: Ball,
    seed: int,
) -> BeforeAfter:
    """Right answers before and after each attack, and after the worst for each row.

    A row counts after an attack only if it was answered rightly before, too.

    Parameters
    ----------
    victim : Victim
        Its model is differentiable.
    rows : Dataset
        Rows that the victim was not made from.
    attacks : mapping of str to attack
    ball : Ball
    seed : int
        Of each attack.

    Raises
    ------
    BadInput
        The model has no gradient, or an attack left its ball.
    """
    model = _white(victim.model)
    before = model.predict(rows.X) == rows.y
    after = {
        name: before & _withstood(model, rows, attack, ball, seed)
        for name, attack in attacks.items()
    }
    if len(after) > 1:
        after["the worst for each row"] = np.all(list(after.values()), axis=0)
    return BeforeAfter(
        {name: (before, right) for name, right in after.items()}, "after the attack"
    )


def judge_radii(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    attack: Attack,
    radii: Sequence[float],
    ball: Ball,
    seed: int,
) -> DoseResponse:
    """Share of rows answered rightly although moved, over how far they may be moved.

    Parameters
    ----------
    victims : mapping of str to Victim
        The first as it was, the others defended.
    rows : Dataset
        Rows that the victims were not made from.
    attack : attack
    radii : sequence of float
        Ascending.
    ball : Ball
        Gives the norm and the box; its radius is not used.
    seed : int

    Returns
    -------
    DoseResponse
        Over the rows.
    """
    right = {}
    for name, victim in victims.items():
        model = _white(victim.model)
        clean = model.predict(rows.X) == rows.y
        balls = [replace(ball, radius=radius) for radius in radii]
        held = [clean & _withstood(model, rows, attack, b, seed) for b in balls]
        right[name] = np.array(held)
    meanings: dict[str, Meaning] = dict.fromkeys(victims, "defence")
    meanings[next(iter(victims))] = "victim"
    return DoseResponse(
        np.asarray(radii, dtype=np.float64),
        right,
        f"largest change, {ball.norm}",
        "rows answered rightly",
        meanings,
        units="rows",
    )


def judge_linear(
    victim: Victim,
    rows: Dataset,
    *,
    radii: Sequence[float],
    ball: Ball,
    seed: int,
) -> DoseResponse:
    """What `pgd` leaves of a linear model, and what must be left, over the radius.

    Parameters
    ----------
    victim : Victim
        Its model is linear.
    rows, radii, ball, seed
        As for `judge_radii`; the ball's box should not bind.
    """
    exact = reach(_linear(victim.model), rows.X, rows.y, norm=ball.norm)
    found = judge_radii(
        {"PGD": victim}, rows, attack=pgd, radii=radii, ball=ball, seed=seed
    )
    bound = exact > np.asarray(radii)[:, np.newaxis]
    return replace(
        found,
        responses={"exact": bound, **found.responses},
        meanings={"exact": "chance", "PGD": "attacker"},
    )


def judge_transfer(
    victim: Victim,
    rows: Dataset,
    *,
    models: Mapping[str, Differentiable],
    attack: Attack,
    ball: Ball,
    seed: int,
) -> BeforeAfter:
    """Right answers of the victim to rows that were made to fool other models.

    Parameters
    ----------
    models : mapping of str to Differentiable
        What the attacker has. The others are as for `judge`.
    """
    attacks = {name: carried(attack, own) for name, own in models.items()}
    found = judge(victim, rows, attacks=attacks, ball=ball, seed=seed)
    outcomes = {name: found.outcomes[name] for name in models}
    return BeforeAfter(outcomes, found.change)


def judge_distance(
    victim: Victim,
    rows: Dataset,
    moved: Mapping[str, Floats],
    *,
    scale: Floats,
    costs: Sequence[float],
) -> DoseResponse:
    """Share of rows whose answer is turned, over how far they had to be moved.

    Parameters
    ----------
    victim : Victim
    rows : Dataset
        The rows as they were.
    moved : mapping of str to ndarray of shape (n, d)
        The same rows as each attacker has moved them.
    scale : ndarray of shape (d,)
        What counts as one unit in each column; the distance is Euclidean.
    costs : sequence of float
        Ascending.
    """
    before = victim.model.predict(rows.X)
    turned = {}
    for name, changed in moved.items():
        far = distance(rows.X / scale, changed / scale, norm="L2")
        far[victim.model.predict(changed) == before] = np.inf
        turned[name] = far <= np.asarray(costs)[:, np.newaxis]
    return DoseResponse(
        np.asarray(costs, dtype=np.float64),
        turned,
        "largest change, in standard deviations",
        "answers turned",
        dict.fromkeys(moved, "attacker"),
        units="rows",
    )


def judge_checks(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    stranger: Differentiable,
    ball: Ball,
    steps: int = 20,
    queries: int = 300,
    seed: int,
) -> Matrix:
    """Whether the robustness that `pgd` claims can be believed [carlini2019evaluating].

    A check that fails is marked as an attack that the claim did not notice.

    Parameters
    ----------
    victims : mapping of str to Victim
    rows : Dataset
        Images that the victims were not made from.
    stranger : Differentiable
        A model that somebody else trained for the same task.
    ball : Ball
    steps : int
        Of `pgd`; one check takes five times as many.
    queries : int
        Of `square`.
    seed : int
    """
    image = rows.image or (1, rows.X.shape[1])
    others: dict[str, Attack] = {
        "with five times the steps": partial(pgd, steps=5 * steps),
        "Square leaves": asking(partial(square, image=image, queries=queries)),
        "another's PGD leaves": carried(partial(pgd, steps=steps), stranger),
    }
    columns = [
        _checked(_white(victim.model), rows, ball, others, steps, seed)
        for victim in victims.values()
    ]
    names = list(columns[0])
    cells = [[column[name] for column in columns] for name in names]
    return Matrix(names, list(victims), cells, corner="the check")


def _checked(
    model: Differentiable,
    rows: Dataset,
    ball: Ball,
    others: Mapping[str, Attack],
    steps: int,
    seed: int,
) -> dict[str, Cell]:
    """Each check of one model, and whether it holds."""
    X, y = rows.X, rows.y
    clean = model.predict(X) == y

    def loss(moved: Floats) -> float:
        return float(np.mean(cross_entropy(model.logits(moved), y)[0]))

    def share(held: Bools, holds: Callable[[float], bool]) -> Cell:
        good = holds(float(np.mean(held)))
        return counted(held, "no attack" if good else "unnoticed")

    def right(attack: Attack, ball: Ball) -> Bools:
        held = _withstood(model, rows, attack, ball, seed)
        return np.asarray(clean & held)

    claim = partial(pgd, steps=steps)
    claimed = right(claim, ball)
    before, after = loss(X), loss(claim(model, X, y, ball=ball, seed=seed))
    rises: Outcome = "no attack" if after > 1.1 * before else "unnoticed"
    flat = np.asarray(~model.gradient(X, y).any(axis=1))
    unbound = right(claim, replace(ball, radius=1.0))
    least = float(np.mean(claimed)) - 0.05
    return {
        "rows with no gradient": share(flat, lambda s: s < 0.05),
        "loss before": Cell(before, n=len(y), form="{:.2f}"),
        "loss after PGD": Cell(after, rises, n=len(y), form="{:.2f}"),
        "PGD leaves": share(claimed, lambda _: True),
        "with any change allowed": share(unbound, lambda s: s < 0.05),
        **{
            name: share(right(attack, ball), lambda s: s > least)
            for name, attack in others.items()
        },
    }


def _withstood(
    model: Differentiable, rows: Dataset, attack: Attack, ball: Ball, seed: int
) -> Bools:
    """Whether each row is answered rightly where the attack has moved it."""
    if not np.any(ball.radius):
        return np.asarray(model.predict(rows.X) == rows.y)
    moved = attack(model, rows.X, rows.y, ball=ball, seed=seed)
    far = float(np.max(ball.spent(rows.X, moved) - np.ravel(ball.radius)))
    if far > 1e-9 or moved.min() < ball.low - 1e-9 or moved.max() > ball.high + 1e-9:
        raise BadInput(
            f"got an attack that moved a row {far:.2g} too far, or out of its box; "
            "wanted moves inside the ball, or the measurement means nothing"
        )
    return np.asarray(model.predict(moved) == rows.y)


def _white(model: object) -> Differentiable:
    """The model, if its gradient can be followed."""
    if not isinstance(model, Differentiable):
        raise BadInput(
            f"got a {type(model).__name__}, which has no gradient; wanted a network "
            "or an attack that only asks"
        )
    return model


def _linear(model: object) -> Network:
    if not isinstance(model, Network):
        raise BadInput(f"got a {type(model).__name__}; wanted a linear network")
    return model
