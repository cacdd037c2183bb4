"""How does somebody who adds rows teach a model to obey a trigger?"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from foible.arrays import Bools, Ints
from foible.attacks.backdoor.triggers import Trigger
from foible.data import Dataset, settled
from foible.domains import Natural, Seed, Share
from foible.errors import BadInput


def poisoned(
    rows: Dataset,
    trigger: Trigger,
    *,
    target: Natural,
    share: Share,
    sources: Sequence[Natural] | None = None,
    cover: Share = 0.0,
    seed: Seed,
) -> Dataset:
    """The same rows, then copies with the trigger and a chosen label [gu2017badnets].

    With one source and some cover it is the source-specific backdoor [tang2021demon]:
    copies of other classes carry the trigger and keep their label, so that the model
    learns to obey only on rows of the source. Copies of the target's own rows need no
    false label at all: that is the talk's.

    Parameters
    ----------
    rows : Dataset
        What the model would have been made from.
    trigger : callable, (n, d) to (n, d)
    target : int
        The class that the copies are given.
    share : float
        How many copies, for each row that there was; 0 to 1.
    sources : sequence of int, optional
        The classes that are copied; all but the target if left out.
    cover : float
        How many copies of other classes that keep their label, for each row.
    seed : int
        Which rows are copied.

    Returns
    -------
    Dataset
        The rows as they were, the copies, the cover, in this order.

    BadInput: a share out of range, or more copies than there are rows to be copied.
    """
    random = np.random.default_rng(seed)
    chosen = rows.y != target if sources is None else np.isin(rows.y, sources)
    copied = _drawn(chosen, round(share * len(rows)), random)
    covering = _drawn(~chosen, round(cover * len(rows)), random)
    X = np.concatenate([rows.X, trigger(rows.X[[*copied, *covering]])])
    given = np.full(len(copied), target)
    return replace(
        rows, X=settled(X), y=np.concatenate([rows.y, given, rows.y[covering]])
    )


def _drawn(among: Bools, count: int, random: np.random.Generator) -> Ints:
    pool = np.flatnonzero(among)
    if count > len(pool):
        raise BadInput(
            f"got {count} copies to make; wanted 0 to {len(pool)}, the rows of these "
            "classes; take a smaller share or more classes"
        )
    return random.choice(pool, count, replace=False)
