"""Was this person's row in the training data?

An attack gives each candidate a score, high for those whom it takes for members. It
reads a *signal* off the target (`confidence`, `logit`, `Stability`) and compares it:
with nothing (`loss_attack`), or with what the attacker's own models say of the same
row, their *shadows* (`lira`, `lira_offline`, `rmia`, `label_only`).
"""

from foible.attacks.membership_inference.audit import (
    epsilon_at_least,
    epsilon_in_one_run,
)
from foible.attacks.membership_inference.confidences import (
    alone,
    loss_attack,
    offline_scale,
    rmia,
)
from foible.attacks.membership_inference.judges import (
    judge,
    judge_canary,
    judge_dose,
    judge_one_run,
)
from foible.attacks.membership_inference.likelihoods import (
    label_only,
    lira,
    lira_offline,
)
from foible.attacks.membership_inference.shadows import Shadows
from foible.attacks.membership_inference.signals import Stability, confidence, logit
