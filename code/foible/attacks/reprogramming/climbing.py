"""How is a program made by somebody who has the network, and follows its slope?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import softmax

from foible.arrays import Bools, Floats
from foible.attacks.reprogramming.programs import (
    Labels,
    Program,
    asked,
    blank,
    drawn,
    right,
    usable,
    worded,
)
from foible.data import Classified, Dataset
from foible.domains import Count, Image, Natural, Seed, Some
from foible.errors import BadInput
from foible.models import Differentiable, as_differentiable

Pull = Callable[[Floats], Floats]
"""Takes pictures (n, d) to where else they should move, (n, d)."""
RATE = 0.03  # how far a pixel moves in a step, at most about
MEMORY = (0.9, 0.99)  # of Adam, for the slope and for its square


@dataclass(frozen=True)
class Effort:
    """How hard somebody tries: the same for every network that is compared.

    Parameters
    ----------
    draws : int
        Random programs that are looked at.
    kept : int
        The best of them, which are improved.
    steps : int
        Steps that each is improved by.
    rounds : int
        How often the meanings of the answers are read anew, after so many steps.
    """

    draws: Count = 100
    kept: Count = 6
    steps: Natural = 80
    rounds: Count = 2


EFFORT = Effort()


def by_slope(
    model: Differentiable,
    own: Dataset,
    *,
    image: Image,
    steps: Natural,
    seed: Seed,
) -> Program:
    """One random program, improved by its slope alone [elsayed2019adversarial].

    What each answer means is dealt out beforehand and stays, and where the climb ends
    is taken.
    """
    network = as_differentiable(model)
    rng = np.random.default_rng(seed)
    labels = len(network.classes_)
    start = blank(own, image=image, labels=labels)
    names = rng.permutation(labels) % len(own.classes)
    start = replace(drawn(start, 1, image=image, rng=rng)[0], names=names)
    return climbed(network, [start], own, steps=steps, free=start.frame)[0]


def by_gradient(
    model: Differentiable,
    own: Dataset,
    held: Dataset,
    *,
    image: Image,
    effort: Effort = EFFORT,
    labels: Labels | None = None,
    seed: Seed,
) -> Program:
    """The best program that a search with slopes finds, the attack of the chapter.

    Random programs are drawn, the best are kept, what each answer means is read off the
    rows, and the frame climbs; see `improved`.

    Parameters
    ----------
    model : Differentiable
        The network, which stays as it is.
    own, held : Dataset
        The new task's rows: to learn by, and to choose by.
    image : tuple of int
        Shape of a picture.
    effort : Effort
    labels : callable, (n, d) to (n,), optional
        The service, if it answers otherwise than the network.
    """
    return many_by_gradient(
        model, own, held, image=image, effort=effort, labels=labels, seed=seed
    )[0]


def many_by_gradient(
    model: Differentiable,
    own: Dataset,
    held: Dataset,
    *,
    image: Image,
    effort: Effort = EFFORT,
    labels: Labels | None = None,
    seed: Seed,
) -> list[Program]:
    """As `by_gradient`, all that were met, the best first."""
    network = as_differentiable(model)
    usable(own, held)
    empty = blank(own, image=image, labels=len(network.classes_))
    rng = np.random.default_rng(seed)
    starts = drawn(empty, effort.draws, image=image, rng=rng)
    return improved(
        network, starts, own, held, effort=effort, free=empty.frame, labels=labels
    )


def improved(
    network: Differentiable,
    starts: Some[Program],
    own: Classified,
    held: Classified,
    *,
    effort: Effort,
    free: Bools,
    pull: Pull | None = None,
    labels: Labels | None = None,
) -> list[Program]:
    """Programs that were met on the way up from some starts, the best first.

    Of the starts those are kept that can be read best, what each answer means is read
    off the rows, and the pixels climb the likelihood of the answers that mean the right
    class. Starts count too, and what does best on rows held back comes first.

    Parameters
    ----------
    network : Differentiable
        Its weights stay as they are.
    starts : sequence of Program
    own, held : Dataset
        The new task's rows: to learn by, and to choose by.
    effort : Effort
    free : ndarray of bool, shape (d,)
        Pixels that may move.
    pull : callable, (n, d) to (n, d), optional
        Where the pictures should move besides.
    labels : callable, (n, d) to (n,), optional
        What is asked instead of the network when programs are compared, such as a copy
        of the service with its checks.
    """
    ask = labels or network.predict
    found = best(ask, starts, own, keep=effort.kept)
    met = list(found)
    for _ in range(effort.rounds):
        found = climbed(network, found, own, steps=effort.steps, free=free, pull=pull)
        said = asked(network.predict, found, own.X)
        found = [worded(one, told, own) for one, told in zip(found, said, strict=True)]
        met += found
    return ranked(ask, met[::-1], held)


def best(
    labels: Labels, programs: Sequence[Program], own: Classified, *, keep: Count
) -> list[Program]:
    """The programs that can be read best on these rows, with meanings, best first."""
    read = []
    for start in range(0, len(programs), 50):
        some = programs[start : start + 50]
        said = asked(labels, some, own.X)
        read += [
            (worded(one, told, own), told) for one, told in zip(some, said, strict=True)
        ]
    scores = [right(one, told, own) for one, told in read]
    return [read[place][0] for place in np.argsort(scores, kind="stable")[::-1][:keep]]


def ranked(labels: Labels, programs: Sequence[Program], held: Dataset) -> list[Program]:
    """The programs by how many rows held back they are right on, equals in order."""
    said = asked(labels, programs, held.X)
    scores = [right(one, told, held) for one, told in zip(programs, said, strict=True)]
    return [programs[place] for place in np.argsort(-np.array(scores), kind="stable")]


def climbed(
    network: Differentiable,
    programs: Sequence[Program],
    own: Dataset,
    *,
    steps: Natural,
    free: Bools,
    pull: Pull | None = None,
) -> list[Program]:
    """The programs after so many steps of Adam up the likelihood of the right class.

    The probability of a class is the sum over the answers that mean it
    [tsai2020transfer]. Only the `free` pixels (d,) move, and stay within 0 and 1.
    """
    bases = np.array([program.base for program in programs])
    if free.shape != bases.shape[1:]:
        raise BadInput(
            f"got free pixels of shape {free.shape}; wanted {bases.shape[1:]}, as the "
            "programs have"
        )
    means = np.concatenate([p.names == own.y[:, np.newaxis] for p in programs])
    mean, square = np.zeros_like(bases), np.zeros_like(bases)
    for step in range(1, steps + 1):
        current = _with(programs, bases)
        pictures = np.concatenate([program.written(own.X) for program in current])
        _, slope = network.follow(pictures, lambda logits: _uphill(logits, means))
        if pull is not None:
            slope = slope + pull(pictures)
        slope = slope.reshape(len(bases), len(own), -1).mean(axis=1) * free
        mean = MEMORY[0] * mean + (1 - MEMORY[0]) * slope
        square = MEMORY[1] * square + (1 - MEMORY[1]) * slope**2
        root = np.sqrt(square / (1 - MEMORY[1] ** step)) + 1e-12
        move = RATE * mean / (1 - MEMORY[0] ** step) / root
        bases = np.clip(bases + move, 0, 1)
    return _with(programs, bases)


def _with(programs: Sequence[Program], bases: Floats) -> list[Program]:
    pairs = zip(programs, bases, strict=True)
    return [replace(program, base=base) for program, base in pairs]


def _uphill(logits: Floats, means: Bools) -> Floats:
    """Slope, by the logits, of the log-probability of the answers that are meant."""
    chances = np.asarray(softmax(logits, axis=1))
    meant = chances * means
    total = meant.sum(axis=1, keepdims=True)
    return np.asarray(meant / np.maximum(total, 1e-300) - chances)
