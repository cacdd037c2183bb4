"""Print the tables of the wanted families, and keep them in CONTRIBUTING.md."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

import marked
from peers import membership_inference, model_inversion, model_stealing
from peers.table import HEAD, Row

PAGE = Path("CONTRIBUTING.md")
FAMILIES: dict[str, Callable[[], Iterator[Row]]] = {
    "membership_inference": membership_inference.compared,
    "model_inversion": model_inversion.compared,
    "model_stealing": model_stealing.compared,
}


def main(wanted: list[str], page: Path = PAGE) -> int:
    """Print a table for each of the wanted families; 1 if ours is weaker in a task."""
    unknown = set(wanted) - set(FAMILIES)
    if unknown:
        sys.exit(f"got {', '.join(unknown)}; wanted some of {', '.join(FAMILIES)}")
    torch.set_num_threads(1)
    weak = 0
    for name in wanted or FAMILIES:
        lines = list(HEAD)
        print("", *lines, sep="\n", flush=True)
        for row in FAMILIES[name]():
            print(row, flush=True)
            lines.append(str(row))
            weak += not row.strong
        marked.rewrite(page, f"peers: {name}", "\n".join(lines))
    return 1 if weak else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
