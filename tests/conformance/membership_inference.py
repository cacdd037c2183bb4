"""Membership inference: one row an attack, and one for the audit."""

from dataclasses import replace

import numpy as np
from promises import Row

from foible import data, metrics, models
from foible.arrays import masks
from foible.attacks import membership_inference as mi

CANDIDATES, REST = data.digits().take(np.arange(300)).split(0.7, seed=0)
N = len(CANDIDATES)
RECIPE = models.network(hidden=16, steps=60, batch=16)
MEMBER = masks(17, N, seed=0)
TARGET, *SHADOWS = RECIPE.many([CANDIDATES.take(m) for m in MEMBER], seeds=range(17))
ELEVEN = replace(
    CANDIDATES, y=np.full(N, 10), classes=(*CANDIDATES.classes, "no digit")
)
NARROW = replace(
    CANDIDATES, X=CANDIDATES.X[:, 1:], columns=CANDIDATES.columns[1:], image=None
)


def game():
    """A target to ask, and the shadows: theirs is every model but the target."""
    return {
        "oracle": models.oracle(TARGET),
        "rows": CANDIDATES,
        "models": SHADOWS,
        "member": MEMBER[1:].copy(),
        "truth": MEMBER[0].copy(),
    }


def scored(attack):
    """The scores of members and of others."""

    def call(*, oracle, rows, models, member, truth, seed, **settings):
        score = attack(oracle, rows, mi.Shadows(models, member), **settings)
        return score[truth], score[~truth]

    return call


def attacker(name, attack, queries=N, refused=None, /, **settings):
    shadows = {
        "nobody who has seen them not": {"member": np.ones((16, N), bool)},
        "shadows of other rows": {"member": MEMBER[1:, 1:]},
    }
    return Row(
        f"membership_inference.{name}",
        lambda: game() | settings,
        scored(attack),
        blind={"truth": np.random.default_rng(99).random(N) < 0.5},
        chance=lambda scores: 0.4 < metrics.auc(*scores) < 0.6,
        kept=lambda inputs, scores: inputs["oracle"].asked == queries,
        refused={
            "rows too narrow": {"rows": NARROW},
        }
        | (shadows if attack is not LOSS else {})
        | (refused or {}),
    )


def stability(oracle, rows, shadows, *, noise, copies):
    signal = mi.Stability(noise=noise, copies=copies, seed=0)
    return mi.label_only(oracle, rows, shadows, signal=signal)


def apart():
    random = np.random.default_rng(0)
    return {
        "inside": random.normal(3, 1, 200),
        "outside": random.normal(0, 1, 200),
        "delta": 1e-5,
        "level": 0.95,
    }


LOSS = mi.alone(mi.loss_attack)
SURE = {  # what those refuse who need probabilities
    "labels alone": {"oracle": models.oracle(TARGET, answers="label")},
    "a label that is no answer": {"rows": ELEVEN},
}
ROWS = [
    attacker("loss_attack", LOSS, N, SURE),
    attacker("lira", mi.lira, N, SURE),
    attacker("lira_offline", mi.lira_offline, N, SURE),
    attacker(
        "rmia",
        mi.rmia,
        N + len(REST),
        SURE | {"a share above one": {"a": 1.5}},
        population=REST,
    ),
    attacker(
        "label_only",
        stability,
        4 * N,
        {"no question": {"copies": 0}},
        noise=0.2,
        copies=4,
    ),
    Row(
        "membership_inference.epsilon_at_least",
        apart,
        lambda *, inside, outside, seed, **settings: mi.epsilon_at_least(
            inside, outside, **settings
        ),
        blind={"inside": np.random.default_rng(1).normal(0, 1, 200)},
        chance=lambda proven: proven < 0.3,
        refused={
            "no scores": {"inside": np.array([])},
            "a delta above one": {"delta": 1.5},
            "a level below nought": {"level": -0.1},
        },
    ),
    Row(
        "membership_inference.epsilon_in_one_run",
        lambda: apart() | {"guesses": 100},
        lambda *, inside, outside, seed, **settings: mi.epsilon_in_one_run(
            inside, outside, **settings
        ),
        blind={"inside": np.random.default_rng(1).normal(0, 1, 200)},
        chance=lambda proven: proven < 0.3,
        refused={
            "no scores": {"inside": np.array([]), "outside": np.array([])},
            "no guess": {"guesses": 1},
            "more guesses than canaries": {"guesses": 402},
            "a delta above one": {"delta": 1.5},
            "a level below nought": {"level": -0.1},
        },
    ),
    Row(
        "membership_inference.offline_scale",
        lambda: {"rows": CANDIDATES, "models": SHADOWS, "member": MEMBER[1:].copy()},
        lambda *, rows, models, member, seed: mi.offline_scale(
            mi.Shadows(models, member), rows
        ),
        blind={"member": masks(16, N, seed=98)},
        chance=lambda scale: scale > 0.8,
        refused={
            "rows too narrow": {"rows": NARROW},
            "nobody who has seen them": {"member": np.zeros((16, N), bool)},
        },
    ),
]
