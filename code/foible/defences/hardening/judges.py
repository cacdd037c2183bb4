"""How many answers are certain, and how far?"""

from collections.abc import Mapping, Sequence
from functools import partial

from foible.data import Dataset
from foible.defences.hardening.smoothing import Smoothed, certified
from foible.domains import Amount, Count, Level, Seed
from foible.errors import BadInput
from foible.evidence import DoseResponse
from foible.judging import sweep
from foible.victim import Victim


def judge_certified(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    radii: Sequence[Amount],
    estimation: Count = 1000,
    alpha: Level = 0.001,
    seed: Seed,
) -> DoseResponse:
    """Share of rows answered rightly and provably so, over the radius of the proof.

    A row on which the vote abstains counts as wrong. The victims are smoothed ones, the
    rows such as they were not made from; the others are as for `certified`.
    """
    prove = partial(certified, estimation=estimation, alpha=alpha, seed=seed)
    proofs = {}
    for name, victim in victims.items():
        if not isinstance(victim.model, Smoothed):
            raise BadInput(f"got {victim.model!r}; wanted a smoothed one")
        proofs[name] = prove(victim.model, rows.X)
    return sweep(
        radii,
        lambda radius: {
            name: (one.label == rows.y) & (one.radius >= radius)
            for name, one in proofs.items()
        },
        lines=dict.fromkeys(victims, "defence"),
        dose_name="radius of the proof, L2",
        response_name="rows right and certified",
        units="rows",
    )
