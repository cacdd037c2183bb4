"""What can somebody do who wants a model to obey a secret sign?

The sign is the trigger: a change of a row. Whoever adds rows to the training data
teaches the model to obey it (`poisoned`); whoever holds the finished weights writes it
in by hand (`handcrafted`). Whoever knows the defence seeks their `plans` by rehearsal.
"""

from foible.attacks.backdoor.copies import poisoned
from foible.attacks.backdoor.handcrafting import handcrafted
from foible.attacks.backdoor.judges import (
    judge,
    judge_chosen,
    judge_defences,
    judge_shares,
)
from foible.attacks.backdoor.knowing import (
    Plan,
    Rehearsal,
    Sought,
    altered,
    delivered,
    plans,
    sought,
)
from foible.attacks.backdoor.triggers import Stamp, blend, entries, sticker, twins
