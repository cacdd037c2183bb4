"""How fast is PGD-40 beside foolbox's and ART's, on 1,000 digits and 1,000 signs?

All in one run and on one core, the best of a few rounds, without imports. Who is told
to compute in float64 must end in the same rows to 1e-5, and this stops if one does not.
Needs the environment of `make peers`.
"""

import sys
from pathlib import Path

import torch

import marked
from peers.evasion import STEPS, climbs, digits, signs
from peers.table import SAME, timed

HEAD = [
    "| PGD-40 on | by | s | times ours | rows apart |",
    "| :-- | :-- | --: | --: | --: |",
]


def main(page: Path) -> int:
    """Measure, print, and keep the table in scripts/peers/README.md."""
    torch.set_num_threads(1)
    lines = list(HEAD)
    for task, rounds in ((digits()[0], 3), (signs(), 2)):
        pairs = climbs(task, "Linf", STEPS)
        (own, _), *_ = pairs.values()
        ours, seconds = timed(own, rounds=rounds)
        name = f"{len(ours):,} {task.name}"
        lines.append(f"| {name} | ours, float64 | {seconds:.2f} | 1 | |")
        for peer, (_, climb) in pairs.items():
            theirs, their_seconds = timed(climb, rounds=rounds)
            apart = float(abs(ours - theirs).max())
            if "float64" in peer and apart > SAME:
                sys.exit(f"got rows of {peer} that are {apart:.1e} apart from ours")
            lines.append(
                f"| {name} | {peer} | {their_seconds:.2f} "
                f"| {their_seconds / seconds:.2f} | {apart:.1e} |"
            )
    print(*lines, sep="\n")
    marked.rewrite(page, "bench: pgd", "\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path("scripts/peers/README.md")))
