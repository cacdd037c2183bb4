"""Screening: one row a screen, a check, a vote."""

from dataclasses import replace

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.defences import screening

RECORDS = data.clinic().take(np.arange(200))
LOGISTIC = models.standardised(models.logistic())
WRONG = np.random.default_rng(0).random(len(RECORDS)) < 0.1
FLIPPED = replace(RECORDS, y=np.where(WRONG, 1 - RECORDS.y, RECORDS.y))
NOISE = replace(RECORDS, y=np.random.default_rng(1).permutation(np.arange(200) % 2))
DIGITS = data.digits().take(np.arange(200))
BEYOND = {"a level above one": {"level": 1.5}}
COUNTS = {"no neighbour": {"count": 0}, "too many": {"count": 200}}
SHARES = {"a share above one": {"share": 1.5}, "a share below nought": {"share": -0.1}}
OTHERS = {"a regression": {"rows": data.diabetes().take(np.arange(99))}}

# ---------------------------------------------------------------- screens


def seeded(make, *first):
    """A screen that is made anew, of settings and a seed, and asked about rows."""
    return lambda *, rows, **settings: make(*first, **settings)(rows)


def seedless(function):
    """A function without chance, called like the others."""
    return lambda *, seed, **settings: function(**settings)


def like_noise(suspects):
    """Among labels that nothing can know, those turned are found as others are."""
    return abs(suspects[WRONG].mean() - suspects[~WRONG].mean()) < 0.2


def screen(name, call, settings, *, refused, **promised):
    return Row(
        f"screening.{name}",
        lambda: {"rows": FLIPPED, **settings},
        call,
        blind={"rows": NOISE},
        chance=like_noise,
        refused=refused,
        **promised,
    )


def through(*, rows, features, screen, seed):
    return screening.seen_through(features, screen)(rows)


def noted(*, rows, known, seed):
    return screening.by_digest(known)(rows)


def made(*, rows, screen, seed):
    return screening.screened(LOGISTIC, screen)(rows, seed=seed)


SCREENS = [
    screen(
        "by_neighbours",
        seedless(seeded(screening.by_neighbours)),
        {"count": 10},
        refused=COUNTS,
    ),
    screen(
        "by_loss",
        seeded(screening.by_loss, LOGISTIC),
        {"share": 0.1},
        refused=SHARES | OTHERS | {"no round": {"rounds": 0}},
        nought={"share": 0.0},
        nothing=lambda inputs, suspects: not suspects.any(),
        kept=lambda inputs, suspects: suspects.sum() == 20,
    ),
    screen(
        "by_confidence",
        seeded(screening.by_confidence, LOGISTIC),
        {},
        refused=OTHERS | {"one fold": {"folds": 1}},
    ),
    Row(
        "screening.seen_through",
        lambda: {
            "rows": FLIPPED,
            "features": lambda X: X[:, :5],
            "screen": screening.by_neighbours(),
        },
        through,
        refused={"features that are not finite": {"features": lambda X: X * np.nan}},
    ),
    Row(
        "screening.by_digest",
        lambda: {"rows": FLIPPED, "known": frozenset(screening.digests(RECORDS))},
        noted,
        nought={"rows": RECORDS},
        nothing=lambda inputs, suspects: not suspects.any(),
    ),
    Row(
        "screening.screened",
        lambda: {"rows": FLIPPED, "screen": lambda rows: WRONG},
        made,
        refused={"a screen that leaves nobody": {"screen": lambda rows: WRONG | True}},
    ),
]

# ---------------------------------------------------------------- against trusted rows


def features(n, seed):
    y = np.arange(n) % 3
    return np.random.default_rng(seed).normal(size=(n, 6)) + 4 * np.eye(3, 6)[y], y


SEEN, TRUSTED = features(300, 0), features(150, 1)
UNSEEN = {
    name: {"seen": (change.get("X", SEEN[0]), change.get("y", SEEN[1]))}
    for name, change in unusable(*SEEN).items()
    if name != "a row too narrow"
}
UNKNOWN = {
    "trusted rows too narrow": {"trusted": (TRUSTED[0][:, 1:], TRUSTED[1])},
    "a class that nobody checked": {"trusted": (TRUSTED[0], TRUSTED[1] * 0)},
}


def compared(name, look, *, most, **bad):
    return Row(
        f"screening.{name}",
        lambda: {"seen": SEEN, "trusted": TRUSTED},
        look,
        chance=lambda flagged: flagged.mean() <= most,  # nothing foreign is there
        refused=UNSEEN | UNKNOWN | {"a share above one": bad},
    )


FEATURES = [
    Row(
        "screening.spectral_scores",
        lambda: {"seen": SEEN},
        seedless(screening.spectral_scores),
        refused={k: v for k, v in UNSEEN.items() if k != "a label that is no class"},
    ),
    Row(
        "screening.by_expected",
        lambda: {"seen": SEEN, "expected": 10},
        seedless(screening.by_expected),
        nought={"expected": 0},
        nothing=lambda inputs, flagged: not flagged.any(),
        kept=lambda inputs, flagged: flagged.sum() == 3 * 15,
        refused={"fewer than none": {"expected": -1}},
    ),
    compared(
        "by_spectrum", seedless(screening.by_spectrum), most=0.15, false_alarms=1.5
    ),
    compared("by_clusters", screening.by_clusters, most=0, level=1.5),
]

# ---------------------------------------------------------------- what owners look at

RIGHT = np.arange(100) < 60
CHECKS = [
    Row(
        "screening.outside",
        lambda: {"rows": RECORDS, "trusted": RECORDS},
        seedless(screening.outside),
        chance=lambda flagged: not flagged.any(),
        refused={"rows of other columns": {"rows": DIGITS}},
    ),
    Row(
        "screening.histograms",
        lambda: {"reference": RECORDS, "batch": RECORDS, "by": []},
        seedless(screening.histograms),
        chance=lambda found: min(found.values()) > 0.99,
        refused={
            "rows of other columns": {"batch": DIGITS},
            "a column that is not there": {"by": ["SEX"]},
        },
    ),
    Row(
        "screening.alarms",
        lambda: {"found": {"AGE": 0.001, "SEX": 0.5}},
        seedless(screening.alarms),
        nought={"level": 0.0},
        nothing=lambda inputs, names: not names,
        refused=BEYOND,
    ),
    Row(
        "screening.contradicted",
        lambda: {"claimed": 0.6, "right": RIGHT.copy()},
        seedless(screening.contradicted),
        chance=lambda alarm: not alarm,
        refused=BEYOND
        | {"no trusted rows": {"right": RIGHT[:0]}, "a claim": {"claimed": 1.1}},
    ),
    Row(
        "screening.moved",
        lambda: {"before": RIGHT.copy(), "after": RIGHT.copy()},
        seedless(screening.moved),
        chance=lambda alarm: not alarm,
        refused=BEYOND
        | {
            "no trusted rows": {"before": RIGHT[:0], "after": RIGHT[:0]},
            "other rows": {"after": RIGHT[1:]},
        },
    ),
]

# ---------------------------------------------------------------- the vote


def voted(*, rows, parts, seed):
    made = screening.partitioned(models.neighbours(), parts=parts)(rows, seed=seed)
    return made.votes(DIGITS.X)


NOBODY = {"no part": {"parts": 0}, "half a part": {"parts": 0.5}}
VOTES = [
    Row(
        "screening.partitioned",
        lambda: {"rows": DIGITS, "parts": 10},
        voted,
        kept=lambda inputs, votes: (votes.sum(axis=1) == 10).all(),
        refused=NOBODY,
    ),
    Row(
        "screening.partition",
        lambda: {"X": DIGITS.X.copy(), "parts": 10},
        seedless(screening.partition),
        kept=lambda inputs, where: set(where) <= set(range(10)),
        refused=NOBODY
        | {"no rows": {"X": DIGITS.X[:0]}, "a hole": {"X": DIGITS.X * np.nan}},
    ),
    Row(
        "screening.certificate",
        lambda: {"votes": np.array([[7, 2, 1], [5, 5, 0]])},
        seedless(screening.certificate),
        kept=lambda inputs, rows: rows.tolist() == [2, 0],
        refused={"no rows": {"votes": np.zeros((0, 3))}},
    ),
]
ROWS = [*SCREENS, *FEATURES, *CHECKS, *VOTES]
