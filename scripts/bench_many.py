"""What do 64, 256 and 1,024 shadows take, and LiRA with them: time and memory?

    PYTHONPATH=code python scripts/bench_many.py

Shadows are networks of the chapter on membership inference, each made from a random
half of the candidates, kept in a folder (`foible.store`) and read from there, one at a
time, to answer; the answers stand in one array on the disk. Each number of them is a
process of its own with one thread, and the system says what that took; none is the
process that has only loaded all it needs. *again* is the same when the models are in
the folder already. Fails where the most take more than a minute or 2 GB.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from tempfile import TemporaryDirectory
from timeit import default_timer
from typing import NamedTuple

import torch

from foible import data, metrics, models
from foible.arrays import masks
from foible.attacks import membership_inference as mi
from foible.store import kept

COUNTS = (0, 64, 256, 1024)
CANDIDATES = 600
RECIPE = models.network(hidden=32, steps=300, batch=16)
SECONDS, MEGABYTES = 60.0, 2000.0


class Took(NamedTuple):
    """What a process took, and what it found."""

    wall: float
    processor: float
    megabytes: float
    found: str


def attacked(count: int, folder: str) -> float:
    """Share of the members that LiRA finds at one false alarm in a hundred."""
    torch.set_num_threads(1)
    digits = data.digits()
    pool, _ = digits.split(CANDIDATES / len(digits), seed=0)
    if not count:
        return float("nan")
    recipe = kept(RECIPE, folder)
    shadows = mi.Shadows.made(recipe, pool, count=count, seed=0).on_disk(folder)
    (member,) = masks(1, len(pool), seed=10_000)
    target = models.oracle(RECIPE(pool.take(member), seed=10_000))
    score = mi.lira(target, pool, shadows)
    return metrics.found_at(score[member], score[~member], false_alarms=0.01)


def took(count: int, folder: str) -> Took:
    """What a process with so many shadows took."""
    start = default_timer()
    with subprocess.Popen(  # noqa: S603 (this file)
        [sys.executable, __file__, str(count), folder],
        stdout=subprocess.PIPE,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        text=True,
    ) as process:
        said = process.stdout.read() if process.stdout else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"with {count} shadows it failed")
    wall = default_timer() - start
    return Took(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, said)


def main(counts: Sequence[int]) -> int:
    """Print a row for each number; 1 where the last is over what is allowed."""
    print(f"{RECIPE}, {CANDIDATES} candidates\n")
    print("| shadows | seconds | of a processor | peak MB | again, s | found |")
    print("| --: | --: | --: | --: | --: | --: |")
    for count in counts:
        with TemporaryDirectory() as folder:
            first, again = took(count, folder), took(count, folder)
        print(
            f"| {count:,} | {first.wall:.1f} | {first.processor:.1f} | "
            f"{first.megabytes:.0f} | {again.wall:.1f} | {first.found.strip()} |",
            flush=True,
        )
    return int(first.wall > SECONDS or first.megabytes > MEGABYTES)


if __name__ == "__main__":
    if sys.argv[1:]:
        print(f"{attacked(int(sys.argv[1]), sys.argv[2]):.1%}".replace("nan%", ""))
    else:
        sys.exit(main(COUNTS))
