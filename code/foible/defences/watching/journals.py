"""What does an account ask, and what is it refused?"""

from foible.arrays import Floats
from foible.checks import counts
from foible.errors import ServiceRefused
from foible.oracle import Transport


def journal(transport: Transport, *, log: list[Floats]) -> Transport:
    """The same answers; every question is appended to the log."""

    def answered(X: Floats) -> Floats:
        log.append(X.copy())
        return transport(X)

    return answered


def quota(transport: Transport, *, most: int) -> Transport:
    """The same answers to one account, until it has asked `most` rows.

    A request that goes over is refused whole: ServiceRefused.
    """
    counts(most=most)
    spent = 0

    def answered(X: Floats) -> Floats:
        nonlocal spent
        if spent + len(X) > most:
            raise ServiceRefused(f"this account may ask {most} rows; {spent} are spent")
        spent += len(X)
        return transport(X)

    return answered
