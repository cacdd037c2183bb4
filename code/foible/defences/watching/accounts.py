"""What does an account ask, what is it refused, and does it ask as others do?"""

from typing import TypeAlias

import numpy as np
from scipy import stats

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.checks import counts, shares
from foible.errors import BadInput, ServiceRefused
from foible.oracle import Transport

Stream: TypeAlias = tuple[Floats, Ints]
"""What one account has asked, in order, and the labels it was told."""


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


def normality(stream: Stream) -> float:
    """How natural an account's questions look, 0 to 1 [juuti2019prada].

    For each question the distance to the nearest earlier one with the same answer; of
    these distances, without those beyond three standard deviations, the Shapiro-Wilk
    statistic, which is 1 for a normal distribution. Fewer than three distances are
    BadInput.
    """
    if finite_rows(stream[0]).shape[:1] != stream[1].shape:
        raise BadInput("got another number of labels than of rows; wanted as many")
    X, labels = stream
    distances: list[float] = []
    for name in np.unique(labels):
        rows = X[labels == name]
        for i in range(1, len(rows)):
            distances.append(np.linalg.norm(rows[:i] - rows[i], axis=1).min())
    found = np.array(distances)
    if len(found) < 3:
        raise BadInput(f"got {len(X)} questions, too few to judge; wanted more")
    kept = found[abs(found - found.mean()) <= 3 * found.std()]
    return float(stats.shapiro(kept).statistic) if np.ptp(kept) else 0.0


def prada(transport: Transport, *, threshold: float, patience: int) -> Transport:
    """The same answers, until one account's questions look made up [juuti2019prada].

    Parameters
    ----------
    threshold : float
        Least `normality`, 0 to 1, that is answered.
    patience : int
        Questions before any judgement, at least 3 for each class.
    """
    shares(threshold=threshold)
    counts(patience=patience)
    asked: list[Floats] = []
    told: list[Ints] = []

    def answered(X: Floats) -> Floats:
        answer = transport(X)
        asked.append(X.copy())
        told.append(likeliest(answer))
        stream = np.vstack(asked), np.concatenate(told)
        if len(stream[1]) >= patience and normality(stream) < threshold:
            raise ServiceRefused(
                f"after {len(stream[1])} rows this account's questions look made up; "
                "talk to the owner of the service"
            )
        return answer

    return answered
