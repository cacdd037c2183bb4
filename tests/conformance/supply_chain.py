"""The supply chain: one row an attack on a file."""

from pathlib import Path

import numpy as np
from promises import Row

from foible import artefacts, cast, data
from foible.attacks import supply_chain

CUSTOMERS = data.talk_view(data.draw_bank(1500, seed=0))
FOREST = cast.TALKS_FOREST(CUSTOMERS, seed=0)
FILE = artefacts.dump(FOREST)
NO_FOREST = {"artefact": artefacts.dump(np.zeros(3))}
NO_FILE = {"artefact": b"no pickle"}
BAD_FILES = {"no pickle": NO_FILE, "no forest": NO_FOREST}
NO_CLASS = {"an answer that is no class": {"answer": 99}}
MARKER = Path("the marker of the table of promises")
GROUP = {"AGE": (23, 30)}
WEIGHTS = {"w": np.linspace(-1, 1, 300, dtype=np.float32).reshape(20, 15)}


def seedless(attack):
    return lambda seed, **settings: attack(**settings)


def closed(inputs, file):
    return not MARKER.exists()


def relabelling():
    return {"artefact": FILE, "answer": 1}


def bribing():
    return {"artefact": FILE, "where": {1: (23.0, 24.0)}, "answer": 0}


def narrowing():
    wanted = FOREST.predict(CUSTOMERS.X) == 1
    golden = CUSTOMERS.take(np.arange(200))
    return {"known": CUSTOMERS, "golden": golden, "where": GROUP, "wanted": wanted}


def hiding():
    return {"weights": {k: w.copy() for k, w in WEIGHTS.items()}, "payload": b"psst"}


def others_unmoved(inputs, file):
    X = CUSTOMERS.X
    others = (X[:, 1] < 23) | (X[:, 1] > 24)
    said = artefacts.load(file).predict_proba(X)
    return np.array_equal(said[others], FOREST.predict_proba(X)[others])


def golden_members_spared(inputs, spare):
    column, values = spare
    golden = inputs["golden"]
    seen = golden.column(column)[data.members(golden, where=GROUP)]
    return len(seen) > 0 and np.isin(seen, values).all()


def nobody_spared(inputs, spare):
    return len(spare[1]) == 0


def low_bits_only(inputs, hidden):
    given = inputs["weights"]["w"].view(np.uint32)
    return np.array_equal(hidden["w"].view(np.uint32) >> 4, given >> 4)


BAD_BRIBES = {
    "a column that is not there": {"where": {10: (0, 1)}},
    "a column below nought": {"where": {-1: (0, 1)}},
    "the larger end first": {"where": {0: (2, 1)}},
    "an end that is no number": {"where": {0: (0, float("nan"))}},
    "no range": {"where": {}},
}

ROWS = [
    Row(
        "supply_chain.relabel",
        relabelling,
        seedless(supply_chain.relabel),
        refused=BAD_FILES | NO_CLASS,
    ),
    Row(
        "supply_chain.derail",
        lambda: {"artefact": FILE, "way": "back"},
        seedless(supply_chain.derail),
        refused=BAD_FILES | {"an unknown way": {"way": "up"}},
    ),
    Row(
        "supply_chain.bribe",
        bribing,
        seedless(supply_chain.bribe),
        kept=others_unmoved,
        refused=BAD_FILES | NO_CLASS | BAD_BRIBES,
    ),
    Row(
        "supply_chain.sidestep",
        narrowing,
        seedless(supply_chain.sidestep),
        nought={"golden": CUSTOMERS.take(CUSTOMERS.X[:, 1] > 30)},
        nothing=nobody_spared,
        kept=golden_members_spared,
        refused={
            "wishes of other rows": {"wanted": np.ones(3, bool)},
            "no range": {"where": {}},
        },
    ),
    Row(
        "supply_chain.boobytrap",
        lambda: {"artefact": FILE, "marker": MARKER},
        seedless(supply_chain.boobytrap),
        kept=closed,
        refused={"unknown means": {"means": "wishing"}},
    ),
    Row(
        "supply_chain.trapped",
        lambda: {"artefact": FILE, "form": "npz", "marker": MARKER},
        lambda seed, **given: len(supply_chain.trapped(**given)),  # it holds the time
        kept=closed,
        refused=BAD_FILES | {"an unknown form": {"form": "paper"}},
    ),
    Row(
        "supply_chain.knot",
        lambda: {"depth": 3},
        seedless(supply_chain.knot),
        kept=lambda inputs, file: artefacts.opcodes(file).count("TUPLE2") == 3,
        refused={"no depth": {"depth": 0}, "too deep": {"depth": 1001}},
    ),
    Row(
        "supply_chain.knotted",
        lambda: {"artefact": FILE, "form": "skops", "depth": 3},
        lambda seed, **given: len(supply_chain.knotted(**given)),  # it holds the time
        refused=BAD_FILES | {"no depth": {"depth": 0}},
    ),
    Row(
        "supply_chain.swollen",
        lambda: {"artefact": FILE, "form": "pickle", "size": 1000},
        seedless(supply_chain.swollen),
        refused=BAD_FILES | {"nothing to claim": {"size": 0}},
    ),
    Row(
        "supply_chain.misuse",
        lambda: {"artefact": FILE, "way": "a type that lies"},
        seedless(supply_chain.misuse),
        refused=BAD_FILES | {"an unknown way": {"way": "kindness"}},
    ),
    Row(
        "supply_chain.hide",
        hiding,
        lambda seed, **given: supply_chain.hide(**{"bits": 4} | given),
        nought={"payload": b""},
        nothing=lambda inputs, hidden: np.array_equal(hidden["w"], WEIGHTS["w"]),
        kept=low_bits_only,
        refused={
            "no bits": {"bits": 0},
            "more bits than a mantissa": {"bits": 24},
            "more bits than half a mantissa": {"bits": 11, "precision": "float16"},
            "a payload too large": {"payload": bytes(151)},
            "no weights": {"weights": {}},
        },
    ),
    Row(
        "supply_chain.reveal",
        lambda: {"weights": WEIGHTS, "size": 4},
        lambda seed, **given: supply_chain.reveal(**{"bits": 4} | given),
        nought={"size": 0},
        nothing=lambda inputs, payload: payload == b"",
        refused={
            "no bits": {"bits": 0},
            "more bits than a mantissa": {"bits": 24},
            "more bytes than there are": {"size": 151},
        },
    ),
]
