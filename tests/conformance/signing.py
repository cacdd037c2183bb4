"""Signing: one row a check of a file, one row for what rounding does to weights."""

import pickle

import numpy as np
from promises import Row

from foible.defences import signing

FILE = b"a model, version two"
RELEASE = signing.Release(FILE, version=2)
KEYS, STRANGER = signing.Keys.new(), signing.Keys.new()
SIGNATURE = signing.sign(RELEASE, private=KEYS.private)
STRANGE = signing.sign(RELEASE, private=STRANGER.private)
SHELL = b"cos\nsystem\n(Vtrue\ntR."


def seedless(check):
    return lambda seed, **settings: check(**settings)


def as_released(inputs, file):
    return file == FILE


def signed():
    release = {"release": RELEASE, "signature": SIGNATURE}
    return release | {"public": KEYS.public, "newest": 2}


def weights():
    return {"weights": {"w": np.linspace(-1, 1, 30, dtype=np.float32).reshape(5, 6)}}


def scanner(name):
    """A scanner: an honest file at dose nought, a call of a shell else."""
    scan = signing.SCANNERS[name]
    return Row(
        f"signing.{name}",
        lambda: {"artefact": SHELL},
        lambda *, artefact, seed: scan([artefact])[0],
        nought={"artefact": pickle.dumps([1, 2])},
        nothing=lambda inputs, verdict: not verdict.flagged,
        kept=lambda inputs, verdict: verdict.flagged,
    )


ROWS = [
    Row(
        "signing.verified",
        lambda: {"artefact": FILE, "wanted": signing.digest(FILE)},
        seedless(signing.verified),
        nothing=as_released,
        refused={
            "another file": {"artefact": FILE + b"!"},
            "no file": {"artefact": b""},
        },
    ),
    Row(
        "signing.accepted",
        signed,
        seedless(signing.accepted),
        nothing=as_released,
        refused={
            "another file": {"release": signing.Release(FILE + b"!", 2)},
            "another version": {"release": signing.Release(FILE, 3)},
            "a stranger's signature": {"signature": STRANGE},
            "no signature": {"signature": b"signed, me"},
            "no key": {"public": b""},
            "an old release": {"newest": 3},
        },
    ),
    Row(
        "signing.caught",
        lambda: {"golden": 10, "altered": 20, "rows": 100},
        seedless(signing.caught),
        nought={"golden": 0},
        nothing=lambda inputs, chance: chance == 0,
        kept=lambda inputs, chance: 0 < chance < 1,
        refused={
            "more golden rows than rows": {"golden": 101},
            "golden rows below nought": {"golden": -1},
            "more altered rows than rows": {"altered": 101},
        },
    ),
    Row(
        "signing.in_half_precision",
        weights,
        seedless(signing.in_half_precision),
        kept=lambda inputs, found: (
            found["w"].dtype == np.float32
            and np.allclose(found["w"], inputs["weights"]["w"], rtol=1e-3)
            and (found["w"].view(np.uint32) & 0x1FFF == 0).all()
        ),
    ),
    *map(scanner, signing.SCANNERS),
]
