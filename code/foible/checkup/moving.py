"""How many right answers does a small change turn, made on purpose?"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.attacks import evasion
from foible.checkup.found import FEWEST, Found, counted, in_pieces, percent
from foible.checkup.subject import Subject
from foible.data import Dataset
from foible.domains import Count, Seed
from foible.errors import BadInput, BudgetExceeded
from foible.models import Layer, Network, trees
from foible.search import Ball, Norm, distance

OF_TABLE, OF_IMAGE = 0.25, 8 / 255  # standard deviations; of the range of the pixels
ROWS = 200
REGIONS = 20_000  # of trees, whose nearest are looked for one by one
SMALL, LARGE = (50, 200), (20, 100)  # AutoAttack's steps, and its questions of Square
WIDE = 1024  # values from which on a row is large
QUERIES = 300  # of Square alone, for a row
ROUNDS, DRAWS = 10, 30  # of HopSkipJump: less than 1,000 questions for a row
JUMPED = 1000
CURVE = (0.0, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0)  # radii, in that of the check


def radius(subject: Subject, norm: Norm) -> float:
    """How far rows may be moved, in units; of L2 the corner of the Linf ball."""
    size = OF_IMAGE if subject.image else OF_TABLE
    free = int((~subject.held).sum())
    return size if norm == "Linf" else float(size * np.sqrt(free))


def worded(subject: Subject, norm: Norm) -> str:
    """The radius, as a reader would say it."""
    if subject.image:
        size = "each pixel by up to 8/255 of the range"
    else:
        size = f"each column by up to {OF_TABLE:g} of its standard deviation"
    held = ", columns of words held" if subject.held.any() else ""
    if norm == "Linf":
        return f"{size}{held}"
    far, free = radius(subject, norm), int((~subject.held).sum())
    unit = "ranges of a pixel" if subject.image else "standard deviations"
    return f"a Euclidean distance of {far:.2g} {unit}, as if all {free} moved{held}"


# ---------------------------------------------------------------- who has the model


def white(subject: Subject, seed: Seed) -> Found:
    """What the strongest attack finds that knows the model's weights or trees."""
    right, model = subject.right(ROWS), subject.model
    layers = model.layers if isinstance(model, Network) else ()
    if len(layers) == 1 and not subject.image:
        return _linear(subject, right, layers[0], seed)
    if subject.differentiable:
        return _climbed(subject, right, seed)
    return _exact(subject, right, _grown(subject), seed)


def _linear(subject: Subject, right: Dataset, layer: Layer, seed: int) -> Found:
    """The distance of a linear model's boundary, exactly."""
    (weight, bias), (centre, unit) = layer, subject.units
    own = Network(((weight * unit[:, np.newaxis], bias + centre @ weight),))
    far = evasion.reach(own, subject.inside(right.X), right.y)
    return _measured(subject, right, far, "Linf", "the boundary, exactly", seed)


def _grown(subject: Subject) -> evasion.Boxes:
    """All regions of the model's trees; BadInput if it has none, or too many."""
    if subject.model is None:
        raise BadInput("got a model that is only asked; wanted its weights or trees")
    try:
        grown = trees(subject.model)
    except BadInput as refusal:
        raise BadInput(
            f"got {subject.called}; wanted a linear model, a network, or trees that "
            "ask for numbers and are not behind a pipeline"
        ) from refusal
    try:
        return evasion.boxes(grown, most=REGIONS)
    except BadInput as refusal:
        raise BadInput(
            f"got {len(grown.each)} trees with over {REGIONS:,} regions; wanted fewer "
            "for the exact attack, and there is no gradient to follow"
        ) from refusal


def _exact(
    subject: Subject, right: Dataset, regions: evasion.Boxes, seed: int
) -> Found:
    """The nearest region of trees with another answer, exactly."""
    centre, unit = subject.units
    low, high = (np.full(len(unit), end) for end in subject.box)
    rules = evasion.Rules(~subject.held, centre + unit * low, centre + unit * high)
    rules = replace(rules, whole=False)
    far = partial(_nearest, subject, regions, rules)
    done, status = in_pieces(right, far)
    reached = np.concatenate([np.empty(0), *done])
    some = right.take(slice(0, max(1, len(reached))))
    tried = "every region of its trees, exactly"
    found = _measured(subject, some, reached, "L2", tried, seed)
    if status == "measured":
        return found
    return replace(found, status=status, reason=_few(len(reached), len(right)))


def _nearest(
    subject: Subject,
    regions: evasion.Boxes,
    rules: evasion.Rules,
    part: Dataset,
    number: int,
) -> Floats:
    """How far the nearest row is that gets another answer, (n,)."""
    unit, best = subject.units[1], np.full(len(part), np.inf)
    for wanted in np.unique(regions.answer).tolist():
        subject.watch.tick()
        moved = evasion.cheapest(
            regions, part.X, wanted=wanted, scale=unit, rules=rules
        )
        far = distance(part.X / unit, moved / unit, norm="L2")
        other = (part.y != wanted) & (far > 0)
        best = np.where(other, np.minimum(best, far), best)
    return best


def _few(done: int, wanted: int) -> str:
    return f"{done} of {wanted} rows were finished"


def _measured(
    subject: Subject, right: Dataset, far: Floats, norm: Norm, tried: str, seed: int
) -> Found:
    """The share within the radius of distances, and the curve over others."""
    reach = radius(subject, norm)
    shares = tuple(float(np.mean(far <= reach * times)) for times in CURVE)
    blind = _blindly(subject, right, norm, seed)
    half = float(np.median(far))
    also = {"half of the rows turn within": f"{half / reach:.3g} of these radii"}
    if norm == "L2":  # the ball inside that of L∞, where this one is around it
        inner = float(np.mean(far <= radius(subject, "Linf")))
        also["turned within as much in all as in one column"] = percent(inner)
    return counted(
        far <= reach,
        status="measured",
        wanted=len(far),
        baseline=float(blind.mean()),
        also=also,
        curve={"radius": CURVE, "the attack": shares},
        said={"tried": f"{tried} ({norm_named(norm)})"} | _said(subject, norm),
    )


def norm_named(norm: Norm) -> str:
    """The norm as it is printed."""
    return "L∞" if norm == "Linf" else "L2"


def _said(subject: Subject, norm: Norm) -> dict[str, str]:
    return {
        "strength": worded(subject, norm),
        "against": "noise of the same size, drawn once",
    }


def _climbed(subject: Subject, right: Dataset, seed: int) -> Found:
    """What a small AutoAttack turns."""
    ball = Ball(radius(subject, "Linf"), "Linf", *subject.box)
    shape = subject.rows.image or (1, right.X.shape[1])
    steps, tries = LARGE if right.X.shape[1] > WIDE else SMALL
    attacks = evasion.ensemble(shape, steps=steps, queries=tries)

    def work(part: Dataset, number: int) -> tuple[Bools, Bools]:
        Z = subject.inside(part.X)
        moved = evasion.autoattack(
            subject.white, Z, part.y, ball=ball, attacks=attacks, seed=seed + number
        )
        blind = _blindly(subject, part, "Linf", seed + number)
        return _turned(subject, moved, part.y), blind

    tried = f"AutoAttack of {steps} steps and {tries} questions for each row (L∞)"
    return _pieced(subject, right, work, "Linf", tried)


# ---------------------------------------------------------------- who may only ask


def asking(subject: Subject, seed: Seed) -> Found:
    """What is found by somebody who sees nothing but the answers.

    BudgetExceeded: too few questions are left to begin.
    """
    scores = subject.answers == "probabilities"
    each = QUERIES + 2 if scores else JUMPED  # two for what is counted
    count = min(ROWS // 2, subject.watch.left // each)
    if count < FEWEST:
        raise BudgetExceeded(
            f"got {subject.watch.left} questions for this check; wanted {each} for "
            f"each of {FEWEST} rows or more"
        )
    right = subject.right(count)
    return (_searched if scores else _jumped)(subject, right, seed)


def _searched(subject: Subject, right: Dataset, seed: int) -> Found:
    """What Square turns, which is told scores."""
    ball = Ball(radius(subject, "Linf"), "Linf", *subject.box)
    shape = subject.rows.image or (1, right.X.shape[1])

    def work(part: Dataset, number: int) -> tuple[Bools, Bools]:
        moved = evasion.square(
            subject.oracle_in_units(),
            subject.inside(part.X),
            part.y,
            ball=ball,
            image=shape,
            queries=QUERIES,
            seed=seed + number,
        )
        blind = _blindly(subject, part, "Linf", seed + number)
        return _turned(subject, moved, part.y), blind

    tried = f"Square, told scores, {QUERIES} questions for each row (L∞)"
    return _pieced(subject, right, work, "Linf", tried, first=32)


def _jumped(subject: Subject, right: Dataset, seed: int) -> Found:
    """What HopSkipJump turns, which is told labels."""
    reach = radius(subject, "L2")

    def work(part: Dataset, number: int) -> tuple[Bools, Bools]:
        Z = subject.inside(part.X)
        start, begun = _starts(subject, part, seed + number)
        turned = np.zeros(len(part), bool)
        if begun.any():
            moved = evasion.hopskipjump(
                subject.oracle_in_units(label=True),
                Z[begun],
                part.y[begun],
                start=start[begun],
                rounds=ROUNDS,
                draws=DRAWS,
                box=subject.box,
                seed=seed + number,
            )
            near = _far(subject, Z[begun], moved) <= reach
            turned[begun] = near & _turned(subject, moved, part.y[begun])
        return turned, _blindly(subject, part, "L2", seed + number)

    tried = f"HopSkipJump, told labels, at most {JUMPED} questions for each row (L2)"
    return _pieced(subject, right, work, "L2", tried, first=16)


def _starts(subject: Subject, part: Dataset, seed: int) -> tuple[Floats, Bools]:
    """For each row one in units that is answered otherwise, and whether there is one.

    Columns of words stay as they are in the row.
    """
    rng, pool = np.random.default_rng(seed), subject.inside(subject.rows.X)
    start, left = subject.inside(part.X), np.arange(len(part))
    for _ in range(20):
        tried = pool[rng.integers(len(pool), size=len(left))]
        tried = np.where(subject.held, start[left], tried)
        other = _turned(subject, tried, part.y[left])
        start[left[other]], left = tried[other], left[~other]
        if not len(left):
            break
    begun = np.ones(len(part), bool)
    begun[left] = False
    return start, begun


# ---------------------------------------------------------------- what is counted


def _pieced(
    subject: Subject,
    right: Dataset,
    work: Callable[[Dataset, int], tuple[Bools, Bools]],
    norm: Norm,
    tried: str,
    *,
    first: Count = 8,
) -> Found:
    """What work turned, piece by piece, beside what noise did."""
    done, status = in_pieces(right, work, first=first)
    none = np.empty(0, bool)
    turned, blind = (np.concatenate([none, *(d[i] for d in done)]) for i in (0, 1))
    return counted(
        turned,
        status=status,
        wanted=len(right),
        baseline=float(blind.mean()) if len(blind) else None,
        said={"tried": tried} | _said(subject, norm),
    )


def _turned(subject: Subject, Z: Floats, y: Ints) -> Bools:
    return np.asarray(subject.predict(subject.outside(Z)) != y)


def _blindly(subject: Subject, part: Dataset, norm: Norm, seed: int) -> Bools:
    """Which answers are turned by noise that is as large as the change may be."""
    Z, rng = subject.inside(part.X), np.random.default_rng(seed)
    reach = radius(subject, norm)
    if norm == "Linf":
        noise = reach * rng.choice([-1.0, 1.0], Z.shape)
    else:
        noise = rng.standard_normal(Z.shape) * ~subject.held
        noise *= reach / np.linalg.norm(noise, axis=1, keepdims=True)
    moved = np.clip(Z + noise * ~subject.held, *subject.box)
    return _turned(subject, moved, part.y)


def _far(subject: Subject, one: Floats, other: Floats) -> Floats:
    """Euclidean distance in the columns that may change, (n,)."""
    free = ~subject.held
    return distance(one[:, free], other[:, free], norm="L2")
