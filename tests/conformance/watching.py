"""Watching: one row a defence, one row a detector."""

from functools import partial

import numpy as np
from promises import Row, unusable

from foible import data, models
from foible.defences import watching
from foible.victim import Victim

DIGITS, UNREAD = data.digits().take(np.arange(400)).split(0.5, seed=0)
READER = models.network(hidden=16, steps=40)
VICTIM = Victim.trained(READER, DIGITS, seed=0)
STRANGER = READER(data.digits().take(np.arange(400, 800)), seed=3)
SECRET = watching.keys(DIGITS, 20, seed=1)
KEPT = watching.kept_rows(DIGITS, UNREAD, READER, models=2, seed=0)
BAD = unusable(UNREAD.X, UNREAD.y)
TABLES = {
    what: {"X": BAD[what]["X"]}
    for what in ("no rows", "one row that is no table", "a row too narrow", "a hole")
}
NARROW = UNREAD.select(UNREAD.columns[1:])


def below_one(name):
    return {f"{name} below one": {name: 0}}


def no_share(name):
    return {f"{name} above one": {name: 1.5}, f"{name} below nought": {name: -0.1}}


def seedless(function):
    return lambda *, seed, **inputs: function(**inputs)


def guard(name, defence, *, nought=None, refused=None, **settings):
    """A defence in the way: what it answers is what the model does, or nothing."""

    def call(*, X, seed, **settings):
        return defence(VICTIM.transport, **settings)(X)

    return Row(
        f"watching.{name}",
        lambda: {"X": UNREAD.X.copy()} | settings,
        call,
        nought=nought or {},
        nothing=lambda inputs, told: np.array_equal(
            told, VICTIM.transport(inputs["X"])
        ),
        refused=TABLES | (refused or {}),
    )


def accusing(name, test):
    """Gives a p-value; a model that never saw the rows is not accused."""
    return Row(
        f"watching.{name}",
        lambda: {"suspect": VICTIM.model},
        lambda *, suspect, seed: test(suspect),
        blind={"suspect": STRANGER},
        chance=lambda p: p > 0.01,
        refused={"a model of another width": {"suspect": READER(NARROW, seed=0)}},
    )


def looking(name, look, *, few, refused=TABLES):
    """Looks at pictures; of honest ones it flags no more than it may, or a few more."""
    return Row(
        f"watching.{name}",
        lambda: {"X": UNREAD.X.copy(), "false_alarms": 0.01},
        lambda *, X, false_alarms, seed: look(false_alarms)(X),
        nought={"false_alarms": 0.0},
        nothing=lambda inputs, flags: not flags.any(),
        kept=lambda inputs, flags: flags.mean() <= few,
        refused=refused | no_share("false_alarms"),
    )


ROWS = [
    looking(
        "strange",
        lambda share: watching.strange(DIGITS.X, UNREAD.X, false_alarms=share),
        few=0.01,
    ),
    looking(
        "doubtful",
        lambda share: watching.doubtful(VICTIM.transport, UNREAD.X, false_alarms=share),
        few=0.01,
    ),
    looking(
        "repeated",
        lambda share: watching.repeated(UNREAD.X, false_alarms=share),
        few=0.01,
        refused={what: TABLES[what] for what in TABLES if what != "a row too narrow"},
    ),
    Row(
        "watching.guarded",
        lambda: {"X": UNREAD.X.copy(), "looks": [lambda X: X[:, 20] > 0.5]},
        lambda *, X, looks, seed: watching.guarded(VICTIM.transport, *looks)(X),
        nought={"looks": []},
        nothing=lambda inputs, said: np.array_equal(
            said, VICTIM.transport(inputs["X"]).argmax(axis=1)
        ),
        kept=lambda inputs, said: np.array_equal(said < 0, inputs["X"][:, 20] > 0.5),
        refused=TABLES,
    ),
    guard("journal", lambda way: watching.journal(way, log=[])),
    guard("quota", watching.quota, most=200, refused=below_one("most")),
    guard(
        "prada",
        watching.prada,
        threshold=0.5,
        patience=100,
        nought={"threshold": 0.0},
        refused=no_share("threshold") | below_one("patience"),
    ),
    guard(
        "ranged",
        watching.ranged,
        low=np.zeros(64),
        high=np.ones(64),
        nought={"low": np.full(64, -np.inf), "high": np.full(64, np.inf)},
        refused={"a range of other columns": {"low": np.zeros(3)}},
    ),
    Row(
        "watching.outside",
        lambda: {"X": UNREAD.X.copy(), "low": np.zeros(64), "high": np.ones(64)},
        seedless(watching.outside),
        chance=lambda flags: not flags.any(),
        refused=TABLES | {"a range of other columns": {"high": np.ones(3)}},
    ),
    Row(
        "watching.least_normal",
        lambda: {"accounts": [UNREAD.X.copy()], "false_alarms": 0.01},
        seedless(partial(watching.least_normal, VICTIM.transport)),
        kept=lambda inputs, limit: 0 <= limit <= 1,
        refused=no_share("false_alarms") | {"no account": {"accounts": []}},
    ),
    Row(
        "watching.normality",
        lambda: {"X": UNREAD.X.copy(), "y": UNREAD.y.copy()},
        lambda *, X, y, seed: watching.normality((X, y)),
        kept=lambda inputs, found: 0 <= found <= 1,
        refused={what: BAD[what] for what in ("no rows", "labels of other rows")}
        | {what: TABLES[what] for what in ("one row that is no table", "a hole")}
        | {"too few to judge": {"X": UNREAD.X[:3], "y": UNREAD.y[:3]}},
    ),
    Row(
        "watching.keys",
        lambda: {"rows": DIGITS, "count": 20},
        watching.keys,
        kept=lambda inputs, secret: (
            len(secret) == 20
            and (DIGITS.X.min(axis=0) <= secret.X).all()
            and (DIGITS.X.max(axis=0) >= secret.X).all()
        ),
        refused=below_one("count"),
    ),
    Row(
        "watching.watermarked",
        lambda: {"victim": VICTIM, "secret": SECRET, "times": 2},
        seedless(watching.watermarked),
        kept=lambda inputs, marked: len(marked.rows) == len(DIGITS) + 2 * len(SECRET),
        refused=below_one("times") | {"keys of another width": {"secret": NARROW}},
    ),
    Row(
        "watching.kept_rows",
        lambda: {"inside": DIGITS, "fresh": UNREAD, "models": 2},
        partial(watching.kept_rows, recipe=READER),
        refused=below_one("models") | {"rows of another width": {"inside": NARROW}},
    ),
    accusing("by_watermark", partial(watching.by_watermark, secret=SECRET)),
    accusing("by_kept_rows", partial(watching.by_kept_rows, kept=KEPT)),
    Row(
        "watching.redealt",
        lambda: {"suspect": STRANGER, "deals": 20},
        partial(watching.redealt, kept=KEPT),
        kept=lambda inputs, found: ((found >= 0) & (found <= 1)).all(),
        chance=lambda found: (found > 0.01).any(),
        refused=below_one("deals"),
    ),
    Row(
        "watching.indecision",
        lambda: {"X": UNREAD.X.copy(), "overlays": DIGITS, "draws": 3},
        partial(watching.indecision, VICTIM.transport),
        kept=lambda inputs, found: (found >= 0).all() and (found <= np.log(10)).all(),
        refused=TABLES | below_one("draws"),
    ),
    Row(
        "watching.suspicious",
        lambda: {"X": UNREAD.X, "trusted": DIGITS, "false_alarms": 0.05, "draws": 3},
        partial(watching.suspicious, VICTIM.transport),
        nought={"false_alarms": 0.0},
        nothing=lambda inputs, flags: flags.mean() < 0.02,
        chance=lambda flags: flags.mean() < 0.15,
        refused=TABLES | below_one("draws") | no_share("false_alarms"),
    ),
]
