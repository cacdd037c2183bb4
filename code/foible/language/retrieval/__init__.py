"""Poisoned retrieval: who writes what is found, and who reads the vectors?"""

from foible.language.retrieval.desks import Case, Desk, Planted, Theft, opened
from foible.language.retrieval.inverting import Inverter, turned_back
from foible.language.retrieval.judges import (
    judge_breaks,
    judge_certificate,
    judge_counts,
    judge_desks,
    judge_key,
    judge_noise,
    judge_removal,
)
from foible.language.retrieval.poisoning import (
    apart,
    copied,
    in_passing,
    lie_alone,
    question_and_lie,
    repeated,
    shuffled,
)
from foible.language.retrieval.searching import Ranking, Remembered, Store, together
from foible.language.retrieval.worlds import (
    Passage,
    Question,
    Target,
    Topic,
    World,
    claims,
    help_passages,
)

__all__ = [
    "Case",
    "Desk",
    "Inverter",
    "Passage",
    "Planted",
    "Question",
    "Ranking",
    "Remembered",
    "Store",
    "Target",
    "Theft",
    "Topic",
    "World",
    "apart",
    "claims",
    "copied",
    "help_passages",
    "in_passing",
    "judge_breaks",
    "judge_certificate",
    "judge_counts",
    "judge_desks",
    "judge_key",
    "judge_noise",
    "judge_removal",
    "lie_alone",
    "opened",
    "question_and_lie",
    "repeated",
    "shuffled",
    "together",
    "turned_back",
]
