"""What happened, in a shape that shows itself as a table and as a figure?

Four shapes are enough for the whole book:

`Separation`    can a score tell two groups apart?
`DoseResponse`  what happens as the attacker, or the world, gets more?
`BeforeAfter`   what did one change do, on the same rows?
`Matrix`        which of these meets which of those, and how does it end?

Evidence holds numbers and never computes an attack. `tidy()` gives them as rows of
what, dose, value, low, high and n; `table()` puts them into words; `plot(ax=None)`
draws on the caller's axes, or on new ones, and returns them.
"""

from foible.evidence.before_after import BeforeAfter
from foible.evidence.dose_response import DoseResponse
from foible.evidence.matrix import NOT_TRIED, Cell, Matrix, Outcome, stacked
from foible.evidence.separation import Separation
