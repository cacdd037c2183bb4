"""What does somebody do who knows the defence?"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from foible.arrays import Floats, Ints
from foible.attacks.poisoning import labels
from foible.attacks.poisoning.crafted import crafted_rows, enlarged
from foible.data import Dataset
from foible.domains import Count, Natural, Seed, Share
from foible.errors import BadInput
from foible.metrics import accuracy
from foible.models import Classifier, Recipe

Split = Callable[[Floats], Ints]
"""How an owner deals rows out: takes them, (n, d), to the part of each, (n,)."""
TRIES = 1000  # before a part counts as none of the split's


def menu(
    rows: Dataset, own: Dataset, surrogate: Classifier, *, share: Share, seed: Seed
) -> dict[str, Dataset]:
    """The rows after each attack that a stranger to the defence would try, by name."""
    craft = partial(crafted_rows, rows, own, seed=seed)
    return {
        "at random": labels.random_flips(rows, share=share, seed=seed),
        "margin-chosen": labels.margin_flips(rows, surrogate, share=share),
        "crafted rows": enlarged(rows, craft, share=share),
    }


def neighbourhoods(
    rows: Dataset, surrogate: Classifier, *, share: Share, count: Count = 20, seed: Seed
) -> dict[str, Dataset]:
    """The rows after flips that a screen should find hard to see, by name.

    Round each of `count` rows, drawn at random: a whole neighbourhood; one of half the
    size; and that one, with as many margin-chosen flips.
    """
    centres = labels.drawn(np.arange(len(rows)), count, seed=seed).tolist()
    half, whole = (
        [labels.neighbourhood_flips(rows, share=part, centre=at).y for at in centres]
        for part in (share / 2, share)
    )
    surest = labels.margin_flips(rows, surrogate, share=share / 2).y
    both = [np.where(near != rows.y, near, surest) for near in half]
    return {
        f"{name}, round row {at}": replace(rows, y=y)
        for name, flipped in (
            ("a neighbourhood", whole),
            ("half a neighbourhood", half),
            ("half a neighbourhood, half by margin", both),
        )
        for at, y in zip(centres, flipped, strict=True)
    }


def kept(
    poisons: Mapping[str, Dataset], recipe: Recipe, own: Dataset, *, seed: Seed
) -> Floats:
    """What each poison leaves of the accuracy on the attacker's own rows, (n,).

    Who knows the recipe, defence included, makes the model of each, with one seed, and
    sends the poison that leaves least.
    """
    made = recipe.many(list(poisons.values()), seeds=[seed] * len(poisons))
    return np.array([accuracy(own.y, model.predict(own.X)) for model in made])


# ---------------------------------------------------------------- the vote


def parts_for(
    rows: Dataset, target: Floats, answer: Natural, split: Split, *, parts: Count
) -> list[int]:
    """All parts, first those whose nearest row to the target is labelled `answer`."""
    dealt = split(rows.X)
    away = ((rows.X - target) ** 2).sum(axis=1)
    order = np.argsort(away, kind="stable")

    def opposes(part: int) -> bool:
        nearest = rows.y[order[dealt[order] == part][:1]]
        return not (nearest == answer).any()

    return sorted(range(parts), key=opposes)


def spread_rows(
    target: Floats,
    label: Natural,
    split: Split,
    parts: Sequence[Natural],
    *,
    seed: Seed,
) -> tuple[Floats, Ints]:
    """Copies of a row, one for each wanted part of the split, all labelled `label`.

    What an attacker does who knows how rows are dealt out: each copy is moved by less
    than anybody sees, again and again, until it falls to the wanted part.
    """
    random = np.random.default_rng(seed)
    found: dict[int, Floats] = {}
    for _ in range(TRIES):
        if not (missing := set(parts) - set(found)):
            break
        tried = target + 1e-6 * random.normal(size=(64 * len(missing), len(target)))
        for row, part in zip(tried, split(tried).tolist(), strict=True):
            found.setdefault(part, row)
    else:
        raise BadInput(f"got no row in the parts {missing}; wanted parts of the split")
    return np.array([found[part] for part in parts]), np.full(len(parts), label)
