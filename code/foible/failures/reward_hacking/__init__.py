"""Does a learner that earns what it is paid do what was meant?

A boat races on water drawn with characters (`courses`). It learns what it is paid for
(`learning`); or people sail, somebody compares their races, and a reward is learned
from that (`preferences`) and pursued as hard as one likes (`pressing`).
"""

from foible.failures.reward_hacking.courses import (
    LAGOON,
    Course,
    Race,
    course,
    drawn,
    race,
    with_harbours,
    without_buoys,
)
from foible.failures.reward_hacking.drawing import ways
from foible.failures.reward_hacking.judges import (
    ENDINGS,
    MARGIN,
    MISCOUNTED,
    NATS,
    TRIALS,
    judge_best_of,
    judge_endings,
    judge_learning,
    judge_pressure,
    judge_rewards,
)
from foible.failures.reward_hacking.learning import learned, planned, sailed
from foible.failures.reward_hacking.preferences import (
    Prices,
    Rater,
    Water,
    asked,
    compared,
    fair,
    fitted,
    players,
    preferred,
    races,
)
from foible.failures.reward_hacking.pressing import (
    FREE,
    Sailing,
    at_distance,
    best_of,
    pursued,
)
