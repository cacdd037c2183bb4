"""Sphinx extension: one build at a time, and only a good one replaces the site.

Sphinx writes into `_build/staging` in place of `_build/html`, and goes on there from
what the last build wrote. After a good end a copy takes the place of the site; after
any other the last good site stays. A second build in the same folder waits for a lock
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
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

logger = logging.getLogger(__name__)

FOLDER = "staging"
AFTER_ALL = 990


class Staging:
    """The way of one build from its folder to the site."""

    def __init__(self, site: Path) -> None:
        self.site = site
        self.folder = site.with_name(FOLDER)
        self.copy = site.with_name(f"{site.name}.new")
        self.old = site.with_name(f"{site.name}.old")
        try:
            site.parent.mkdir(parents=True, exist_ok=True)
            self._lock = _locked(site.with_name("lock"))
            self._tidy()
        except OSError as error:
            sys.exit(_refusal(site, error))

    def end(self, app: Sphinx, error: Exception | None) -> None:
        """After a good build, replace the site; when the disk fails, say so."""
        if isinstance(cause := getattr(error, "orig_exc", error), OSError):
            shutil.rmtree(self.copy, ignore_errors=True)
            self._lock.close()
            sys.exit(_refusal(self.site, cause))
        if error is None and not app.statuscode:
            self._replace()
        elif any(self.site.iterdir()):
            logger.info("The last good site stays in %s.", self.site)
        app.outdir = type(app.outdir)(self.site)  # which Sphinx names as its last word
        self._lock.close()

    def _replace(self) -> None:
        """Copy first, then change places: whole folders, never single files."""
        if _listing(self.folder) == _listing(self.site):
            return
        shutil.copytree(self.folder, self.copy)
        self.site.rename(self.old)
        self.copy.rename(self.site)
        self._tidy()

    def _tidy(self) -> None:
        """Take away what a replacement leaves, also one that was cut off."""
        shutil.rmtree(self.copy, ignore_errors=True)
        with suppress(OSError):  # not empty: the new site is in its place
            self.old.rename(self.site)
        shutil.rmtree(self.old, ignore_errors=True)


def drop(app: Sphinx, _: BuildEnvironment, *changes: set[str]) -> list[str]:
    """Take away the pages that the book no longer has."""
    for name in changes[-1]:
        Path(app.outdir, f"{name}.html").unlink(missing_ok=True)
        Path(app.outdir, "_sources", f"{name}.md").unlink(missing_ok=True)
    return []


def setup(app: Sphinx) -> dict[str, bool]:
    """Lead an HTML build through its own folder; others write where they say."""
    if Path(app.outdir).name == "html":
        staging = Staging(Path(app.outdir))
        app.outdir = type(app.outdir)(staging.folder)
        staging.folder.mkdir(exist_ok=True)
        app.connect("env-get-outdated", drop)
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


def _listing(folder: Path) -> set[tuple[str, int, int]]:
    """Every file with its size and date, which a copy keeps."""
    found = [(path, path.stat()) for path in folder.rglob("*") if path.is_file()]
    return {
        (str(path.relative_to(folder)), stat.st_size, stat.st_mtime_ns)
        for path, stat in found
    }


def _refusal(site: Path, error: OSError) -> str:
    """One error in words; copying a folder gives a list, one for each file."""
    why = error.args[0][0][2] if isinstance(error, shutil.Error) else error
    return (
        f"The site is NOT good: {why}.\n"
        f"A build must be able to write into {site.parent}; make room there, or get "
        "the right to write, and build again. The last good site, if any, stays."
    )
