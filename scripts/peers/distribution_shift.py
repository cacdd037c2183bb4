"""Which windows of customers ring an alarm, by ours and by frouros.

Both give the statistic of Kolmogorov and Smirnov of every column, from the same rows.
Its test also gives a p-value a column, and does not know how many columns there are: it
is held to Bonferroni. Ours reads one limit from usual windows. Its maximum mean
discrepancy (MMD) gets rows in standard deviations and a kernel as wide as their median
distance, since its own width of 1 would see nothing in raw columns; its limit is read
from usual windows, as ours is, where it would ask a thousand permutations of each.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial.distance import pdist

from foible import cast, data, models
from foible.arrays import Bools, Floats
from foible.data import Dataset
from foible.defences import alarming
from foible.defences.alarming import Alarm, Look
from foible.failures import distribution_shift as shift
from foible.oracle import Transport
from peers.table import Row, timed

KNOWN, WINDOW, USUAL, COUNT = 3000, 500, 200, 60
CALM = 0.05
SIZE = 0.2  # of the shift, in standard deviations of the latest payment
CHANCE = 0.06  # two deviations of a share of 5% of so many windows

Windows = list[Dataset]


def compared() -> Iterator[Row]:
    """The lines of this family: a bank, and customers who pay later than its own."""
    rows, forest = data.talk_view(data.bank()), cast.TALKS_FOREST
    bank = cast.cut(rows, forest, owned=0.5, aside=0.6, seed=0)
    known, rest = (bank.aside.take(slice(i, i + KNOWN)) for i in (0, KNOWN))
    later = shift.tilted(bank.judged, SIZE, column="PAY_0")
    drawn = partial(shift.windows, size=WINDOW)
    moved, calm = (
        drawn(bank.judged, weights, count=COUNT, seed=0)
        for weights in (later, np.ones(len(bank.judged)))
    )
    usual = drawn(rest, np.ones(len(rest)), count=USUAL, seed=1)
    ask = models.transport(bank.victim(seed=0).model)
    yield _statistic("columns", known.X, [one.X for one in moved])
    yield _statistic("answers", ask(known.X), [ask(one.X) for one in moved])
    yield from _alarms(ask, known, usual, {"shifted": moved, "usual": calm})


def _statistic(name: str, known: Floats, windows: list[Floats]) -> Row:
    """The same number for every window."""
    held = list(np.ascontiguousarray(np.sort(known, axis=0).T))
    ours, seconds = timed(
        lambda: [alarming.farthest(held, X) for X in windows], rounds=3
    )
    tests = _tests(known)
    told, their_seconds = timed(lambda: [_told(tests, X) for X in windows])
    theirs = [float(statistics.max()) for statistics, _ in told]
    return Row(
        f"KS of {len(held)} {name}, {len(windows)} windows of {WINDOW} customers",
        "mean of the largest, and the same of every window",
        float(np.mean(ours)),
        seconds,
        "frouros KSTest",
        float(np.mean(theirs)),
        their_seconds,
        "equal",
        1e-5,
        float(np.abs(np.subtract(ours, theirs)).max()),
    )


def _alarms(
    ask: Transport, known: Dataset, usual: Windows, judged: dict[str, Windows]
) -> Iterator[Row]:
    """Windows that ring, of those that are shifted and of those that are not.

    What looks at one column after the other stands beside what does so, too; what looks
    at all of them at once beside our alarm on answers, which are made from all of them.
    """

    def by_look(look: Look) -> Callable[[Windows], Bools]:
        limit = Alarm(look, alarming.scores(look, usual)).limit(CALM)
        return lambda windows: alarming.scores(look, windows) > limit

    def by_tests() -> Callable[[Windows], Bools]:
        tests = _tests(known.X)
        most = CALM / len(tests)
        return lambda windows: np.array(
            [_told(tests, one.X)[1].min() < most for one in windows]
        )

    def rung(make: Callable[[], Callable[[Windows], Bools]]) -> list[float]:
        ring = make()
        return [float(ring(windows).mean()) for windows in judged.values()]

    looks = {
        "columns": alarming.columns(known),
        "answers": alarming.outputs(ask, known),
    }
    ours = {name: timed(partial(rung, partial(by_look, looks[name]))) for name in looks}
    peers = {
        "frouros KSTest, Bonferroni": ("columns", by_tests),
        "frouros MMD of columns": (
            "answers",
            lambda: by_look(_discrepancy(known, lambda X: X)),
        ),
        "frouros MMD of answers": (
            "answers",
            lambda: by_look(_discrepancy(known, ask)),
        ),
    }
    for name, (look, make) in peers.items():
        theirs, their_seconds = timed(partial(rung, make))
        rang, seconds = ours[look]
        for place, (kind, windows) in enumerate(judged.items()):
            yield Row(
                f"alarms of 5% on {look}, {len(windows)} {kind} windows of {WINDOW}",
                "rung",
                rang[place],
                seconds,
                name,
                theirs[place],
                their_seconds,
                "lower" if kind == "usual" else "higher",
                CHANCE,
            )


def _tests(known: Floats) -> list[Any]:
    """Its test of every column."""
    from frouros.detectors.data_drift import KSTest

    tests = []
    for column in known.T:
        tests.append(KSTest())
        tests[-1].fit(X=np.array(column))
    return tests


def _told(tests: list[Any], X: Floats) -> tuple[Floats, Floats]:
    """The statistic and the p-value of every column."""
    found = [
        test.compare(X=np.array(column))[0]
        for test, column in zip(tests, X.T, strict=True)
    ]
    return (
        np.array([one.statistic for one in found]),
        np.array([one.p_value for one in found]),
    )


def _discrepancy(known: Dataset, seen: Transport) -> Look:
    """Its MMD of what is seen of a window, as a look of ours."""
    from frouros.detectors.data_drift import MMD
    from frouros.utils.kernels import rbf_kernel

    middle, spread = seen(known.X).mean(axis=0), seen(known.X).std(axis=0)
    held = (seen(known.X) - middle) / spread
    width = float(np.median(pdist(held[:WINDOW])))
    detector = MMD(kernel=partial(rbf_kernel, sigma=width))
    detector.fit(X=held)
    return lambda window: float(
        detector.compare(X=(seen(window.X) - middle) / spread)[0].distance
    )
