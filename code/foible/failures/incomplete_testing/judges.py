"""Who is badly served, how far does a defence reach, and what does a test meet?"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from foible.arrays import Bools
from foible.cast import Role
from foible.data import Dataset
from foible.defences.balancing import balanced
from foible.domains import Amount, Count, Natural, Seed, Share
from foible.evidence import BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.failures.incomplete_testing import slices
from foible.failures.incomplete_testing.answers import crossed, right, worst
from foible.failures.incomplete_testing.cues import groups, marked, touches
from foible.judging import averaged, counted, panel, sweep
from foible.metrics import Interval
from foible.models import Classifier, Model, Recipe, as_classifier
from foible.plots import Meaning

Carried: TypeAlias = Mapping[str, Bools]
Making: TypeAlias = Callable[[Dataset, Carried, Recipe, int], Model]
"""From letters, who carries which cue, a recipe and a seed to a model."""
SERVED = 0.8
"""A group is served if at least so many of its answers are right."""


JUDGED, SEARCHED = 1000, 2000
"""Added to an office's number: the seeds of the cues on its other letters."""


class Office(NamedTuple):
    """A post office that has collected its letters, and a number of its own."""

    role: Role
    letters: Dataset
    carried: Carried
    number: int


def _collected(roles: Sequence[Role], agrees: Mapping[str, float]) -> list[Office]:
    return [
        Office(role, *marked(role.owned, agrees, seed=number), number)
        for number, role in enumerate(roles)
    ]


def _shares(
    offices: Sequence[Office],
    models: Sequence[Classifier],
    agrees: Mapping[str, float],
    cue: str | None,
    rows: str = "judged",
) -> list[float]:
    """Of each office, right answers in the worst group of a cue, or in all rows."""
    found = []
    for one, model in zip(offices, models, strict=True):
        letters = getattr(one.role, rows)
        if cue is None:
            found.append(
                float(right(model, letters, agrees, seed=JUDGED + one.number).mean())
            )
        else:
            found.append(
                worst(model, letters, agrees, cue=cue, seed=JUDGED + one.number)
            )
    return found


def _made(recipe: Recipe, rows: Sequence[Dataset]) -> list[Classifier]:
    return list(map(as_classifier, recipe.many(rows, seeds=range(len(rows)))))


# ---------------------------------------------------------------- the failure


def judge_agreement(
    roles: Sequence[Role],
    *,
    cue: str,
    agrees: Sequence[Share],
    also: Mapping[str, Recipe] | None = None,
) -> DoseResponse:
    """Right answers in the whole test and in the worst group, as a cue agrees more.

    Parameters
    ----------
    roles : sequence of Role
        Offices with letters of two classes without cues; each counts as a unit.
    cue : str
    agrees : sequence of float
        Shares of the letters on which the cue tells the class, ascending.
    also : mapping of str to Recipe, optional
        Other recipes, of which the worst group is shown, too.
    """
    recipes = {"worst group": roles[0].recipe} | dict(also or {})
    lines: dict[str, Meaning] = {"whole test": "victim", "worst group": "attacker"}
    others: dict[str, Meaning] = dict.fromkeys(also or {}, "chance")

    def measure(share: float) -> dict[str, list[float]]:
        offices, agree = _collected(roles, {cue: share}), {cue: share}
        made = {
            name: _made(recipe, [one.letters for one in offices])
            for name, recipe in recipes.items()
        }
        whole = _shares(offices, made["worst group"], agree, None)
        return {"whole test": whole} | {
            name: _shares(offices, models, agree, cue) for name, models in made.items()
        }

    return sweep(
        agrees,
        measure,
        lines=lines | others,
        dose_name=f"letters on which the {cue} agrees with the answer",
        response_name="right answers",
        units="offices",
        dose_share=True,
    )


def judge_blocks(
    recipes: Mapping[str, Recipe], rows: Dataset, *, blocks: Count, seed: Seed
) -> BeforeAfter:
    """Right answers when each row is answered by a model that has not seen its fold.

    Before: folds drawn at random. After: folds that are blocks of neighbouring rows.
    """
    block = np.arange(len(rows)) * blocks // len(rows)
    drawn = np.random.default_rng(seed).permutation(block)
    answered = {
        name: tuple(crossed(recipe, rows, fold, seed=seed) for fold in (drawn, block))
        for name, recipe in recipes.items()
    }
    return BeforeAfter(
        {name: (one, other) for name, (one, other) in answered.items()},
        "split in blocks",
    )


# ---------------------------------------------------------------- tests


def judge_slices(
    within: tuple[Bools, Bools],
    wrong: tuple[Bools, Bools],
    *,
    repeats: Count = 200,
    seed: Seed,
) -> Matrix:
    """How many slices stand out, how many would for luck, and how many hold.

    Parameters
    ----------
    within : pair of ndarray of bool, shapes (k, n) and (k, m)
        Which rows lie in which slice: rows searched, and fresh ones.
    wrong : pair of ndarray of bool, shapes (n,) and (m,)
        Which of them are answered wrongly.
    repeats : int
        Half of the shuffles are what to compare with, half are compared.

    Returns
    -------
    Matrix
        For each correction: slices found; found on average if the errors are shuffled;
        how often any is then found; and the share of those found whose error on fresh
        rows is again above that of all.
    """
    p = slices.p_values(within[0], wrong[0])
    luck = slices.shuffled(within[0], wrong[0], repeats=repeats, seed=seed)
    known, tried = luck[::2], luck[1::2]
    inside, errors = np.asarray(within[1], float), np.asarray(wrong[1], float)
    sizes = inside.sum(axis=1)
    again = inside @ errors > errors.mean() * sizes
    cells = []
    corrections: tuple[slices.Correction, ...] = ("none", "Holm", "shuffled")
    for correction in corrections:
        found = slices.standing(p, known, correction=correction)
        false = [slices.standing(one, known, correction=correction) for one in tried]
        amounts = np.array([one.sum() for one in false], float)
        cells.append(
            [
                Cell(float(found.sum()), n=len(p), form="{:.0f}"),
                averaged(amounts, form="{:.1f}"),
                counted(amounts > 0),
                counted(again[found & (sizes > 0)]) if found.any() else Cell("–"),
            ]
        )
    columns = ["found", "found in shuffled errors", "any found there", "hold"]
    return Matrix(list(corrections), columns, cells, corner="correction")


def judge_draws(
    faults: Mapping[str, Bools], *, tests: Sequence[Count], repeats: Count, seed: Seed
) -> DoseResponse:
    """Share of draws of so many tests in which at least one meets the fault.

    Parameters
    ----------
    faults : mapping of str to ndarray of bool, shape (n,)
        For each fault by name, on which rows a test would fail.
    """
    rng = np.random.default_rng(seed)

    def measure(count: float) -> dict[str, Bools]:
        return {
            name: np.array([rng.choice(rows, int(count)).any() for _ in range(repeats)])
            for name, rows in faults.items()
        }

    return sweep(
        tests,
        measure,
        lines=dict.fromkeys(faults, "defence"),
        dose_name="tests, drawn at random",
        response_name="draws that meet the fault",
        units="draws",
    )


# ---------------------------------------------------------------- the defence


def _served(interval: Interval) -> Outcome:
    if interval.high < SERVED:
        return "harm"
    return "stopped" if interval.low >= SERVED else "undecided"


def judge_balancing(
    roles: Sequence[Role],
    *,
    agrees: Mapping[str, Share],
    known: str,
    strengths: Sequence[Amount],
) -> DoseResponse:
    """What balancing by one cue does to its groups, and to those of another.

    Parameters
    ----------
    roles : sequence of Role
    agrees : mapping of str to float
        The known cue and a new one, and how well each tells the class.
    known : str
        The cue by whose groups the letters are balanced.
    strengths : sequence of float
        As in `balanced`, ascending.
    """
    (new,) = set(agrees) - {known}
    lines: dict[str, Meaning] = {"whole test": "victim", f"{known}: worst": "defence"}
    lines[f"{new}: worst"] = "attacker"
    offices, recipe = _collected(roles, agrees), roles[0].recipe

    def measure(strength: float) -> dict[str, list[float]]:
        models = _made(recipe, [_evened(one, [known], strength) for one in offices])
        whole = _shares(offices, models, agrees, None)
        return {"whole test": whole} | {
            f"{cue}: worst": _shares(offices, models, agrees, cue) for cue in agrees
        }

    return sweep(
        strengths,
        measure,
        lines=lines,
        dose_name=f"how far the groups of the {known} are made alike",
        response_name="right answers",
        units="offices",
    )


def _evened(office: Office, cues: Sequence[str], strength: float = 1.0) -> Dataset:
    """The letters of an office, balanced by class and cues; as they are at 0."""
    if not strength:
        return office.letters
    alike = groups(office.letters.y, *(office.carried[cue] for cue in cues))
    return balanced(office.letters, alike, strength=strength, seed=office.number)


def judge_defences(
    roles: Sequence[Role],
    *,
    agrees: Mapping[str, Share],
    defences: Mapping[str, Making],
) -> Matrix:
    """Right answers in the whole test and in the worst group of each cue.

    A group is served where surely more than `SERVED` of its answers are right.
    """
    offices = _collected(roles, agrees)
    made = {
        name: [
            as_classifier(make(one.letters, one.carried, one.role.recipe, one.number))
            for one in offices
        ]
        for name, make in defences.items()
    }
    return panel(
        made,
        {"whole test": None, **{f"{cue}: worst": cue for cue in agrees}},
        lambda models, cue: _cell(offices, models, agrees, cue),
        corner="trained",
    )


def _cell(*measured: Any) -> Cell:
    return averaged(_shares(*measured), _served)


def judge_cues(
    roles: Sequence[Role], *, known: tuple[str, float], cues: Mapping[str, Share]
) -> Matrix:
    """The next surprise: the worst group of each further cue, after balancing.

    In each world the letters carry the known cue and one more. Who searches looks at
    the rows set aside, and is judged on others.

    Parameters
    ----------
    known : (str, float)
        The cue by which the letters are balanced, and how well it tells the class.
    cues : mapping of str to float
        The same of each further cue.
    """
    cells = []
    for cue, share in cues.items():
        agrees = dict([known]) | {cue: share}
        offices, recipe = _collected(roles, agrees), roles[0].recipe
        as_it_was = _made(recipe, [one.letters for one in offices])
        evened = _made(recipe, [_evened(one, [known[0]]) for one in offices])
        cells.append(
            [
                _cell(offices, as_it_was, agrees, cue),
                _cell(offices, evened, agrees, cue, "aside"),
                _cell(offices, evened, agrees, cue),
                _cell(offices, evened, agrees, known[0]),
            ]
        )
    columns = ["before", "searched", "after", f"{known[0]} after"]
    return Matrix(list(cues), columns, cells, corner="new cue")


def judge_naming(
    roles: Sequence[Role],
    *,
    agrees: Mapping[str, Share],
    rounds: Natural,
    repeats: Count = 39,
) -> Matrix:
    """What becomes of the groups if a search, and nobody, says what to balance by.

    In each round the letters set aside are searched for the slice, of one pixel's
    interval and one class, that stands out most; if one does, the letters are balanced
    by the intervals of that pixel, too.
    """
    offices, recipe = _collected(roles, agrees), roles[0].recipe
    known, letters = next(iter(agrees)), [one.letters for one in offices]
    named: list[list[str]] = [[] for _ in offices]
    cells = []
    for _ in range(rounds + 1):
        models = _made(recipe, letters)
        pairs = list(zip(offices, models, strict=True))
        found = [_named(one, model, agrees, repeats) for one, model in pairs]
        told = [touches(known, roles[0].owned, pixel) for pixel in found]
        cells.append([_cell(offices, models, agrees, cue) for cue in (None, *agrees)])
        cells[-1] += [counted([pixel is not None for pixel in found]), counted(told)]
        for past, pixel in zip(named, found, strict=True):
            past += [pixel] if pixel else []
        letters = [_split(one, past) for one, past in zip(offices, named, strict=True)]
    names = ["as it was", *(f"searched {count} ×" for count in range(1, rounds + 1))]
    columns = ["whole test", *(f"{cue}: worst" for cue in agrees)]
    columns += ["a slice stands out", f"it is the {known}"]
    return Matrix(names, columns, cells, corner="trained")


def _split(office: Office, pixels: Sequence[str]) -> Dataset:
    """The letters of an office, balanced by class and the intervals of some pixels."""
    if not pixels:
        return office.letters
    bins = slices.intervals(office.letters.select(sorted({*pixels})), bins=4)
    alike = groups(office.letters.y, *slices.inside(office.letters, bins))
    return balanced(office.letters, alike, seed=office.number)


def _named(
    office: Office, model: Classifier, agrees: Mapping[str, float], repeats: int
) -> str | None:
    """The pixel that stands out most among the letters set aside, if any does."""
    seen, _ = marked(office.role.aside, agrees, seed=SEARCHED + office.number)
    return slices.column_named(
        seen,
        model.predict(seen.X) != seen.y,
        slices.intervals(office.letters, bins=4),
        repeats=repeats,
        seed=office.number,
    )
