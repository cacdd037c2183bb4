"""How does what is around an input make somebody else's network do another task?

A `Program` is a picture with room for a row, and a meaning for each answer. Whoever has
the network finds one by its slope (`by_slope`, `by_gradient`), whoever may only ask by
random search (`by_labels`), in two questions where an answer says too little
(`in_two_questions`). Who knows of a check writes faintly on digits (`like_digits`), and
who knows that an account is watched takes turns (`apart`, a `Rota`).
"""

from foible.attacks.reprogramming.asking import by_labels, in_two_questions
from foible.attacks.reprogramming.climbing import (
    Effort,
    best,
    by_gradient,
    by_slope,
    improved,
    many_by_gradient,
)
from foible.attacks.reprogramming.judges import (
    Meeting,
    Post,
    Turned,
    judge_networks,
    judge_queries,
    judge_services,
)
from foible.attacks.reprogramming.knowing import like_digits, typical
from foible.attacks.reprogramming.programs import (
    Chain,
    Program,
    Rota,
    Task,
    apart,
    blank,
    drawn,
    sheet,
    sorted_rightly,
    turning,
    worded,
)
