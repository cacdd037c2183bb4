"""How many answers are certain, and how far?"""

from collections.abc import Mapping, Sequence

from foible.data import Dataset
from foible.defences.hardening.smoothing import Smoothed, certified
from foible.errors import BadInput
from foible.evidence import DoseResponse
from foible.judging import sweep
from foible.victim import Victim


def judge_certified(
    victims: Mapping[str, Victim],
    rows: Dataset,
    *,
    radii: Sequence[float],
    estimation: int = 1000,
    alpha: float = 0.001,
    seed: int,
) -> DoseResponse:
    """Share of rows answered rightly and provably so, over the radius of the proof.

    A row on which the vote abstains counts as wrong.

    Parameters
    ----------
    victims : mapping of str to Victim
        Smoothed ones.
    rows : Dataset
        Rows that the victims were not made from.
    radii : sequence of float
        Ascending.
    estimation, alpha, seed
        As for `certified`.
    """
    proofs = {}
    for name, victim in victims.items():
        if not isinstance(victim.model, Smoothed):
            raise BadInput(
                f"got a {type(victim.model).__name__}; wanted a smoothed one"
            )
        proofs[name] = certified(
            victim.model, rows.X, estimation=estimation, alpha=alpha, seed=seed
        )
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
