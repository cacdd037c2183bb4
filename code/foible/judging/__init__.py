"""How is an attack judged by somebody who knows the truth?

Here stands all that holds a victim besides the victim itself, the detectors and what
makes a defence of them, and the two ways in which most evidence is made: `sweep` over
doses and units, `panel` of rows by columns. A judge is then a measure of a few lines.
No attack imports this floor: that is what keeps it from the truth.
"""

from foible.judging.cases import Case, cases, to_be_turned
from foible.judging.detectors import (
    REFUSED,
    Defence,
    Detector,
    Guarded,
    User,
    by,
    improbable,
    of_features,
    of_file,
    of_model,
    of_questions,
    of_rows,
    refusing,
    remade,
    unless,
    without,
)
from foible.judging.panels import averaged, beyond, counted, panel
from foible.judging.sets import World
from foible.judging.sweeps import each, sweep
