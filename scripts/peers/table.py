"""What is a line of the comparison, and when is ours as strong, and how much faster?"""

import signal
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple

HEAD = (
    "| task | measure | ours | theirs | peer | s | theirs | as strong | faster |",
    "| :-- | :-- | --: | --: | :-- | --: | --: | :-- | --: |",
)


SAME = 1e-5  # rows that differ by no more are the same
WANTED = 3.0  # times as long as ours that a peer of equal strength should take


class Row(NamedTuple):
    """One task: what each reached, in what time, and by how much chance may differ."""

    task: str
    measure: str
    ours: float
    seconds: float
    peer: str
    theirs: float
    their_seconds: float
    better: Literal["higher", "lower", "equal"]
    slack: float = 0.0
    apart: float = 0.0
    """Where both should give the same rows: the largest difference of a value."""

    @property
    def strong(self) -> bool:
        """Whether ours is at least as good, up to the slack."""
        gap = self.ours - self.theirs
        if self.apart > SAME:
            return False
        if self.better == "equal":
            return abs(gap) <= self.slack
        return (gap if self.better == "higher" else -gap) >= -self.slack

    @property
    def times(self) -> float:
        """How many times as long theirs took."""
        return self.their_seconds / max(self.seconds, 1e-9)

    def __str__(self) -> str:
        """A row of the table."""
        return (
            f"| {self.task} | {self.measure} | {self.ours:.4g} | {self.theirs:.4g} "
            f"| {self.peer} | {self.seconds:.2g} | {self.their_seconds:.2g} "
            f"| {'yes' if self.strong else 'NO'} | {self.times:.1f} |"
        )


def timed(task: Callable[[], Any], *, rounds: int = 1) -> tuple[Any, float]:
    """What a task gives in its last round, and the seconds of its fastest.

    Seconds of the processor, so that others on the same machine do not count.
    """
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = task()
        best = min(best, time.process_time() - start)
    return result, best


class GaveUp(Exception):
    """A peer that did not end, or that ended in an error of its own."""


@contextmanager
def at_most(seconds: int) -> Iterator[None]:
    """A peer may take so long, and fail in its own way."""

    def over(*_: object) -> None:
        raise GaveUp(f"not done after {seconds} s")

    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
