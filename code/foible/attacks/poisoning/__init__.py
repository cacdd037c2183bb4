"""What does an attacker do to a model through the rows it learns from?

Some attackers alter labels that are there, some add rows of their own; each is a plain
function from rows to poisoned rows, or to the rows to add. An attacker who tunes does
so on `own` rows, which no owner learns from and no judge judges by.
"""

from foible.attacks.poisoning.collisions import collided
from foible.attacks.poisoning.crafted import blind_rows, crafted_rows, flipped_copies
from foible.attacks.poisoning.groups import (
    balanced_flips,
    cluster_rows,
    group_flips,
    talk_poison,
)
from foible.attacks.poisoning.judges import (
    judge_clusters,
    judge_collided,
    judge_crafted,
    judge_defended,
    judge_flips,
    judge_group,
    judge_retrained,
    judge_spread,
)
from foible.attacks.poisoning.knowing import kept, spread_rows
from foible.attacks.poisoning.labels import (
    margin_flips,
    neighbourhood_flips,
    one_way_flips,
    random_flips,
)
