"""What do a model's answers, weights and updates give away of its training rows?

Four attackers, by what they hold: its answers and most of a row (`by_both`); its
weights and every row but one (`missing_row`); its weights or answers and no row at all
(`prototypes`, `prototypes_asked`); what one client of a shared training sends
(`row_from_update`, `rows_from_batch`).
"""

from foible.attacks.model_inversion.attribute import (
    by_both,
    by_imputation,
    by_model,
)
from foible.attacks.model_inversion.batches import rows_from_batch, rows_sampled
from foible.attacks.model_inversion.judges import (
    judge_attribute,
    judge_batches,
    judge_epsilon,
    judge_missing,
    judge_noise,
    judge_person,
    judge_queries,
)
from foible.attacks.model_inversion.missing_row import (
    missing_cells,
    missing_row,
    missing_row_noised,
    missing_row_rerun,
)
from foible.attacks.model_inversion.prototypes import (
    brush,
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
