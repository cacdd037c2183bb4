"""How long does a check-up of a tutorial's model take, and what does it find?

    PYTHONPATH=scripts:tests .venv/bin/python -m bench.checkup [MODEL ...]

Each of the models of `tests/twenty_models.py`, with the time and the questions that
`foible.audit` allows by itself.
"""

import sys
import time
from importlib import import_module

import foible
from foible.checkup import Check
from foible.checkup.plan import NAMES


def main(names: list[str]) -> None:
    """A row for each model, as soon as it is there."""
    models = import_module("twenty_models").MODELS
    print("| model | seconds | page, kB |", " | ".join(NAMES), "|")
    print("| :-- |" + " --: |" * (2 + len(NAMES)))
    for name in names or list(models):
        with models[name]() as (model, given):
            begun = time.monotonic()
            checkup = foible.audit(model, **given)
            taken = time.monotonic() - begun
        size = len(checkup.html.encode()) / 1000
        cells = " | ".join(_cell(checkup[check]) for check in NAMES)
        print(f"| {name} | {taken:.1f} | {size:.0f} | {cells} |", flush=True)


def _cell(one: Check) -> str:
    """The share beside its baseline, or the status."""
    if one.share is None:
        return "–" if one.status == "refused" else one.status
    part = "" if one.status == "measured" else f" ({one.n} rows)"
    beside = "" if one.baseline is None else f" / {100 * one.baseline:.0f}"
    return f"{100 * one.share:.0f}{beside} %{part}"


if __name__ == "__main__":
    main(sys.argv[1:])
