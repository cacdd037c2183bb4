"""What is left of a model when its rows are moved?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Bools, Floats
from foible.attacks.evasion.gradient import Attack, pgd
from foible.attacks.evasion.joined import asking, carried
from foible.attacks.evasion.linear import reach
from foible.attacks.evasion.losses import cross_entropy
from foible.attacks.evasion.squares import square
from foible.data import Dataset
from foible.errors import BadInput
from foible.evidence import BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.judging import counted, panel, sweep
from foible.models import (
    Differentiable,
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
    model = as_differentiable(victim.model)
    before = model.predict(rows.X) == rows.y
    after = {
        name: _held(model, rows, attack, ball, seed) for name, attack in attacks.items()
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
    models = {name: as_differentiable(v.model) for name, v in victims.items()}

    def held(radius: float) -> dict[str, Bools]:
        reach = replace(ball, radius=radius)
        return {
            name: _held(model, rows, attack, reach, seed)
            for name, model in models.items()
        }

    lines: dict[str, Meaning] = dict.fromkeys(victims, "defence")
    return sweep(
        radii,
        held,
        lines=lines | {next(iter(victims)): "victim"},
        dose_name=f"largest change, {ball.norm}",
        response_name="rows answered rightly",
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
    exact = reach(as_network(victim.model, most=1), rows.X, rows.y, norm=ball.norm)
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
    needed = {}
    for name, changed in moved.items():
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

    def checked(victim: Victim) -> dict[str, Cell]:
        model = as_differentiable(victim.model)
        return _believed(model, rows, ball, others, steps, seed)

    columns = {name: checked(victim) for name, victim in victims.items()}
    return panel(
        {name: name for name in next(iter(columns.values()))},
        columns,
        lambda name, column: column[name],
        corner="the check",
    )


def _believed(
    model: Differentiable,
    rows: Dataset,
    ball: Ball,
    others: Mapping[str, Attack],
    steps: int,
    seed: int,
) -> dict[str, Cell]:
    """Each check of one model, and whether it holds."""
    X, y = rows.X, rows.y

    def loss(moved: Floats) -> float:
        return float(np.mean(cross_entropy(model.logits(moved), y)[0]))

    def share(held: Bools, holds: Callable[[float], bool]) -> Cell:
        good = holds(float(np.mean(held)))
        return counted(held, "no attack" if good else "unnoticed")

    def right(attack: Attack, ball: Ball = ball) -> Bools:
        return _held(model, rows, attack, ball, seed)

    claim = partial(pgd, steps=steps)
    claimed, unbound = right(claim), right(claim, replace(ball, radius=1.0))
    before, after = loss(X), loss(claim(model, X, y, ball=ball, seed=seed))
    rises: Outcome = "no attack" if after > 1.1 * before else "unnoticed"
    flat = np.asarray(~model.gradient(X, y).any(axis=1))
    least = float(np.mean(claimed)) - 0.05
    return {
        "rows with no gradient": share(flat, lambda s: s < 0.05),
        "loss before": Cell(before, n=len(y), form="{:.2f}"),
        "loss after PGD": Cell(after, rises, n=len(y), form="{:.2f}"),
        "PGD leaves": share(claimed, lambda _: True),
        "with any change allowed": share(unbound, lambda s: s < 0.05),
        **{
            name: share(right(other), lambda s: s > least)
            for name, other in others.items()
        },
    }


def _held(
    model: Differentiable, rows: Dataset, attack: Attack, ball: Ball, seed: int
) -> Bools:
    """Whether each row is answered rightly before, and where it was moved, too."""
    right = model.predict(rows.X) == rows.y
    if not np.any(ball.radius):
        return np.asarray(right)
    moved = attack(model, rows.X, rows.y, ball=ball, seed=seed)
    far = float(np.max(ball.spent(rows.X, moved) - np.ravel(ball.radius)))
    if far > 1e-9 or moved.min() < ball.low - 1e-9 or moved.max() > ball.high + 1e-9:
        raise BadInput(
            f"got an attack that moved a row {far:.2g} too far, or out of its box; "
            "wanted moves inside the ball, or the measurement means nothing"
        )
    return np.asarray(right & (model.predict(moved) == rows.y))
