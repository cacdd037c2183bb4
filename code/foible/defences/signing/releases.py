"""Is this file the one that was made, and who says so?"""

import hashlib
import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from cryptography.hazmat.primitives import serialization as pem
from cryptography.hazmat.primitives.asymmetric import ec
from numpy.typing import NDArray
from scipy import stats

from foible.domains import Natural
from foible.errors import ArtefactRefused, BadInput


def digest(artefact: bytes) -> str:
    """SHA-256 of a file, in 64 hexadecimal digits."""
    return hashlib.sha256(artefact).hexdigest()


def verified(artefact: bytes, *, wanted: str) -> bytes:
    """The same bytes, if they have the `digest` that is wanted, else ArtefactRefused.

    It must come from somebody whom the holder of the file cannot impersonate.
    """
    got = digest(artefact)
    if got != wanted:
        raise ArtefactRefused(
            f"got a file with the digest {got}; wanted {wanted}; fetch it again from "
            "its maker and do not open this one"
        )
    return artefact


@dataclass(frozen=True)
class Release:
    """A model's file, and which release of it this is, counted up."""

    artefact: bytes
    version: Natural


@dataclass(frozen=True)
class Keys:
    """A key to sign with, which its owner keeps, and one to verify with, for everybody.

    Both in PEM, on the curve P-256.
    """

    private: bytes
    public: bytes

    @classmethod
    def new(cls) -> "Keys":
        """A new pair, from the operating system's randomness: never the same twice."""
        key = ec.generate_private_key(ec.SECP256R1())
        plain, spki = pem.NoEncryption(), pem.PublicFormat.SubjectPublicKeyInfo
        return cls(
            key.private_bytes(pem.Encoding.PEM, pem.PrivateFormat.PKCS8, plain),
            key.public_key().public_bytes(pem.Encoding.PEM, spki),
        )


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
    release: Release, signature: bytes, *, public: bytes, newest: Natural = 0
) -> bytes:
    """The file of a release that is signed, and not older than `newest`.

    Else ArtefactRefused. `public` is the maker's key, known beforehand; `newest` the
    highest version that this consumer has accepted so far: without it an old release,
    validly signed, is accepted for ever.
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


def caught(*, golden: Natural, altered: Natural, rows: Natural) -> float:
    """Probability that golden rows, drawn from `rows`, meet one of the `altered`.

    It is 1 − C(rows − altered, golden) / C(rows, golden), about
    1 − (1 − altered / rows) ^ golden.
    """
    if not (0 <= golden <= rows and 0 <= altered <= rows):
        raise BadInput(
            f"got {golden} golden and {altered} altered rows; wanted 0 to {rows}"
        )
    return float(stats.hypergeom.sf(0, rows, altered, golden))


def in_half_precision(
    weights: Mapping[str, NDArray[Any]],
) -> dict[str, NDArray[np.float32]]:
    """The same weights, rounded to float16: 13 of their 23 low bits are gone.

    Who knows that this will be done hides in the bits that are left.
    """
    return {
        name: values.astype(np.float16).astype(np.float32)
        for name, values in weights.items()
    }


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
