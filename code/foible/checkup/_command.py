"""How is a model checked from a command line, and in continuous integration?

    foible audit model.skops --data rows.csv --label paid --most evasion=0.5

Ends with 0 if no limit is passed, with 1 if one is, and with 2 if the check-up could
not be made, or not so far as to know of every limit.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from foible import calling
from foible.checkup.opening import opened
from foible.checkup.plan import NAMES
from foible.checkup.results import Check
from foible.checkup.running import Audit, prepared
from foible.checkup.whole import Checkup
from foible.errors import BadInput, FoibleError
from foible.serving import remote

KEPT, PASSED, FAILED = 0, 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the check-up that the arguments ask for; the exit status."""
    said = _parser().parse_args(arguments)
    try:
        checkup = _made(prepared(**_settings(said)))
        if said.out:
            checkup.page(said.out)
        if said.json:
            checkup.json(said.json)
    except (FoibleError, OSError) as refusal:
        print(f"foible audit: {refusal}", file=sys.stderr)
        return FAILED
    for one in checkup.checks:
        print(_line(one))
    return _status(checkup)


def _made(audit: Audit) -> Checkup:
    """The check-up, with a bar on the error stream of how far it has come."""
    done: list[Check] = []
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("", total=len(audit.plan))
        checks = audit.checks()
        for one in audit.plan:
            bar.update(task, description=one.name)
            done.append(next(checks))
            bar.advance(task)
    return audit.whole(done)


def _line(one: Check) -> str:
    """What a check found, for a log."""
    if one.share is None:
        return f"{one.name}: {one.status}: {one.reason}"
    beside = "" if one.baseline is None else f", baseline {one.baseline:.1%}"
    part = f" ({one.status}: {one.reason})" if one.reason else ""
    return f"{one.name}: {one.share:.1%} of {one.n}: {one.counts}{beside}{part}"


def _status(checkup: Checkup) -> int:
    """The exit status; what nobody knows is not kept."""
    if checkup.failed:
        told = ", ".join(checkup.failed)
        print(f"foible audit: more than is allowed: {told}", file=sys.stderr)
        return PASSED
    found = any(one.share is not None for one in checkup.checks)
    if checkup.open or not found:
        told = ", ".join(checkup.open) or "everything"
        print(f"foible audit: not measured: {told}", file=sys.stderr)
        return FAILED
    return KEPT


# ---------------------------------------------------------------- what is asked for


def _parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(prog="foible")
    parts = top.add_subparsers(required=True, metavar="audit")
    one = parts.add_parser(
        "audit", help="try on a model those of the book's attacks that fit it"
    )
    add = one.add_argument
    add("model", help="a file, an address on this machine, or package.module:name")
    add("--data", required=True, help="rows to judge it on: .csv, or .npz with X and y")
    add("--label", help="the column of the .csv that holds the labels")
    add("--train", help="the rows that it was trained on, as --data")
    add("--only", nargs="+", metavar="CHECK", help=", ".join(NAMES))
    add("--seconds", type=float, default=60.0, help="by the clock, for all (60)")
    add("--questions", type=int, default=100_000, help="rows asked, in all (100,000)")
    add("--most", nargs="+", default=[], metavar="CHECK=SHARE", help="allowed")
    add("--seed", type=int, default=0)
    add("--template", metavar="JSON", help='what a service takes: {"X": "{rows}"}')
    add("--answer", nargs="+", default=[], metavar="KEY", help="where it answers")
    add("--elsewhere", action="store_true", help="ask a service that is not on here")
    add("--out", metavar="PAGE.html", help="where the page goes")
    add("--json", metavar="FINDINGS.json", help="where the findings go")
    return top


def _settings(said: argparse.Namespace) -> dict[str, Any]:
    """What `prepared` takes, from what was typed."""
    return {
        "model": _model(said),
        "rows": _rows(said.data, said.label),
        "train": _rows(said.train, said.label) if said.train else None,
        "label": said.label,
        "only": said.only,
        "seconds": said.seconds,
        "questions": said.questions,
        "most": dict(_limit(one) for one in said.most),
        "seed": said.seed,
    }


def _model(said: argparse.Namespace) -> Any:
    """A model from a file, an address or a module."""
    if said.model.startswith(("http://", "https://")):
        return _service(said)
    return _found(said.model)


def _service(said: argparse.Namespace) -> Any:
    """The way to a service: one that answers as ours do, or by a template."""
    if said.template is None and not said.elsewhere:
        return remote(said.model)
    template, url = said.template, said.model
    answer = tuple(int(key) if key.isdecimal() else key for key in said.answer)
    if template is None:
        url, template = f"{url.rstrip('/')}/predict", '{"rows": "{rows}"}'
        answer = ("probabilities",)
    try:
        form = json.loads(template)
    except ValueError as error:
        raise BadInput(f"got --template {template} ({error}); wanted JSON") from error
    return calling.templated(url, form, answer=answer, elsewhere=said.elsewhere)


def _found(said: str) -> Any:
    """A model in a file, or in a module."""
    module, colon, name = said.partition(":")
    if not colon or Path(said).exists():
        return opened(said)
    sys.path.insert(0, "")
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise BadInput(
            f"got {said!r} ({error}); wanted package.module:name of a fitted model"
        ) from error
    finally:
        sys.path.remove("")


def _rows(path: str, label: str | None) -> Any:
    """Rows from a file, with their labels."""
    file = Path(path)
    try:
        if file.suffix == ".npz":
            with np.load(file, allow_pickle=False) as held:
                return held["X"], held["y"]
        frame = pd.read_csv(file)
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"got {path} that cannot be read ({error}); wanted a .csv, or a .npz "
            "with X and y"
        ) from error
    if label is None:
        raise BadInput(f"got {path} without --label; wanted the column of the labels")
    return frame


def _limit(said: str) -> tuple[str, float]:
    name, _, share = said.partition("=")
    try:
        return name, float(share)
    except ValueError as error:
        raise BadInput(
            f"got --most {said!r}; wanted a check and a share, such as evasion=0.5"
        ) from error
