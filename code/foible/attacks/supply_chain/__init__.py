"""What can somebody do who holds the model's file for a minute?

They own bytes, and hand back bytes: with other values (`relabel`, `bribe`, `derail`),
with something to run (`boobytrap`), that never ends (`knotted`), that fills the memory
(`swollen`) or that ends the process (`misuse`), or with a passenger (`hide`, `reveal`).
The payloads here do one thing: they touch a marker file, which proves that they ran.
"""

from foible.artefacts.passengers import capacity, hide, reveal
from foible.attacks.supply_chain.bombs import swollen
from foible.attacks.supply_chain.bribes import bribe, sidestep
from foible.attacks.supply_chain.judges import (
    judge_bribe,
    judge_derailed,
    judge_hidden,
    judge_loaders,
    judge_misused,
    judge_relabel,
    judge_scanners,
    judge_sidestep,
    judge_traps,
)
from foible.attacks.supply_chain.knots import knot, knotted
from foible.attacks.supply_chain.misuse import MISUSES, misuse
from foible.attacks.supply_chain.traps import MEANS, boobytrap, trapped
from foible.attacks.supply_chain.values import WAYS, derail, relabel
