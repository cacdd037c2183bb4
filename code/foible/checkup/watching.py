"""How much time, and how many questions, are left?"""

from collections.abc import Callable
from time import monotonic

from foible.domains import Limit, Natural
from foible.errors import FoibleError
from foible.oracle import Account


class OutOfTime(FoibleError):
    """The time of a check has passed; what was finished before it counts."""


class Watch:
    """The time and the questions of a whole check-up, dealt out check by check.

    Parameters
    ----------
    seconds : float
        By the clock on the wall, from now on.
    questions : int
        Rows that the model may be asked, in all.
    now : callable
        The time, in seconds.
    """

    def __init__(
        self,
        seconds: Limit,
        questions: Natural,
        *,
        now: Callable[[], float] = monotonic,
    ) -> None:
        self._now, self._end = now, now() + seconds
        self._left = questions
        self.deadline, self.account = self._end, Account(0)

    def begin(self, time: float, asked: float) -> None:
        """Give a check these shares, 0 to 1, of the time and the questions left."""
        now = self._now()
        self._left -= self.account.asked
        self.deadline = now + time * max(self._end - now, 0)
        self.account = Account(int(asked * self._left))
        self._begun = now

    @property
    def seconds(self) -> float:
        """Since the check began."""
        return self._now() - self._begun

    @property
    def left(self) -> int:
        """Questions that the check may still ask."""
        return self.account.left or 0

    def tick(self) -> None:
        """Go on, or OutOfTime."""
        if self._now() >= self.deadline:
            raise OutOfTime
