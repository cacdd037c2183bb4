"""What is left of a model when its rows are moved?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Bools, Floats
from foible.attacks.evasion.exact import reach
from foible.attacks.evasion.gradient import Evasion, pgd
from foible.attacks.evasion.joined import asking
from foible.attacks.evasion.losses import cross_entropy
from foible.attacks.evasion.squares import square
from foible.data import Dataset
from foible.domains import Amount, Count, Natural, Seed
from foible.errors import BadInput
from foible.evidence import BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.judging import averaged, counted, sweep
from foible.models import (
    Classifier,
    Differentiable,
    as_classifier,
    as_differentiable,
    as_network,
)
from foible.plots import Meaning
from foible.search import Ball, distance
from foible.victim import Victim


def judge(
    victim: Victim,
    rows: Dataset,
    *,
    attacks: Mapping[str, Evasion],
    ball: Ball,
    seed: Seed,
) -> BeforeAfter:
    """Right answers before and after each attack, and after the worst for each row.

    A row counts after an attack only if it was answered rightly before, too. The rows
    are such as the victim was not made from, the seed is each attack's.

    BadInput: the model has no gradient, or an attack left its ball.
    """
    model = as_differentiable(victim.model)
    before = model.predict(rows.X) == rows.y
    after = {n: _held(model, rows, attack, ball, seed) for n, attack in attacks.items()}
    if len(after) > 1:
        after["the worst for each row"] = np.all(list(after.values()), axis=0)
    outcomes = {name: (before, right) for name, right in after.items()}
    return BeforeAfter(outcomes, "after the attack")


def judge_transfer(
    victim: Victim,
    rows: Dataset,
    *,
    models: Mapping[str, Differentiable],
    attack: Evasion,
    ball: Ball,
    seed: Seed,
) -> BeforeAfter:
    """As `judge`, with rows that were made to fool the models that an attacker has.

    The victim need not have a gradient.
    """
    model = as_classifier(victim.model)
    before = model.predict(rows.X) == rows.y
    outcomes = {
        name: (before, _withstood(model, rows, partial(attack, own), ball, seed))
        for name, own in models.items()
    }
    return BeforeAfter(outcomes, "after the attack")


def judge_radii(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    attack: Evasion,
    radii: Sequence[Amount],
    ball: Ball,
    seed: Seed,
) -> DoseResponse:
    """Share of rows answered rightly although moved, over how far they may be moved.

    The first victim is as it was, the others are defended. The ball gives the norm and
    the box, its radius is not used; the others are as for `judge`.
    """
    models = {name: as_differentiable(v.model) for name, v in victims.items()}

    def held(radius: float) -> dict[str, Bools]:
        reached = replace(ball, radius=radius)
        return {n: _held(m, rows, attack, reached, seed) for n, m in models.items()}

    lines: dict[str, Meaning] = dict.fromkeys(victims, "defence")
    return sweep(
        radii,
        held,
        lines=lines | {next(iter(victims)): "victim"},
        dose_name=f"largest change, {ball.norm.replace('Linf', 'L∞')}",
        response_name="rows answered rightly",
        units="rows",
    )


def judge_linear(
    victim: Victim, rows: Dataset, *, radii: Sequence[Amount], ball: Ball, seed: Seed
) -> DoseResponse:
    """What `pgd` leaves of a linear model, and what must be left, over the radius.

    As `judge_radii` for one linear model; the ball's box should not bind.
    """
    exact = reach(as_network(victim.model, most=1), rows.X, rows.y, norm=ball.norm)
    found = judge_radii(
        {"PGD": victim}, rows, attack=pgd, radii=radii, ball=ball, seed=seed
    )
    return replace(
        found,
        responses={"exact": exact > found.dose[:, np.newaxis], **found.responses},
        meanings={"exact": "chance", "PGD": "attacker"},
    )


def judge_distance(
    victim: Victim,
    rows: Dataset,
    moved: Mapping[str, Floats],
    *,
    scale: Floats,
    costs: Sequence[Amount],
) -> DoseResponse:
    """Share of rows whose answer is turned, over how far they had to be moved.

    Parameters
    ----------
    moved : mapping of str to ndarray of shape (n, d)
        The rows as each attacker has moved them; NaN for one for which none was found.
    scale : ndarray of shape (d,)
        What counts as one unit in each column; the distance is Euclidean.
    """
    before, needed = victim.model.predict(rows.X), {}
    for name, changed in moved.items():
        changed = np.where(np.isnan(changed), rows.X, changed)
        far = distance(rows.X / scale, changed / scale, norm="L2")
        needed[name] = np.where(victim.model.predict(changed) == before, np.inf, far)
    return sweep(
        costs,
        lambda cost: {name: far <= cost for name, far in needed.items()},
        lines=dict.fromkeys(moved, "attacker"),
        dose_name="largest change, in standard deviations",
        response_name="answers turned",
        units="rows",
    )


def judge_checks(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    stranger: Differentiable,
    ball: Ball,
    steps: Natural = 20,
    queries: Count = 300,
    seed: Seed,
) -> Matrix:
    """Whether the robustness that `pgd` claims can be believed [carlini2019evaluating].

    A check that fails is marked as what the claim did not notice. By its value alone it
    fails if 5% of the rows have no gradient, or withstand any change; if another attack
    leaves 5 points less than `pgd`; if the loss rises by less than a tenth.

    Parameters
    ----------
    stranger : Differentiable
        A model that somebody else trained for the same task.
    steps, queries : int
        Of `pgd`, of which one check takes five times as many, and of `square`.
    """
    image, claim = rows.image or (1, rows.X.shape[1]), partial(pgd, steps=steps)
    foreign = claim(stranger, rows.X, rows.y, ball=ball, seed=seed)
    others: dict[str, Evasion] = {
        "with five times the steps": partial(pgd, steps=5 * steps),
        "Square leaves": asking(partial(square, image=image, queries=queries)),
        "another's PGD leaves": _made(foreign),
    }
    columns = [
        _checked(as_differentiable(victim.model), rows, claim, others, ball, seed)
        for victim in victims.values()
    ]
    cells = [[column[name] for column in columns] for name in columns[0]]
    return Matrix(list(columns[0]), list(victims), cells, "the check")


def _checked(
    model: Differentiable,
    rows: Dataset,
    claim: Evasion,
    others: Mapping[str, Evasion],
    ball: Ball,
    seed: int,
) -> dict[str, Cell]:
    """Each check of one model."""
    X, y = rows.X, rows.y
    moved = claim(model, X, y, ball=ball, seed=seed)
    flat = ~model.gradient(X, y).any(axis=1)
    claimed = _held(model, rows, _made(moved), ball, seed)
    rest = _held(model, rows, claim, replace(ball, radius=1.0), seed)
    before, after = (cross_entropy(model.logits(Z), y)[0] for Z in (X, moved))
    least = claimed.mean() - 0.05
    left = {name: _held(model, rows, a, ball, seed) for name, a in others.items()}
    return {
        "rows with no gradient": counted(flat, _seen(flat.mean() < 0.05)),
        "loss before": averaged(before, form="{:.2f}"),
        "loss after PGD": averaged(
            after, _seen(after.mean() > 1.1 * before.mean()), form="{:.2f}"
        ),
        "PGD leaves": counted(claimed),
        "with any change allowed": counted(rest, _seen(rest.mean() < 0.05)),
    } | {name: counted(held, _seen(held.mean() > least)) for name, held in left.items()}


def _made(moved: Floats) -> Evasion:
    """An attack whose rows are there already."""
    return lambda _, X, y, /, *, ball, seed: moved


def _seen(holds: bool | np.bool_) -> Outcome:
    return "no attack" if holds else "unnoticed"


def _held(
    model: Differentiable, rows: Dataset, attack: Evasion, ball: Ball, seed: int
) -> Bools:
    """Whether each row is answered rightly before, and where it was moved, too."""
    return _withstood(model, rows, partial(attack, model), ball, seed)


def _withstood(
    model: Classifier,
    rows: Dataset,
    attack: Callable[..., Floats],
    ball: Ball,
    seed: int,
) -> Bools:
    """As `_held`, with an attack that has its model; no row may leave its ball."""
    right = model.predict(rows.X) == rows.y
    if not np.any(ball.radius):
        return np.asarray(right)
    moved = attack(rows.X, rows.y, ball=ball, seed=seed)
    far = float(np.max(ball.spent(rows.X, moved) - np.ravel(ball.radius)))
    if far > 1e-9 or moved.min() < ball.low - 1e-9 or moved.max() > ball.high + 1e-9:
        raise BadInput(
            f"got an attack that moved a row {far:.2g} too far, or out of its box; "
            "wanted moves inside the ball, or the measurement means nothing"
        )
    return np.asarray(right & (model.predict(moved) == rows.y))
