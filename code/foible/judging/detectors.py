"""Who looks and raises a hand, and what is then done about it?

A detector looks at what a `User` holds, gives flags or p-values, and changes nothing.
The functions `of_...` make one of a function that knows no user. `without`, `unless`
and `refusing` make a defence of a detector, `by` of a repair, `remade` of a recipe.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias, TypeVar

import numpy as np

from foible import artefacts
from foible.arrays import Bools, Floats, Ints
from foible.data import Dataset
from foible.domains import Share
from foible.errors import BadInput
from foible.models import Convolutional, Model, Network, Recipe
from foible.oracle import Transport
from foible.victim import Victim

REFUSED = -1
"""In the place of a label where no answer is given."""


@dataclass(frozen=True, eq=False)
class User:
    """What somebody holds who must decide whether to trust a model."""

    victim: Victim  # the model, the rows that were delivered with it, and the recipe
    trusted: Dataset  # collected and checked by the user
    released: bytes  # the file of the model as it left its maker


@dataclass(frozen=True, eq=False)
class Guarded:
    """What is got from behind a defence.

    `answers` takes the rows asked, (n, d), to labels, (n,), or `REFUSED`; `alarms` to
    flags of all that could be suspected: rows delivered, the one model, or the rows
    asked. It is None for a defence that suspects nobody.
    """

    answers: Callable[[Floats], Ints]
    alarms: Callable[[Floats], Bools] | None = None


Found = TypeVar("Found")
Seen: TypeAlias = tuple[Floats, Ints]
"""What a network sees in n rows, (n, h), and their labels, (n,)."""
RowDetector: TypeAlias = Callable[[User], Bools]
"""Flags of the rows delivered, (n,)."""
ModelDetector: TypeAlias = Callable[[User], bool]
"""One flag of all that was delivered."""
QuestionDetector: TypeAlias = Callable[[User, Floats], Bools]
"""Flags of the rows asked, (n, d) to (n,)."""
Detector: TypeAlias = RowDetector | ModelDetector | QuestionDetector
Defence: TypeAlias = Callable[[User], Guarded]

# ---------------------------------------------------------------- detectors


def of_rows(look: Callable[[Dataset, Dataset], Found]) -> Callable[[User], Found]:
    """Looks at the rows delivered, beside those trusted."""
    return lambda user: look(user.victim.rows, user.trusted)


def of_features(look: Callable[[Seen, Seen], Found]) -> Callable[[User], Found]:
    """Looks at what the network sees in the rows delivered, and in those trusted."""

    def looked(user: User) -> Found:
        model = user.victim.model
        if not isinstance(model, Network | Convolutional):
            raise BadInput(f"got a {type(model).__name__}; wanted a network")
        both = user.victim.rows, user.trusted
        seen, known = ((model.features(rows.X), rows.y) for rows in both)
        return look(seen, known)

    return looked


def of_model(look: Callable[[Any, Dataset], Found]) -> Callable[[User], Found]:
    """Looks at the model, with the rows trusted."""
    return lambda user: look(user.victim.model, user.trusted)


def of_file(look: Callable[[bytes], str]) -> ModelDetector:
    """Alarms if what it sees in the model's file was not in the file released."""
    return lambda user: look(written(user.victim.model)) != look(user.released)


def of_questions(
    look: Callable[[Transport, Floats, Dataset], Bools],
) -> QuestionDetector:
    """Looks at the rows asked, through the model's answers, with the rows trusted."""
    return lambda user, X: look(user.victim.transport, X, user.trusted)


def improbable(
    detector: Callable[[User], Mapping[str, float]], *, level: Share
) -> ModelDetector:
    """Alarms if any p-value is too small for chance, wrongly in `level` at most."""

    def alarm(user: User) -> bool:
        found = detector(user).values()
        return min(found) < level / len(found)

    return alarm


def written(model: Model) -> bytes:
    """A model as a file: a table of a network's weights, else a pickle."""
    if isinstance(model, Network | Convolutional):
        return artefacts.save_table(model.weights())
    return artefacts.dump(model)


# ---------------------------------------------------------------- defences


def without(detector: RowDetector) -> Defence:
    """The model that is made again without the rows flagged, if there are any."""

    def defended(user: User) -> Guarded:
        flagged, made = detector(user), user.victim
        if flagged.any():
            made = made.retrained(made.rows.take(~flagged))
        return Guarded(made.model.predict, lambda X: flagged)

    return defended


def unless(detector: ModelDetector) -> Defence:
    """The model as it is, or no answer at all if there is an alarm."""

    def defended(user: User) -> Guarded:
        alarm, predict = detector(user), user.victim.model.predict
        answers = (lambda X: np.full(len(X), REFUSED)) if alarm else predict
        return Guarded(answers, lambda X: np.array([alarm]))

    return defended


def refusing(detector: QuestionDetector) -> Defence:
    """The model as it is, but no answer to the rows flagged."""

    def defended(user: User) -> Guarded:
        alarms, predict = partial(detector, user), user.victim.model.predict
        return Guarded(lambda X: np.where(alarms(X), REFUSED, predict(X)), alarms)

    return defended


def by(repair: Callable[[Any, Dataset], Model]) -> Defence:
    """The model that a repair makes of it and the rows trusted; suspects nobody."""
    return lambda user: Guarded(repair(user.victim.model, user.trusted).predict)


def remade(recipe: Recipe) -> Defence:
    """The model of another recipe, from the rows delivered; suspects nobody."""
    return lambda user: Guarded(recipe(user.victim.rows, seed=user.victim.seed).predict)
