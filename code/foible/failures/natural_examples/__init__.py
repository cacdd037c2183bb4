"""Natural Adversarial Examples: what is misread that nobody tampered with?

`moves` turns and shifts pictures a little; `looking` asks a model about all of them;
`hard` finds the rows that another family of models misreads; `signs` photographs signs
before scenes that go along with them; `drawing` shows one picture and its readings.
"""

from foible.failures.natural_examples.drawing import readings
from foible.failures.natural_examples.hard import Crossed, crossed
from foible.failures.natural_examples.judges import (
    judge_backgrounds,
    judge_defences,
    judge_hard,
    judge_refusing,
    judge_search,
    judge_worst,
)
from foible.failures.natural_examples.looking import (
    Look,
    fewest,
    looked,
    missed,
    none_of,
)
from foible.failures.natural_examples.moves import KINDS, Move, draw_moves, grid
from foible.failures.natural_examples.signs import SHOWN, photographs
