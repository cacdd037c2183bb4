"""Who looks at what a tool gave back, before the agent does?

A `Vetting` doubts each output, from the words of the user and of the output, and lets
it pass where it doubts little. It is itself a model that reads the attacker's words.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from foible.arrays import Floats, Ints
from foible.domains import Amount, Natural, Some
from foible.models import Language

Words: TypeAlias = tuple[str, ...]
Pairs: TypeAlias = Sequence[tuple[Words, Words]]
"""The words of the user, and of a tool's output."""


@dataclass(frozen=True, eq=False)
class Vetting:
    """Lets an output pass or not.

    Parameters
    ----------
    doubt : callable
        Takes n pairs to minus the log-probability that each output is fine, (n,).
    limit : float
        How much doubt passes; by default an output passes that is rather fine than not.
    """

    doubt: Callable[[Pairs], Floats]
    limit: Amount = float(np.log(2))

    def __call__(self, pairs: Pairs) -> list[bool]:
        """Whether each output passes."""
        return [bool(one) for one in self.doubt(pairs) <= self.limit]


def word_filter(honest: Some[Words], attacked: Some[Words]) -> Vetting:
    """A weight for each word, learned from outputs without and with an order.

    Logistic regression on the counts of words; it does not see the user's order.
    """
    count = CountVectorizer(analyzer=list)
    X = count.fit_transform([*honest, *attacked])
    y = np.repeat([0, 1], [len(honest), len(attacked)])
    weights = LogisticRegression(max_iter=1000).fit(X, y)

    def doubt(pairs: Pairs) -> Floats:
        seen = count.transform([output for _, output in pairs])
        return np.asarray(-weights.predict_log_proba(seen)[:, 0])

    return Vetting(doubt)


def second_model(
    model: Language, framed: Callable[[Words, Words], Ints], *, fine: Natural
) -> Vetting:
    """A language model that reads order and output, and says whether all is fine.

    Parameters
    ----------
    model : Language
    framed : callable
        Takes the words of the user and of an output to the tokens that it reads.
    fine : int
        The token by which it says so.
    """

    def doubt(pairs: Pairs) -> Floats:
        said = model.predict_proba([framed(*pair) for pair in pairs])[:, fine]
        return np.asarray(-np.log(np.maximum(said, 1e-30)))

    return Vetting(doubt)
