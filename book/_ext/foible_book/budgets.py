"""Sphinx extension: what may a chapter cost, and what did it cost?

Every chapter may take the seconds and the memory that `foible_budget` in `_config.yml`
allows; `chapters:` under it allows single chapters something else. A chapter over its
budget is red. The directive `build-statistics` shows what each chapter took.

What a run costs differs from run to run, so the table is put into the finished HTML:
the rest of the site, the search index included, is the same from every build.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.errors import ConfigError
from sphinx.util.docutils import SphinxDirective

from foible_book.run import Record

PLACE = "<!-- build-statistics -->"
EMPTY = "<p>No chapter has run yet.</p>"
GENEROUS: dict[str, Any] = {"seconds": 120, "mb": 1500}


@dataclass(frozen=True)
class Budget:
    """What a chapter may take: seconds of processors, and MB of its kernel's memory."""

    seconds: float
    mb: float

    def excess(self, record: Record) -> list[str]:
        """A line for each budget that the record is over."""
        costs = [
            ("took", record.seconds, self.seconds, "s"),
            ("held", record.peak_mb or 0, self.mb, "MB"),
        ]
        return [
            f"the chapter {did} {cost:g} {unit}, and its budget is {most:g} {unit}; "
            "make it smaller, or raise foible_budget in _config.yml"
            for did, cost, most, unit in costs
            if cost > most
        ]


def budget(given: Mapping[str, Any], chapter: str) -> Budget:
    """The budget of a chapter, as foible_budget gives it: its own, else that of all.

    Raises
    ------
    ConfigError
        When foible_budget holds something else than it should.
    """
    of_all = GENEROUS | dict(given)
    own = of_all.pop("chapters", {}).get(chapter, {})
    try:
        return Budget(**{key: float(value) for key, value in (of_all | own).items()})
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"got foible_budget {given!r} ({error}); "
            "wanted numbers, as in {seconds: 120, mb: 1500}"
        ) from None


class Statistics:
    """What the chapters of one build took."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}

    def gather(self, app: Sphinx, records: dict[str, Record]) -> None:
        """Remember the records."""
        self.records = dict(sorted(records.items()))

    def show(
        self, app: Sphinx, page: str, template: str, context: dict[str, Any], *_: Any
    ) -> None:
        """Put the table into its place."""
        if PLACE in context.get("body", ""):
            table = _table(app, page, self.records)
            context["body"] = context["body"].replace(PLACE, table)


class BuildStatistics(SphinxDirective):
    """The place of the table."""

    def run(self) -> list[nodes.Node]:
        """A comment, in which the search finds no word."""
        return [nodes.raw("", PLACE, format="html")]


def setup(app: Sphinx) -> dict[str, bool]:
    """Offer the directive and the configuration value."""
    statistics = Statistics()
    app.add_config_value("foible_budget", {}, "", dict)
    app.add_directive("build-statistics", BuildStatistics)
    app.connect("chapters-ready", statistics.gather)
    app.connect("html-page-context", statistics.show)
    return {"parallel_read_safe": False, "parallel_write_safe": True}


def _table(app: Sphinx, page: str, records: dict[str, Record]) -> str:
    """A row for each chapter, a row for all, and what they ran with."""
    if not records:
        return EMPTY
    rows = []
    for name, record in records.items():
        link = f'<a href="{app.builder.get_relative_uri(page, name)}">'
        most = budget(app.config.foible_budget, name)
        rows.append(
            _row(
                f"{link}{escape(app.env.titles[name].astext())}</a>",
                str(len(record.outputs)),
                f"{record.seconds:.1f} of {most.seconds:g}",
                f"{record.peak_mb or 'unknown'} of {most.mb:g}",
            )
        )
    cells = sum(len(record.outputs) for record in records.values())
    seconds = sum(record.seconds for record in records.values())
    rows.append(_row("Together", str(cells), f"{seconds:.1f}", ""))
    heads = ("Chapter", "Code cells", "Processor seconds", "Peak memory, MB")
    head = "".join(f'<th scope="col">{name}</th>' for name in heads)
    return (
        '<div class="pst-scrollable-table-container"><table class="table">'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
        f"<p>Ran with {escape(_surroundings(records))}.</p>"
    )


def _row(head: str, *values: str) -> str:
    cells = "".join(f"<td>{value}</td>" for value in values)
    return f'<tr><th scope="row">{head}</th>{cells}</tr>'


def _surroundings(records: dict[str, Record]) -> str:
    """Which data and which versions; records of several runs may name several."""
    data = {
        "the real data sets" if record.parts.get("FOIBLE_DATA") else "the embedded data"
        for record in records.values()
    }
    versions = {
        f"{library} {version}"
        for record in records.values()
        for library, version in record.versions.items()
    }
    return ", ".join([*sorted(data), *sorted(versions, key=str.lower)])
