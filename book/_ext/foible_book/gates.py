"""Sphinx extension: a build with any warning or error is red, and stays red.

Sphinx warns about a page only when it reads or writes that page; since every build
makes all pages anew, see `staging`, it says so each time.
"""

from logging import WARNING, Handler, LogRecord, getLogger
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.console import red

logger = logging.getLogger(__name__)

FOLLOWS = ("got no figure", "no figure is called", "got a bar")  # from what failed
LEFT_OUT = "this page is left out"  # since it cannot be read, see `reading`
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
        """List what is wrong, if anything is."""
        if exception is not None or app._warncount == app.statuscode == 0:
            return
        app.statuscode = 1
        listed = "\n  ".join(_causes(list(self.problems)))
        logger.info(
            red(
                f"The site is NOT good:\n  {listed}\n"
                "Mend this and build again; chapters that ran well do not run again."
            )
        )


def _causes(problems: list[str]) -> list[str]:
    """The problems without those that follow from a page that failed or is left out."""
    left_out = {_file(text): text for text in problems if f": {LEFT_OUT}" in text}
    failed = {_file(text) for text in problems if ": ERROR: cell" in text}
    stems = [Path(page).stem for page in failed | left_out.keys()]
    missing = tuple(f"no finding is called '{stem}." for stem in stems)
    return [
        text
        for text in problems
        if left_out.get(_file(text), text) == text
        and not any(words in text for words in missing)
        and not (_file(text) in failed and any(w in text for w in FOLLOWS))
    ]


def _file(problem: str) -> str:
    return problem.partition(":")[0]


def setup(app: Sphinx) -> dict[str, bool]:
    """Watch the log from now on, and judge the build when all else has ended."""
    app.setup_extension("foible_book.staging")
    gate = Gate(app)
    getLogger(logging.NAMESPACE).addHandler(gate)
    app.connect("build-finished", gate.end, priority=JUDGEMENT)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
