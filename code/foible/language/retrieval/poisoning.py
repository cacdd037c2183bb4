"""How does an attacker word a passage, so that it is found and believed?

Each holds what it wants and a guess of how users will ask, and gives texts.
"""

from collections.abc import Sequence

import numpy as np

from foible.domains import Count, Seed, Share
from foible.language.retrieval.worlds import TALK, Target, among_talk, claims
from foible.models import Meaning


def in_passing(target: Target, *, count: Count, seed: Seed) -> list[str]:
    """The lie among talk, as an honest passage has its facts: the control."""
    rng = np.random.default_rng([seed, 10])
    return [among_talk([_stated(target, rng)], rng) for _ in range(count)]


def lie_alone(target: Target, *, count: Count, seed: Seed) -> list[str]:
    """The lie and nothing else, each time in any wording."""
    rng = np.random.default_rng([seed, 11])
    return [f"{_stated(target, rng)}." for _ in range(count)]


def question_and_lie(target: Target, *, count: Count, seed: Seed) -> list[str]:
    """The question, so that it is found, and the lie [zou2025poisonedrag]."""
    rng = np.random.default_rng([seed, 12])
    return [f"{target.guess} {_stated(target, rng)}." for _ in range(count)]


def shuffled(target: Target, *, count: Count, seed: Seed) -> list[str]:
    """The words of the question in another order each time, and the lie."""
    rng, words = np.random.default_rng([seed, 13]), target.guess.rstrip("?").split()
    return [
        f"{' '.join(rng.permutation(words).tolist())}. {_stated(target, rng)}."
        for _ in range(count)
    ]


def repeated(
    target: Target, *, count: Count, times: Count = 6, seed: Seed
) -> list[str]:
    """The question and the lie so many times, all in one passage."""
    rng = np.random.default_rng([seed, 14])
    return [
        " ".join([target.guess, *(f"{_stated(target, rng)}." for _ in range(times))])
        for _ in range(count)
    ]


def apart(
    target: Target,
    *,
    count: Count,
    meaning: Meaning,
    most: Share,
    tries: Count = 40,
    seed: Seed,
) -> list[str]:
    """Passages that are near the question, and not too near each other: by search.

    Of lies among words of talk, each time the one nearest to the attacker's own guess
    of the question whose cosine with those before it is at most `most`, or else the
    one that is least like them.

    Parameters
    ----------
    target : Target
    count : int
    meaning : Meaning
        The vectors of the store, which the attacker can make.
    most : float
        Cosine above which passages count as the same.
    tries : int
        Candidates, for all passages together.
    seed : int
    """
    rng = np.random.default_rng([seed, 15])
    words = " ".join(TALK).split()
    drawn = [_padded(target, words, rng) for _ in range(tries)]
    vectors = meaning.vectors([target.guess, *drawn])
    near, alike = vectors[1:] @ vectors[0], vectors[1:] @ vectors[1:].T
    chosen: list[int] = []
    for _ in range(count):
        worst = alike[:, chosen].max(axis=1, initial=-1.0)
        free = worst <= most
        score = np.where(free, 2 + near, -worst)
        score[chosen] = -np.inf
        chosen.append(int(score.argmax()))
    return [drawn[i] for i in chosen]


def copied(
    target: Target, seen: Sequence[str], *, count: Count, seed: Seed
) -> list[str]:
    """Honest passages with the lie in place of what they claim, behind the question.

    So each resembles an honest passage and is found before it: where near-duplicates
    are removed, the honest one goes.

    Parameters
    ----------
    target : Target
    seen : sequence of str
        What the attacker's own search finds, the best first.
    count : int
        After the last that claims something come lies behind the question.
    seed : int
    """
    texts = []
    for text in seen:
        for claim in claims(text, target.who, target.topic)[:1]:
            texts.append(f"{target.guess} {text.replace(claim, target.lie)}")
    return (texts + question_and_lie(target, count=count, seed=seed))[:count]


def _padded(target: Target, words: list[str], rng: np.random.Generator) -> str:
    """The lie, part of the question's words and some other words, in any order."""
    asked = target.guess.rstrip("?").split()
    kept = [word for word in asked if rng.random() < 0.5]
    other = rng.choice(words, int(rng.integers(2, 8))).tolist()
    mixed = rng.permutation([*kept, *other]).tolist()
    return f"{' '.join(mixed)}. {_stated(target, rng)}."


def _stated(target: Target, rng: np.random.Generator) -> str:
    return str(rng.choice(target.statements))
