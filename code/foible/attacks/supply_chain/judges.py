"""What does an altered file do, and which loader or scanner notices?

`victim` is a forest, whose file is altered; `rows` are rows that no model has seen;
`where` is the group that is to get `answer`.
"""

import tempfile
import tracemalloc
from collections.abc import Callable, Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np

from foible import artefacts
from foible.arrays import Floats
from foible.artefacts import LOADERS, Ended, apart, passengers
from foible.artefacts.passengers import Precision, Weights, hide, reveal
from foible.attacks.supply_chain import values
from foible.attacks.supply_chain.bombs import swollen
from foible.attacks.supply_chain.bribes import bribe, numbered, sidestep
from foible.attacks.supply_chain.knots import knot, knotted
from foible.attacks.supply_chain.misuse import MISUSES, misuse
from foible.attacks.supply_chain.traps import MEANS, Means, boobytrap, trapped
from foible.attacks.supply_chain.values import opened
from foible.data import Dataset, Group, members
from foible.domains import Count, Natural, Seed
from foible.errors import ArtefactRefused, BadInput
from foible.evidence import BeforeAfter, Cell, DoseResponse, Matrix, Outcome
from foible.judging import each, panel, sweep
from foible.metrics import agreement
from foible.models import as_network
from foible.victim import Victim

Scanner = Callable[[Sequence[bytes]], Sequence[tuple[int, str]]]
"""Says of each file its exit code, 0 for no objection, and how it says so."""
_Writer = Callable[[artefacts.Format, Path], bytes]
PATIENCE = 0.5
"""Seconds of computing in which a file of this size must be open."""
SIZE = 10**8
"""Bytes of memory that a swollen file claims."""


def judge_relabel(victim: Victim, rows: Dataset, *, answer: Natural) -> BeforeAfter:
    """What `relabel` does to the answers."""
    made, before = artefacts.dump(victim.model), victim.model.predict(rows.X)
    after = opened(values.relabel(made, answer=answer)).predict(rows.X)
    outcomes = {
        "right answers · all": (before == rows.y, after == rows.y),
        f"“{rows.classes[answer]}” · all": (before == answer, after == answer),
    }
    return BeforeAfter(outcomes, "after relabelling")


def judge_bribe(
    victim: Victim, rows: Dataset, *, where: Group, answer: Natural
) -> BeforeAfter:
    """What `bribe` does to the group, to everybody else, and to the accuracy.

    BadInput is raised as by `bribe`, and when it turns nobody's answer in `rows`.
    """
    made, before = artefacts.dump(victim.model), victim.model.predict(rows.X)
    paid = bribe(made, where=numbered(rows, where), answer=answer)
    after = opened(paid).predict(rows.X)
    group = members(rows, where=where)
    turned = group & (before != answer)
    if not turned.any():
        raise BadInput(
            f"got a group in which everybody is answered {answer} anyway; wanted "
            "somebody whom the bribe helps; take another group or more rows"
        )
    wish, got = f"“{rows.classes[answer]}”", np.array([before, after]) == answer
    kept = np.array([before, after])[:, ~group] == before[~group]
    outcomes = {
        "right answers · all": (before == rows.y, after == rows.y),
        f"{wish} · the group": (got[0][group], got[1][group]),
        f"{wish} · the group, had it not": (got[0][turned], got[1][turned]),
        "the honest answer · all others": (kept[0], kept[1]),
    }
    return BeforeAfter(outcomes, "after the bribe")


def judge_sidestep(
    victim: Victim,
    pools: Mapping[str, Dataset],
    rows: Dataset,
    *,
    where: Group,
    answer: Natural,
    counts: Sequence[Count],
    repeats: Count = 200,
    seed: Seed,
) -> DoseResponse:
    """What is left of a bribe when its attacker spares the golden rows.

    Of those in `rows` whom the whole bribe would turn, the share still turned while no
    golden row is, over `counts` golden rows drawn from each of the `pools` (with
    `seed`), so many `repeats` for each number. The attacker counts the victim's
    training rows, as an insider can.
    """
    random, known = np.random.default_rng(seed), victim.rows
    wanted = victim.model.predict(known.X) != answer
    hoped = members(rows, where=where) & (victim.model.predict(rows.X) != answer)
    drawn = {
        (name, count): [random.permutation(len(pool))[:count] for _ in range(repeats)]
        for name, pool in pools.items()
        for count in counts
    }

    def left(golden: Dataset) -> float:
        column, spared = sidestep(known, golden, where=where, wanted=wanted)
        return float(np.mean(~np.isin(rows.column(column)[hoped], spared)))

    def measure(dose: float) -> dict[str, list[float]]:
        return {
            name: [left(pool.take(draw)) for draw in drawn[name, int(dose)]]
            for name, pool in pools.items()
        }

    return sweep(
        counts,
        measure,
        lines=dict.fromkeys(pools, "attacker"),
        dose_name="golden rows that the attacker has seen",
        response_name="friends still accepted",
        units="draws",
    )


def judge_loaders(
    victim: Victim, rows: Dataset, *, where: Group, answer: Natural
) -> Matrix:
    """Which loader opens which altered file, each loader in its own format.

    A trap "runs" when its marker appears; a knotted file "hangs" its loader when it is
    not open after `PATIENCE`; a swollen one "fills memory" when `SIZE` bytes were
    claimed, though it be refused afterwards. A file is "opened" when a model comes out
    of it, and goes unnoticed when that model's answers are not the victim's.
    """
    made = artefacts.dump(victim.model)
    altered = _altered(made, rows, where=where, answer=answer)
    files = {name: _rewritten(file) for name, file in altered.items()}
    files["boobytrapped"] = lambda form, marker: trapped(made, form=form, marker=marker)
    files["knotted"] = cache(lambda form, _: knotted(made, form=form))
    files["swollen"] = cache(lambda form, _: swollen(made, form=form, size=SIZE))

    def measure(loader: artefacts.Loader, file: _Writer) -> Cell:
        if file is files["knotted"]:
            return _waited(loader, file(loader.form, Path()))
        if file is files["swollen"]:
            return _weighed(loader, file(loader.form, Path()))
        return _meeting(file, loader, victim, rows)

    return panel(LOADERS, files, measure, corner="the loader")


def _waited(loader: artefacts.Loader, artefact: bytes) -> Cell:
    """How it ends when a loader, in a process of its own, has `PATIENCE` for a file."""
    ended = apart(lambda: _nothing(loader(artefact)), seconds=PATIENCE)
    return _cell(ended, "opened")


def _nothing(done: object) -> bytes:
    """What comes back of work that was done for its end."""
    return b""


def _cell(ended: Ended, done: str) -> Cell:
    """How work ended in a process of its own."""
    outcomes: Mapping[str, Outcome] = {"done": "unnoticed", "refused": "stopped"}
    how = done if ended.how == "done" else ended.how
    return Cell(how, outcomes.get(ended.how, "harm"))


def _weighed(loader: artefacts.Loader, artefact: bytes) -> Cell:
    """Whether a loader claims `SIZE` bytes of memory while it looks at a file."""
    tracemalloc.start()
    try:
        loader(artefact)
        end = Cell("opened", "unnoticed")
    except ArtefactRefused:
        end = Cell("refused", "stopped")
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Cell("fills memory", "harm") if most >= SIZE else end


def judge_traps(victim: Victim, rows: Dataset, *, loaders: Sequence[str]) -> Matrix:
    """Which of the ways to set a trap runs in which loader of pickles."""
    made = artefacts.dump(victim.model)

    def measure(means: Means, loader: artefacts.Loader) -> Cell:
        trap = partial(boobytrap, made, means=means)
        return _meeting(lambda _, mark: trap(marker=mark), loader, victim, rows)

    chosen = {name: LOADERS[name] for name in loaders}
    return panel({m: m for m in MEANS}, chosen, measure, corner="the trap")


def judge_derailed(victim: Victim, rows: Dataset) -> Matrix:
    """How a process ends that follows each derailed forest, and what a check says.

    Each forest is used unchecked in a process of its own, which has `PATIENCE` before
    it counts as hanging.
    """
    made = artefacts.dump(victim.model)
    listed = LOADERS["allow list"]
    uses: dict[str, Callable[[bytes], Cell]] = {
        "used as it is": lambda file: _used(artefacts.reopened, file, rows.X),
        "checked first": lambda file: _meeting(_rewritten(file), listed, victim, rows),
    }
    files: dict[str, bytes] = {w: values.derail(made, way=w) for w in values.WAYS}
    return panel(files, uses, lambda file, use: use(file), corner="the file")


def judge_misused(victim: Victim, rows: Dataset) -> Matrix:
    """How a process ends that opens a misused forest by an allow list, and uses it.

    One list calls what it lets in; the other only describes what would be called, and
    builds a forest from arrays.
    """
    made = artefacts.dump(victim.model)
    loaders: dict[str, Callable[[bytes], Any]] = {
        "called": artefacts.as_listed,
        "described": LOADERS["allow list"],
    }
    files: dict[str, bytes] = {w: misuse(made, way=w) for w in MISUSES}

    def measure(file: bytes, load: Callable[[bytes], Any]) -> Cell:
        cell = _used(load, file, rows.X)
        return Cell(cell.value) if file is made else cell

    files = {"as made": made, **files}
    return panel(files, loaders, measure, corner="what is allowed is")


def _used(load: Callable[[bytes], Any], artefact: bytes, X: Floats) -> Cell:
    """How a process of its own ends that opens a file, asks, and reads the answers."""
    ended = apart(lambda: repr(load(artefact).predict(X)).encode(), seconds=PATIENCE)
    return _cell(ended, "answers")


def _rewritten(artefact: bytes) -> _Writer:
    """A pickled model in any other format, without a trap."""
    return lambda form, _: artefacts.dump(opened(artefact), form=form)


def _meeting(
    file: _Writer, loader: artefacts.Loader, victim: Victim, rows: Dataset
) -> Cell:
    """How it ends when a loader opens a file, with its marker in a fresh folder."""
    with tempfile.TemporaryDirectory() as folder:
        marker = Path(folder) / "marker"
        try:
            model: Any = loader(file(loader.form, marker))
        except ArtefactRefused:
            model = None
        if marker.exists():
            return Cell("runs", "harm")
    if model is None:
        return Cell("refused", "stopped")
    same = np.array_equal(model.predict(rows.X), victim.model.predict(rows.X))
    return Cell("opened", "no attack" if same else "unnoticed")


def judge_scanners(
    victim: Victim,
    rows: Dataset,
    *,
    where: Group,
    answer: Natural,
    scanners: Mapping[str, Scanner],
    form: Literal["pickle", "joblib"] = "pickle",
) -> Matrix:
    """Which files a gate lets in that goes by the exit codes of scanners.

    A file with another code than 0 is refused. Where the honest file is refused too the
    refusal says nothing, and is undecided. In the form "joblib" arrays stand raw
    between the opcodes, which a reader of plain pickles trips over; the traps stand
    behind them. A knot stands alone, in no file.
    """
    made = artefacts.dump(victim.model)
    files = {
        name: artefacts.dump(opened(file), form=form)
        for name, file in _altered(made, rows, where=where, answer=answer).items()
    }
    plain, marker = files["as made"], Path("marker")  # nothing is opened here
    files |= {means: boobytrap(plain, marker=marker, means=means) for means in MEANS}
    files["a knot"] = knot()
    heard = {
        scan: dict(zip(files.values(), scan(list(files.values())), strict=True))
        for scan in scanners.values()
    }

    def measure(file: bytes, scan: Scanner) -> Cell:
        code, word = heard[scan][file]
        said = f"{code}: {word}"
        if file is plain:
            return Cell(said)
        if code == 0:
            return Cell(said, "unnoticed")
        refused = heard[scan][plain][0] != 0
        return Cell(said, "undecided" if refused else "stopped")

    return panel(files, scanners, measure, corner="the file")


def judge_hidden(
    victims: Sequence[Victim],
    rows: Dataset,
    *,
    bits: Sequence[Count],
    precision: Precision = "float32",
    through: Callable[[Weights], Weights] = dict,
    seed: Seed,
) -> DoseResponse:
    """What random bytes in the lowest bits cost the answers, and how many arrive.

    Each victim, a network, carries a payload of its own (drawn with `seed`) at each
    number of `bits`; of its bits chance gets one half right. `through` is what happens
    to the weights between hiding and revealing, a file format or a defence.
    """
    random = np.random.default_rng(seed)

    def measure(dose: float, victim: Victim) -> dict[str, float]:
        network, used = as_network(victim.model), int(dose)
        weights, before = network.weights(), network.predict(rows.X)
        size = passengers.capacity(weights, bits=used)
        payload = random.bytes(size)
        got = through(hide(weights, payload, bits=used, precision=precision))
        after = network.with_weights(got).predict(rows.X)
        found = reveal(got, bits=used, size=size, precision=precision)
        sent, arrived = passengers.bits_of(payload), passengers.bits_of(found)
        return {
            "answers unchanged": agreement(before, after),
            "payload that arrives": agreement(sent, arrived),
        }

    return sweep(
        bits,
        each(victims, measure),
        lines={"answers unchanged": "victim", "payload that arrives": "attacker"},
        dose_name=f"lowest bits of each weight used, in {precision}",
        response_name="per cent",
        units="networks",
    )


def _altered(
    artefact: bytes, rows: Dataset, *, where: Group, answer: int
) -> dict[str, bytes]:
    """A pickle as it was made, and with altered values."""
    return {
        "as made": artefact,
        "relabelled": values.relabel(artefact, answer=answer),
        "bribed": bribe(artefact, where=numbered(rows, where), answer=answer),
    }
