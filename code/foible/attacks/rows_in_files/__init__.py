"""What does a model's file carry of the rows that it was made from?

Whoever has the file looks for rows in it (`rows_inside`); whoever has the fitted object
and no rows looks for the values of a column (`columns_inside`). Neither runs the file.
"""

from foible.attacks.rows_in_files.columns import columns_inside
from foible.attacks.rows_in_files.estimators import every_estimator
from foible.attacks.rows_in_files.files import (
    disguised,
    rows_inside,
    up_to_scale,
    verbatim,
)
from foible.attacks.rows_in_files.judges import judge_checks, judge_estimators
