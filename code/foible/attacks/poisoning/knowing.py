"""What does somebody do who knows the defence?"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from foible.arrays import Floats, Ints
from foible.attacks.poisoning import labels
from foible.attacks.poisoning.crafted import crafted_rows, enlarged
from foible.data import Dataset
from foible.errors import BadInput
from foible.metrics import accuracy
from foible.models import Classifier, Recipe

Split = Callable[[Floats], Ints]
"""How an owner deals rows out: takes them, (n, d), to the part of each, (n,)."""
TRIES = 1000  # before a part counts as none of the split's


def menu(
    rows: Dataset, own: Dataset, surrogate: Classifier, *, share: float, seed: int
) -> dict[str, Dataset]:
    """The rows after each attack that a stranger to the defence would try, by name."""
    craft = partial(crafted_rows, rows, own, seed=seed)
    return {
        "at random": labels.random_flips(rows, share=share, seed=seed),
        "margin-chosen": labels.margin_flips(rows, surrogate, share=share),
        "crafted rows": enlarged(rows, craft, share=share),
    }


def neighbourhoods(
    rows: Dataset, *, share: float, count: int = 12, seed: int
) -> dict[str, Dataset]:
    """The rows after `neighbourhood_flips` round some of them, drawn at random."""
    centres = labels.drawn(np.arange(len(rows)), count, seed=seed)
    return {
        f"round row {at}": labels.neighbourhood_flips(rows, share=share, centre=at)
        for at in centres.tolist()
    }


def worst(
    poisons: Mapping[str, Dataset], recipe: Recipe, own: Dataset, *, seed: int
) -> str:
    """The poison that harms most: who knows the recipe, defence included, tries all.

    They compare on rows of their own the models that are made so with one seed.
    """
    made = recipe.many(list(poisons.values()), seeds=[seed] * len(poisons))
    right = [accuracy(own.y, model.predict(own.X)) for model in made]
    return list(poisons)[int(np.argmin(right))]


# ---------------------------------------------------------------- the vote


def parts_for(
    rows: Dataset, target: Floats, answer: int, split: Split, *, parts: int
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
    target: Floats, label: int, split: Split, parts: Sequence[int], *, seed: int
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
