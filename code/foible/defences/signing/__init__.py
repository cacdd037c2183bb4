"""How does one know that a model's file is the one that was made?

Five checks, from weak to strong. A scanner knows bad files; golden rows know some
answers; a digest knows the bytes; a signature knows who made them; a signature over
a version knows which release they belong to. Rounding the weights is no check: it
destroys what their lowest bits may carry. The loaders that do not run what a file
says are in `foible.artefacts`.
"""

import hashlib
import io
import json
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from numpy.typing import NDArray
from scipy import stats

from foible import plots
from foible.arrays import Bools, Floats
from foible.data import Dataset
from foible.errors import ArtefactRefused, BadInput
from foible.evidence import Cell, DoseResponse, Matrix
from foible.models import Classifier

# ---------------------------------------------------------------- the scanner


class Verdict(NamedTuple):
    """What a scanner says of a file.

    Parameters
    ----------
    flagged : bool
        Whether it reports a danger.
    word : str
        How it says so.
    """

    flagged: bool
    word: str


def by_picklescan(artefact: bytes) -> Verdict:
    """What picklescan says of a pickle: it knows names that are dangerous."""
    from picklescan.scanner import scan_bytes

    with _quiet("picklescan"):
        found = scan_bytes(io.BytesIO(artefact), "model.pkl", ".pkl")
    return _counted(found.issues_count, errors=int(found.scan_err))


def by_modelscan(artefact: bytes) -> Verdict:
    """What ModelScan says of a pickle: it knows fewer [protectai2023modelscan]."""
    from modelscan.modelscan import ModelScan

    with tempfile.TemporaryDirectory() as folder, _quiet("modelscan"):
        path = Path(folder) / "model.pkl"
        path.write_bytes(artefact)
        found = ModelScan().scan(path)
    return _counted(found["summary"]["total_issues"], errors=len(found["errors"]))


def by_fickling(artefact: bytes) -> Verdict:
    """What fickling says of a pickle: it interprets it [sultanik2021never]."""
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import Pickled, PickleDecodeError

    try:
        severity = check_safety(Pickled.load(artefact)).severity
    except PickleDecodeError:
        return Verdict(False, "cannot read it")
    word = severity.name.replace("_", " ").lower()
    return Verdict(severity > Severity.LIKELY_SAFE, word)


SCANNERS: Mapping[str, Callable[[bytes], Verdict]] = {
    "picklescan": by_picklescan,
    "ModelScan": by_modelscan,
    "fickling": by_fickling,
}
"""The scanners by name."""


def scan(artefact: bytes) -> dict[str, Verdict]:
    """What each of `SCANNERS` says of a pickle."""
    return {name: scanner(artefact) for name, scanner in SCANNERS.items()}


def _counted(issues: int, *, errors: int) -> Verdict:
    if issues:
        return Verdict(True, f"{issues} issue" + "s" * (issues > 1))
    return Verdict(False, "cannot read it" if errors else "no issue")


@contextmanager
def _quiet(name: str) -> Iterator[None]:
    """A time in which one logger says nothing."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before


# ---------------------------------------------------------------- the digest


def digest(artefact: bytes) -> str:
    """SHA-256 of a file, in 64 hexadecimal digits."""
    return hashlib.sha256(artefact).hexdigest()


def verified(artefact: bytes, *, wanted: str) -> bytes:
    """The same bytes, if they have the digest that is wanted.

    Parameters
    ----------
    artefact : bytes
        The file.
    wanted : str
        Its `digest`, from somebody whom the holder of the file cannot impersonate.

    Raises
    ------
    ArtefactRefused
        When the file has another digest.
    """
    got = digest(artefact)
    if got != wanted:
        raise ArtefactRefused(
            f"got a file with the digest {got}; wanted {wanted}; fetch it again from "
            "its maker and do not open this one"
        )
    return artefact


# ---------------------------------------------------------------- the signature


@dataclass(frozen=True)
class Release:
    """A model's file, and which release of it this is.

    Parameters
    ----------
    artefact : bytes
        The file.
    version : int
        Counts up with every release.
    """

    artefact: bytes
    version: int


@dataclass(frozen=True)
class Keys:
    """A key to sign with, which its owner keeps, and one to verify with, for everybody.

    Parameters
    ----------
    private, public : bytes
        Both in PEM, on the curve P-256.
    """

    private: bytes
    public: bytes

    @classmethod
    def new(cls) -> "Keys":
        """A new pair, from the operating system's randomness: never the same twice."""
        key = ec.generate_private_key(ec.SECP256R1())
        private = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        public = key.public_key().public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
        return cls(private, public)


def sign(release: Release, *, private: bytes) -> bytes:
    """A signature over a release: the file and its version [newman2022sigstore].

    It is OpenSSF model signing with a local key: a signed list of the digests of all
    files of the release, in a Sigstore bundle. Nothing leaves this machine.
    """
    from model_signing import signing

    with _written(release, private) as (model, key, signature):
        signer = signing.Config()  # type: ignore[no-untyped-call]
        signer.use_elliptic_key_signer(private_key=key).sign(model, signature)
        return signature.read_bytes()


def accepted(
    release: Release, signature: bytes, *, public: bytes, newest: int = 0
) -> bytes:
    """The file of a release that is signed, and not older than the newest one known.

    Parameters
    ----------
    release : Release
        What was received.
    signature : bytes
        What came with it.
    public : bytes
        The maker's key, known beforehand.
    newest : int
        The highest version that this consumer has accepted so far. Without it an
        old release, validly signed, is accepted for ever.

    Raises
    ------
    ArtefactRefused
        When the signature does not fit the file, the version and the key, or when
        the release is older than `newest`.
    """
    from model_signing import verifying

    with _written(release, public, signature) as (model, key, path):
        verifier = verifying.Config()  # type: ignore[no-untyped-call]
        try:
            verifier.use_elliptic_key_verifier(public_key=key).verify(model, path)
        except Exception as problem:
            raise ArtefactRefused(
                "got a release that its signature does not fit; wanted one that was "
                "signed by the key's owner, unaltered; do not open it"
            ) from problem
    if release.version < newest:
        raise ArtefactRefused(
            f"got release {release.version}; wanted {newest} or later; somebody may "
            "be passing on an old model"
        )
    return release.artefact


@contextmanager
def _written(
    release: Release, key: bytes, signature: bytes = b""
) -> Iterator[tuple[Path, Path, Path]]:
    """A release, a key and a signature as files: what model signing works on."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = folder / "model"
        model.mkdir()
        (model / "model.bin").write_bytes(release.artefact)
        (model / "release.json").write_text(json.dumps({"version": release.version}))
        (folder / "key.pem").write_bytes(key)
        (folder / "model.sig").write_bytes(signature)
        yield model, folder / "key.pem", folder / "model.sig"


# ---------------------------------------------------------------- the weights


def rounded(weights: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.float32]]:
    """The same weights, rounded to float16: 13 of their 23 low bits are gone.

    Who knows that this will be done hides in the bits that are left.
    """
    return {
        name: values.astype(np.float16).astype(np.float32)
        for name, values in weights.items()
    }


# ---------------------------------------------------------------- the golden rows


def golden(model: Classifier, X: Floats) -> NDArray[np.generic]:
    """The answers that a model gives to some rows, to be kept with its release."""
    return np.asarray(model.predict(X))


def checked(
    model: Classifier, X: Floats, *, expected: NDArray[np.generic]
) -> Classifier:
    """The same model, if it still gives the expected answers.

    Raises
    ------
    ArtefactRefused
        When it answers any row differently.
    """
    wrong = int(np.sum(golden(model, X) != expected))
    if wrong:
        raise ArtefactRefused(
            f"got {wrong} of {len(X)} golden rows answered otherwise; wanted none; "
            "this is not the model that was released"
        )
    return model


def caught(*, golden: int, altered: int, rows: int) -> float:
    """Probability that golden rows, drawn from `rows`, meet one of the `altered`.

    It is 1 − C(rows − altered, golden) / C(rows, golden), about
    1 − (1 − altered / rows) ^ golden.

    Raises
    ------
    BadInput
        For more golden or altered rows than there are rows.
    """
    if not (0 <= golden <= rows and 0 <= altered <= rows):
        raise BadInput(
            f"got {golden} golden and {altered} altered rows; wanted 0 to {rows}"
        )
    return float(stats.hypergeom.sf(0, rows, altered, golden))


# ---------------------------------------------------------------- the judges


def judge_golden(
    model: Classifier,
    altered: Mapping[str, Sequence[Classifier]],
    rows: Dataset,
    *,
    counts: Sequence[int],
    repeats: int = 200,
    seed: int,
) -> DoseResponse:
    """Share of draws of golden rows that notice an altered model.

    Parameters
    ----------
    model : Classifier
        The model as it was released.
    altered : mapping of str to sequence of Classifier
        For each attacker by name the altered models among which they choose. One who
        may choose among several knows the golden rows: they are noticed only when
        all of theirs would be.
    rows : Dataset
        Where golden rows are drawn from.
    counts : sequence of int
        Numbers of golden rows, ascending.
    repeats : int
        Draws.
    seed : int
        Of the draws.

    Raises
    ------
    BadInput
        When a count cannot be drawn, or an altered model answers no row differently.
    """
    if not 1 <= counts[0] <= counts[-1] <= len(rows):
        raise BadInput(f"got the counts {counts}; wanted 1 to {len(rows)}, ascending")
    random, truth = np.random.default_rng(seed), golden(model, rows.X)
    draws = np.array([random.permutation(len(rows)) for _ in range(repeats)])
    responses = {}
    for name, models in altered.items():
        wrong = np.array([golden(other, rows.X) != truth for other in models])
        if not wrong.any(axis=1).all():
            raise BadInput(
                f"got a model of {name!r} that answers every row as the released one; "
                "wanted altered models; take more rows or leave it out"
            )
        first = np.array([_first(one, draws) for one in wrong]).max(axis=0)
        responses[name] = first < np.array(counts)[:, None]
    meanings: dict[str, plots.Meaning] = dict.fromkeys(altered, "defence")
    return DoseResponse(
        np.array(counts, dtype=float),
        responses,
        "golden rows",
        "share of altered models noticed",
        meanings,
        units="draws",
    )


def _first(wrong: Bools, draws: NDArray[np.int64]) -> NDArray[np.int64]:
    """Place of the first altered row in each draw; past the end where there is none."""
    met = wrong[draws]
    return np.asarray(np.where(met.any(axis=1), met.argmax(axis=1), draws.shape[1]))


def judge_checks(release: Release, altered: bytes, old: Release) -> Matrix:
    """Which check refuses which substitute for a model's file.

    Parameters
    ----------
    release : Release
        What the maker has released.
    altered : bytes
        Another file that the attacker wants to be used instead.
    old : Release
        An earlier release by the same maker.

    Returns
    -------
    Matrix
        The attackers: one alters the file; one alters the file and makes anew all
        that lies beside it, with a key of their own; one puts back the old release
        with all that lay beside it then, for a consumer who knows of the new one, or
        does not yet; and one has stolen the maker's key.
    """
    maker, stranger = Keys.new(), Keys.new()
    forged = Release(altered, release.version)
    honest, before = (sign(r, private=maker.private) for r in (release, old))
    offers = {
        "as released": _Offer(release, honest, release),
        "the file altered": _Offer(forged, honest, release, beside=release.artefact),
        "and all beside it": _Offer(
            forged, sign(forged, private=stranger.private), release
        ),
        "an old release": _Offer(old, before, release),
        "the same, new unheard of": _Offer(old, before, old),
        "signed with the stolen key": _Offer(
            forged, sign(forged, private=maker.private), release
        ),
    }
    public = maker.public
    checks: dict[str, Callable[[_Offer], bytes]] = {
        "digest beside": lambda o: verified(
            o.release.artefact, wanted=digest(o.beside or o.release.artefact)
        ),
        "digest elsewhere": lambda o: verified(
            o.release.artefact, wanted=digest(o.heard.artefact)
        ),
        "signed": lambda o: accepted(o.release, o.signature, public=public),
        "signed + version": lambda o: accepted(
            o.release, o.signature, public=public, newest=o.heard.version
        ),
    }
    cells = [
        [_passed(check, offer, release) for check in checks.values()]
        for offer in offers.values()
    ]
    return Matrix(list(offers), list(checks), cells, corner="what is offered")


class _Offer(NamedTuple):
    """What a consumer is offered, and the newest release that they have heard of."""

    release: Release
    signature: bytes
    heard: Release
    beside: bytes = b""  # the file whose digest lies beside this one; its own if empty


def _passed(check: Callable[[_Offer], bytes], offer: _Offer, release: Release) -> Cell:
    try:
        check(offer)
    except ArtefactRefused:
        return Cell("refused", "stopped")
    return Cell("accepted", "no attack" if offer.release == release else "unnoticed")
