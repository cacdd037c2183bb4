"""What does a model give away of the rows that it was made from?

Five attackers, by what they hold: the model's file (`rows_inside`) or the fitted object
(`columns_inside`); its answers and most of a row (`by_both`); its weights and every row
but one (`missing_row`); its weights or answers and no row at all (`prototypes`,
`prototypes_asked`); what one client of a shared training sends (`row_from_update`,
`rows_from_batch`).
"""

from foible.attacks.model_inversion.attribute import (
    by_both,
    by_imputation,
    by_model,
)
from foible.attacks.model_inversion.batches import rows_from_batch, rows_sampled
from foible.attacks.model_inversion.columns import columns_inside
from foible.attacks.model_inversion.estimators import every_estimator
from foible.attacks.model_inversion.files import (
    disguised,
    rows_inside,
    up_to_scale,
    verbatim,
)
from foible.attacks.model_inversion.judges import (
    judge_attribute,
    judge_batches,
    judge_checks,
    judge_epsilon,
    judge_estimators,
    judge_missing,
    judge_noise,
    judge_person,
    judge_queries,
)
from foible.attacks.model_inversion.missing_row import (
    missing_row,
    missing_row_noised,
    missing_row_rerun,
)
from foible.attacks.model_inversion.prototypes import (
    brush,
    likeness,
    nearest_likeness,
    prototypes,
    prototypes_asked,
)
from foible.attacks.model_inversion.updates import (
    recovered,
    row_from_all_units,
    row_from_update,
    rows_from_bins,
    rows_from_update,
    trap,
)
