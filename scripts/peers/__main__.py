"""Print the tables of the wanted families, and keep them in the page beside this."""

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import torch

import marked
from peers import (
    backdoor,
    corruption,
    distribution_shift,
    evasion,
    jailbreak,
    membership_inference,
    memorisation,
    model_inversion,
    model_stealing,
    own_models,
    physical_patch,
    poisoning,
    reprogramming,
    reward_hacking,
    watermark,
)
from peers.table import HEAD, WANTED, Row

PAGE = Path("scripts/peers/README.md")
FAMILIES: dict[str, Callable[[], Iterator[Row]]] = {
    "membership_inference": membership_inference.compared,
    "model_inversion": model_inversion.compared,
    "model_stealing": model_stealing.compared,
    "poisoning": poisoning.compared,
    "backdoor": backdoor.compared,
    "evasion": evasion.compared,
    "reprogramming": reprogramming.compared,
    "physical_patch": physical_patch.compared,
    "reward_hacking": reward_hacking.compared,
    "distribution_shift": distribution_shift.compared,
    "corruption": corruption.compared,
    "jailbreak": jailbreak.compared,
    "memorisation": memorisation.compared,
    "watermark": watermark.compared,
    "own_models": own_models.compared,
}


def main(wanted: list[str], page: Path = PAGE) -> int:
    """Print a table for each of the wanted families; 1 if ours is weaker in a task."""
    unknown = set(wanted) - set(FAMILIES)
    if unknown:
        sys.exit(f"got {', '.join(unknown)}; wanted some of {', '.join(FAMILIES)}")
    torch.set_num_threads(1)
    weak = 0
    for name in wanted or FAMILIES:
        print("", *HEAD, sep="\n", flush=True)
        rows = []
        for row in FAMILIES[name]():
            print(row, flush=True)
            rows.append(row)
        marked.rewrite(page, f"peers: {name}", "\n".join([*HEAD, *map(str, rows)]))
        print(f"\n{name}: {summary(rows)}")
        weak += sum(not row.strong for row in rows)
    return 1 if weak else 0


def summary(rows: Sequence[Row]) -> str:
    """How many lines are as strong, and of these how many are fast enough."""
    strong = [row for row in rows if row.strong]
    fast = sum(row.times >= WANTED for row in strong)
    return (
        f"as strong in {len(strong)} of {len(rows)} lines, and in {fast} of these "
        f"at least {WANTED:g} times as fast"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
