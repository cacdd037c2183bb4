"""Is this file the one that was made, and who says so?

A digest knows the bytes, a signature who made them, and one over a version which
release they belong to.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from foible.errors import ArtefactRefused


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
    version: int


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
    release, signature : Release and bytes
        What was received.
    public : bytes
        The maker's key, known beforehand.
    newest : int
        The highest version that this consumer has accepted so far. Without it an
        old release, validly signed, is accepted for ever.

    Raises
    ------
    ArtefactRefused
        A signature that does not fit file, version and key; an older release.
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
