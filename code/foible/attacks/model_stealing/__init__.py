"""What can somebody build who may only ask a model?

A copy. Where the thief knows the family of the model, its answers are equations and
the copy is exact: `by_equations` for linear models, `by_bisection` for the same from
labels alone, `by_paths` for a tree, `by_kinks` for a network of one hidden layer.
Where they do not, `harvested` trains a copy of their own on the answers; `natural`,
`uniform`, `active` and `jacobian` choose what is asked. The judges compare the copies
with the model.
"""

from foible.attacks.model_stealing.draws import (
    DRAWS,
    active,
    grid,
    jacobian,
    natural,
    uniform,
)
from foible.attacks.model_stealing.judges import (
    ON_BOX,
    ON_ROWS,
    RIGHT,
    judge_averaging,
    judge_checked,
    judge_exact,
    judge_learned,
    judge_muted,
    judge_near,
    judge_picks,
    judge_projection,
)
from foible.attacks.model_stealing.kinks import by_kinks, hidden_width, log_odds
from foible.attacks.model_stealing.learning import asking, harvested, shared
from foible.attacks.model_stealing.linear import (
    by_bisection,
    by_equations,
    near_boundary,
    simplex,
)
from foible.attacks.model_stealing.paths import answered_box, by_paths
from foible.attacks.model_stealing.projections import missed, projection, through_top
