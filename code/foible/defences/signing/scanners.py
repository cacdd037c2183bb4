"""What do scanners say of a pickle, without opening it?"""

import io
import logging
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple


class Verdict(NamedTuple):
    """What a scanner says of a file: whether it reports a danger, and how."""

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
