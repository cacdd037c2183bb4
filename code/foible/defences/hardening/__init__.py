"""How can training be changed so that a model gives less away, or is harder to fool?

Most defences here take a recipe and give back a recipe, so that whatever can be done
with the one can be done with the other. Against readers of the training data, two are
cheap and promise nothing (`stopped`, `decayed`), and `private` costs accuracy and comes
with a theorem. Against small changes of the input one can learn from rows that an
attack has moved (`adversarial`), or answer by a vote over noisy copies of the row,
which comes with a proof (`smoothed`, `certified`). Two that claim more than they hold:
`sharpened` and `quantised` take the gradient away, not the mistakes.

Two repair a finished network that may have a backdoor, with a few rows that are known
to be clean and without knowing the trigger (`tuned`, `pruned`).
"""

from foible.defences.hardening.judges import judge_certified
from foible.defences.hardening.masking import quantised, sharpened
from foible.defences.hardening.repairing import pruned, tuned
from foible.defences.hardening.smoothing import (
    Certificate,
    Smoothed,
    certified,
    farthest,
    smoothed,
)
from foible.defences.hardening.training import (
    adversarial,
    ceiling,
    decayed,
    private,
    spent,
    spent_exactly,
    stopped,
    with_noise,
)
