"""Sphinx extension: one build at a time, and only a good one replaces the site.

Every build makes all pages anew: of the last one nothing is left but the records of
the chapters and the pictures, which vouch for themselves. So the site is the same
whatever was built before. Sphinx writes into `_build/staging` in place of
`_build/html`. After a good end that folder takes the place of the site; after any
other the last good site stays. A second build in the same folder waits for a lock
that its owner cannot leave behind: the system frees it when the process ends.
"""

import os
import shutil
import sys
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from typing import TextIO

from sphinx.application import Sphinx
from sphinx.util import logging

logger = logging.getLogger(__name__)

FOLDER = "staging"
MADE_ANEW = (FOLDER, ".doctrees", "jupyter_execute")
AFTER_ALL = 990


class Staging:
    """The way of one build from its folder to the site."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.folder = site.with_name(FOLDER)
        self.old = site.with_name(f"{site.name}.old")
        try:
            site.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(site.with_name("lock"))
            self._tidy()
            for name in MADE_ANEW:
                shutil.rmtree(site.with_name(name), ignore_errors=True)
            self.folder.mkdir()
        except OSError as error:
            sys.exit(_refusal(site, error))

    def end(self, app: Sphinx, error: Exception | None) -> None:
        """After a good build, replace the site; when the disk fails, say so."""
        if isinstance(cause := getattr(error, "orig_exc", error), OSError):
            self._lock.close()
            sys.exit(_refusal(self.site, cause))
        if error is None and not app.statuscode:
            self._replace()
        elif any(self.site.iterdir()):
            logger.info("The last good site stays in %s.", self.site)
        app.outdir = type(app.outdir)(self.site)  # which Sphinx names as its last word
        self._lock.close()

    def _replace(self) -> None:
        """Whole folders change places, never single files."""
        self.site.rename(self.old)
        self.folder.rename(self.site)
        self._tidy()

    def _tidy(self) -> None:
        """Take away what a replacement leaves, also one that was cut off."""
        with suppress(OSError):  # not empty: the new site is in its place
            self.old.rename(self.site)
        shutil.rmtree(self.old, ignore_errors=True)


def setup(app: Sphinx) -> dict[str, bool]:
    """Lead an HTML build through its own folder; others write where they say."""
    if Path(app.outdir).name == "html":
        staging = Staging(Path(app.outdir))
        app.outdir = type(app.outdir)(staging.folder)
        app.connect("build-finished", staging.end, priority=AFTER_ALL)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _locked(path: Path) -> TextIO:
    """The lock, as soon as no other process has it."""
    lock = path.open("a+", encoding="utf-8")
    try:
        flock(lock, LOCK_EX | LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        owner = lock.read() or "another one"
        logger.info("process %s builds this book; waiting until it ends", owner)
        flock(lock, LOCK_EX)
    lock.truncate(0)
    lock.write(str(os.getpid()))
    lock.flush()
    return lock


def _refusal(site: Path, error: OSError) -> str:
    return (
        f"The site is NOT good: {error}.\n"
        f"A build must be able to write into {site.parent}; make room there, or get "
        "the right to write, and build again. The last good site, if any, stays."
    )
