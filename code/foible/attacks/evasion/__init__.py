"""How does a model go wrong when each of its inputs is changed a little, on purpose?

Five attackers, by what they hold. Who has the model follows its gradient (`fgsm`,
`pgd`, `apgd`, `fab`, `nearest`); who may ask for its scores searches (`square`); who is
told only the answer walks along the boundary (`hopskipjump`); who has a model of their
own attacks that and hopes (`carried`); and who has the bank's forest computes the
smallest change exactly (`cheapest`). `autoattack` joins the first two kinds and keeps
what is worst for each row.

In memory each holds its rows some ten times over, and what the model makes of them;
copies of a row are made in pieces, a few `arrays.CELLS` at once.
"""

from foible.attacks.evasion.adapting import apgd, targeted
from foible.attacks.evasion.boundary import hopskipjump
from foible.attacks.evasion.exact import Boxes, Rules, anything, boxes, cheapest, reach
from foible.attacks.evasion.flips import flips
from foible.attacks.evasion.gradient import Evasion, fgsm, pgd
from foible.attacks.evasion.joined import asking, autoattack, carried, ensemble, nearest
from foible.attacks.evasion.judges import (
    judge,
    judge_checks,
    judge_distance,
    judge_linear,
    judge_radii,
    judge_transfer,
)
from foible.attacks.evasion.knowing import Averaged
from foible.attacks.evasion.linearised import fab
from foible.attacks.evasion.losses import cross_entropy, logit_ratio, margin
from foible.attacks.evasion.squares import square
from foible.models.scoring import StraightThrough
