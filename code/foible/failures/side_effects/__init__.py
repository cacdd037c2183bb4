"""What does an agent break on its way, and what do penalties for it break?

Rooms are small enough to list all their states (`World`), so the agent's plan is exact
(`walk`). What it is charged for the change that it makes is in
`foible.defences.minding`; `judge_rooms` and `judge_drawn` say how it ends.
"""

from foible.failures.side_effects.drawing import ways
from foible.failures.side_effects.drawn import ROOMS, draw_rooms
from foible.failures.side_effects.endings import (
    STEPS,
    WEIGHTS,
    drawn_endings,
    ending,
    endings,
    fair,
    lost,
    must_be_lost,
    told,
    tuned,
    untold,
)
from foible.failures.side_effects.judges import (
    judge_discounts,
    judge_drawn,
    judge_rivals,
    judge_rooms,
    judge_weights,
)
from foible.failures.side_effects.planning import Walk, walk
from foible.failures.side_effects.rooms import ACTIONS, Room, State, World
