"""How many right answers are lost without any attacker?"""

from dataclasses import replace
from typing import Any

import numpy as np

from foible.arrays import Bools, Floats, Ints
from foible.checkup.found import Found, counted, in_pieces, percent
from foible.checkup.subject import Subject
from foible.data import Dataset, Group
from foible.domains import Seed
from foible.errors import BadInput
from foible.failures import corruption, incomplete_testing

ROWS = 400
PICTURES = 100
NOISE = 0.25  # standard deviations of each column
HOLES = 0.1  # of the cells
MIDDLE = 3  # of the strengths 1 to 5
FEW = 10  # values of a column that is one of groups
LEAST = 20  # rows of a group
SHUFFLES = 99


def corrupted(subject: Subject, seed: Seed) -> Found:
    """Right answers lost to the worst of the chapter's changes of a picture."""
    if not subject.image:
        raise BadInput("got a table; wanted images: of a table, noise and missing do")
    right = subject.right(PICTURES)
    names = list(corruption.CHANGES)

    def work(part: Dataset, number: int) -> Bools:
        pictures = _in_range(subject, part)
        return np.array(
            [_lost(subject, pictures, name, seed + number) for name in names]
        )

    done, status = in_pieces(right, work)
    lost = np.concatenate([np.empty((len(names), 0), bool), *done], axis=1)
    shares = lost.mean(axis=1) if lost.size else np.zeros(len(names))
    worst = int(shares.argmax())
    also = {name: percent(share) for name, share in zip(names, shares, strict=True)}
    return counted(
        lost[worst],
        status=status,
        wanted=len(right),
        baseline=float(np.median(shares)),
        among=len(names),
        also=also if lost.size else {},
        said={
            "counts": f"right answers lost to {names[worst]}, the worst of 12 changes",
            "against": "the median of the twelve",
        }
        if lost.size
        else {},
    )


def _in_range(subject: Subject, part: Dataset) -> Dataset:
    """The pictures with pixels from 0 to 1."""
    return replace(part, X=subject.inside(part.X))


def _lost(subject: Subject, pictures: Dataset, name: str, seed: int) -> Bools:
    worse = corruption.corrupted(pictures, [(name, MIDDLE)], seed=seed)
    return np.asarray(subject.predict(subject.outside(worse.X)) != pictures.y)


def noisy(subject: Subject, seed: Seed) -> Found:
    """Right answers lost to measurements that are a little off."""
    if subject.image:
        raise BadInput("got images; wanted a table: of images, corruption does")
    right = subject.right(ROWS)

    def work(part: Dataset, number: int) -> Bools:
        rng = np.random.default_rng([seed, number])
        noise = NOISE * rng.standard_normal(part.X.shape) * ~subject.held
        moved = subject.outside(subject.inside(part.X) + noise)
        return np.asarray(subject.predict(moved) != part.y)

    done, status = in_pieces(right, work)
    return counted(_joined(done), status=status, wanted=len(right), baseline=0.0)


def _joined(done: list[Bools]) -> Bools:
    return np.concatenate([np.empty(0, bool), *done])


# ---------------------------------------------------------------- missing values


def missing(subject: Subject, seed: Seed) -> Found:
    """Right answers lost where a tenth of the cells are missing."""
    if subject.image:
        raise BadInput("got images; wanted a table: of images, corruption does")
    right, middle = subject.right(ROWS), _middle(subject)
    takes = _takes_holes(subject, right)

    def work(part: Dataset, number: int) -> Bools:
        holes = np.random.default_rng([seed, number]).random(part.X.shape) < HOLES
        if takes:
            return np.asarray(_with_holes(subject, part.X, holes) != part.y)
        return np.asarray(subject.predict(np.where(holes, middle, part.X)) != part.y)

    done, status = in_pieces(right, work)
    how = "filled with the column's median or commonest word, as it takes no holes"
    if takes:
        how = "left out, which the model takes"
    return counted(
        _joined(done),
        status=status,
        wanted=len(right),
        baseline=0.0,
        said={"tried": f"{HOLES:.0%} of the cells, drawn evenly, are {how}"},
    )


def _middle(subject: Subject) -> Floats:
    """Each column's median, or the code of its commonest word, (d,)."""
    X, held = subject.rows.X, subject.held
    middle = np.median(X, axis=0)
    middle[held] = [np.bincount(one).argmax() for one in X[:, held].astype(int).T]
    return np.asarray(middle)


def _takes_holes(subject: Subject, rows: Dataset) -> bool:
    """Whether the model answers a row of which every second cell is missing."""
    if not hasattr(subject.model, "ask"):
        return False
    holes = np.arange(rows.X.shape[1])[np.newaxis] % 2 == 0
    try:
        _with_holes(subject, rows.X[:1], holes)
    except BadInput:
        return False
    return True


def _with_holes(subject: Subject, X: Floats, holes: Bools) -> Ints:
    """What the model says of rows with holes; BadInput if it does not take them."""
    table: Any = np.where(holes, np.nan, X)
    if subject.model.coding:
        table = subject.model.coding.frame(X).mask(holes)
    subject.watch.tick()
    subject.watch.account.pay(len(X))
    return np.asarray(subject.model.predict(table))


# ---------------------------------------------------------------- groups


def grouped(subject: Subject, seed: Seed) -> Found:
    """Wrong answers in the group that stands out most."""
    if subject.image:
        raise BadInput("got images; wanted a table, whose columns make groups")
    rows = subject.rows
    groups = _groups(subject)
    wrong = subject.told != rows.y
    within = incomplete_testing.inside(rows, groups)
    large = within.sum(axis=1) >= LEAST
    if not large.any():
        raise BadInput(f"got no group of {LEAST} rows; wanted more rows")
    groups = [one for one, big in zip(groups, large, strict=True) if big]
    within = within[large]
    p = incomplete_testing.p_values(within, wrong)
    nothing = incomplete_testing.shuffled(within, wrong, repeats=SHUFFLES, seed=seed)
    stands = incomplete_testing.standing(p, nothing, correction="shuffled")
    worst = int(p.argmin())
    named = _named(subject, groups[worst])
    luck = "more than luck gives" if stands[worst] else "no more than luck gives"
    return counted(
        wrong[within[worst]],
        status="measured",
        wanted=int(within[worst].sum()),
        baseline=float(wrong.mean()),
        among=len(groups),
        also={
            "groups looked at": str(len(groups)),
            f"groups that stand out from {SHUFFLES} shuffles": str(int(stands.sum())),
        },
        said={"counts": f"wrong answers where {named}, {luck}"},
    )


def _groups(subject: Subject) -> list[Group]:
    """A group for each value of a column with few; quarters of every other."""
    rows, found = subject.rows, list[Group]()
    quarters = incomplete_testing.intervals(subject.train or rows, bins=4)
    for name in rows.columns:
        values = np.unique(rows.column(name))
        if len(values) <= FEW or _coded(subject, name):
            found += [{name: (float(v), float(v))} for v in values if len(values) > 1]
        else:
            found += [one for one in quarters if name in one]
    return found


def _coded(subject: Subject, name: str) -> bool:
    return bool(subject.held[subject.rows.position(name)])


def _named(subject: Subject, group: Group) -> str:
    ((name, (low, high)),) = group.items()
    if _coded(subject, name):
        return f"{name} is {subject.model.coding.words[name][int(low)]}"
    if low == high:
        return f"{name} is {low:g}"
    ends = [f"above {low:.3g}"] * bool(np.isfinite(low))
    ends += [f"up to {high:.3g}"] * bool(np.isfinite(high))
    return f"{name} is {' and '.join(ends)}"
