"""Sphinx extension: a build with any warning or error is red, and stays red.

Sphinx warns about a page only when it reads or writes that page, so a second build
with nothing changed would be green. Therefore every build leaves a mark when it begins
and takes it away when it ends well. A build that finds the mark of another forgets what
Sphinx remembers of the pages, and reads and writes them all. The outputs of chapters
that ran well are kept elsewhere, so this costs seconds.
"""

import shutil
from logging import WARNING, Handler, LogRecord, getLogger
from pathlib import Path

from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.config import Config
from sphinx.util import logging
from sphinx.util.console import red

from staging import FOLDER

logger = logging.getLogger(__name__)

FOLLOWS = ("got no figure", "no figure is called", "got a bar")  # from what failed
JUDGEMENT = 900  # after the other extensions have ended; what needs a verdict is later


class Gate(Handler):
    """What Sphinx's log says from warnings upwards, each thing once."""

    def __init__(self, app: Sphinx) -> None:
        super().__init__(WARNING)
        self.app = app
        self.problems: dict[str, None] = {}
        self.addFilter(logging.WarningLogRecordTranslator(app))

    def emit(self, record: LogRecord) -> None:
        """Note the record, unless the configuration suppresses its kind."""
        kind, subkind = getattr(record, "type", ""), getattr(record, "subtype", "")
        suppressed = self.app.config.suppress_warnings
        if not logging.is_suppressed_warning(kind, subkind, suppressed):
            message = record.getMessage().partition("\n")[0]
            self.problems[message.removeprefix(f"{self.app.srcdir}/")] = None

    def end(self, app: Sphinx, exception: Exception | None) -> None:
        """Take the mark away after a good end, else list what is wrong."""
        if exception is not None:
            return
        if app._warncount == app.statuscode == 0:
            _mark(app).unlink(missing_ok=True)
            return
        app.statuscode = 1
        listed = "\n  ".join(_causes(list(self.problems)))
        logger.info(
            red(
                f"The site is NOT good:\n  {listed}\n"
                "Mend this and build again; chapters that ran well do not run again."
            )
        )


def begin(app: Sphinx, _: Config) -> None:
    """Forget what Sphinx remembers, before it is loaded, if the last end was bad."""
    mark = _mark(app)
    if mark.exists():
        Path(app.doctreedir, ENV_PICKLE_FILENAME).unlink(missing_ok=True)
        shutil.rmtree(Path(app.doctreedir).with_name(FOLDER), ignore_errors=True)
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()


def _causes(problems: list[str]) -> list[str]:
    """The problems without those that follow from a chapter that did not run."""
    failed = {text.partition(":")[0] for text in problems if ": ERROR: cell" in text}
    missing = tuple(f"no finding is called '{Path(page).stem}." for page in failed)
    return [
        text
        for text in problems
        if not any(words in text for words in missing)
        and not (text.partition(":")[0] in failed and any(w in text for w in FOLLOWS))
    ]


def setup(app: Sphinx) -> dict[str, bool]:
    """Watch the log from now on, and judge the build when all else has ended."""
    app.setup_extension("staging")
    gate = Gate(app)
    getLogger(logging.NAMESPACE).addHandler(gate)
    app.connect("config-inited", begin)
    app.connect("build-finished", gate.end, priority=JUDGEMENT)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _mark(app: Sphinx) -> Path:
    return Path(app.doctreedir, "unfinished")
