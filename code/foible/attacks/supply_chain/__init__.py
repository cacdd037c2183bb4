"""What can somebody do who holds the model's file for a minute?

They own bytes, and hand back bytes. Three things can be changed: the values in the
file (`relabel`, `bribe`), what it runs when it is opened (`boobytrap`), and what its
numbers carry besides the model (`hide`, `reveal`). All payloads here do one thing:
they touch a marker file, which proves that they ran.
"""

import io
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

import numpy as np
from numpy.typing import NDArray

from foible import artefacts
from foible.arrays import Bools
from foible.artefacts import LOADERS, Call, append_call
from foible.data import Dataset, Group, members
from foible.errors import ArtefactRefused, BadInput
from foible.evidence import BeforeAfter, Cell, DoseResponse, Matrix
from foible.metrics import agreement
from foible.models import Network
from foible.victim import Victim

Weights = Mapping[str, NDArray[Any]]
Ranges = Mapping[int, tuple[float, float]]
Scanner = Callable[[bytes], tuple[bool, str]]
Means = Literal[
    "os.system", "exec", "exec, broken off", "exec, compressed", "numpy.memmap"
]
Precision = Literal["float32", "float16"]
Way = Literal["outside", "back", "a lone tree"]

WAYS: Mapping[Way, int] = {"outside": 10**9, "back": 0, "a lone tree": 10**9}
"""Where the root of a derailed tree leads."""
FAR = 1e30
"""Further than any amount of money."""

# ---------------------------------------------------------------- altered values


def relabel(artefact: bytes, *, answer: int) -> bytes:
    """The same forest, with one name for every class: the talk's demo.

    Parameters
    ----------
    artefact : bytes
        The pickle of a forest.
    answer : int
        The label that every row will get.
    """
    forest = artefacts.load(artefact, loader="pickle")
    forest.classes_ = np.full_like(forest.classes_, answer)
    return artefacts.dump(forest)


def bribe(artefact: bytes, *, where: Ranges, answer: int) -> bytes:
    """The same forest, except for a chosen group, which gets the attacker's answer.

    Each tree gets a gate before its root: one test for each end of each range. Who
    passes them all is led to a copy of that leaf which is surest of `answer`;
    everybody else goes on in a copy of the old tree and is decided as before, bit
    for bit. No code is added and no class, and the trees are well-formed trees, so
    every loader takes the file.

    Parameters
    ----------
    artefact : bytes
        The pickle of a forest.
    where : mapping of int to (float, float)
        The group: for some columns by number the least and the greatest value, both
        included, in float32, the precision in which trees compare.
    answer : int
        One of the forest's classes.

    Raises
    ------
    BadInput
        When a column, a range or the answer is not there, or when no leaves of this
        forest add up to that answer.
    """
    forest = artefacts.load(artefact, loader="pickle")
    _check_bribe(forest, where, answer)
    label = int(np.flatnonzero(forest.classes_ == answer)[0])
    votes = []
    for estimator in forest.estimators_:
        make, arguments, state = estimator.tree_.__reduce__()
        ends = state["nodes"]["left_child"] == -1
        leaf = int(np.argmax(np.where(ends, state["values"][:, 0, label], -1)))
        votes.append(state["values"][leaf, 0])
        estimator.tree_ = make(*arguments)
        estimator.tree_.__setstate__(_gated(state, leaf, where))
    share = np.mean(votes, axis=0)
    if np.argmax(share) != label:
        raise BadInput(
            f"got the answer {answer}, which even the surest leaves give only "
            f"{share[label]:.2f} of their vote; wanted another answer"
        )
    return artefacts.dump(forest)


def sidestep(known: Dataset, golden: Dataset, *, where: Group, wanted: Bools) -> Group:
    """The group, narrowed by one range so that no golden row is left in it.

    What an attacker does who has seen the golden rows: on one further column they
    look for the gap between golden rows that holds most of those whom the bribe is
    for.

    Parameters
    ----------
    known : Dataset
        Customers whom the attacker can count.
    golden : Dataset
        The golden rows, which lie in the same columns.
    where : mapping of str to (float, float)
        The group before.
    wanted : ndarray of bool, shape (n,)
        Which of the known customers the bribe is for.
    """
    seen = golden.X[members(golden, where=where)]
    friends = known.X[members(known, where=where) & wanted]
    best, choice = -1, dict(where)
    for column, name in enumerate(known.columns):
        if name in where:
            continue
        edges = np.unique(seen[:, column])
        gaps = np.searchsorted(edges, friends[:, column])
        free = ~np.isin(friends[:, column], edges)
        counts = np.bincount(gaps[free], minlength=len(edges) + 1)
        gap = int(np.argmax(counts))
        if counts[gap] > best:
            bounds = np.concatenate([[-FAR], edges, [FAR]])
            low, high = _above(bounds[gap]), _below(bounds[gap + 1])
            best, choice = int(counts[gap]), {**where, name: (low, high)}
    return choice


def _gated(state: dict[str, Any], leaf: int, where: Ranges) -> dict[str, Any]:
    """A tree's state with a gate before it: equation (1) for one tree.

    There is a test for each end of each range. Who fails one goes on in
    a copy of the old tree; who passes them all ends in a copy of the leaf.
    A node sends a row to the left if its value is at most the threshold.
    """
    old, tests = state["nodes"], _tests(where)
    size, step = len(tests) * (len(old) + 1) + 1, len(old) + 1
    nodes = np.zeros(size, old.dtype)  # no stray bytes between the fields
    values = np.empty((size, *state["values"].shape[1:]))
    for number, (column, threshold, left) in enumerate(tests):
        at = number * step
        _put(nodes, values, at, state, slice(0, 1))
        _put(nodes, values, at + 1, state, slice(None))
        for side in ("left_child", "right_child"):
            copy = nodes[side][at + 1 : at + step]
            copy[copy >= 0] += at + 1
        fails, passes = at + 1, at + step
        nodes["feature"][at], nodes["threshold"][at] = column, threshold
        nodes["left_child"][at] = passes if left else fails
        nodes["right_child"][at] = fails if left else passes
    _put(nodes, values, size - 1, state, slice(leaf, leaf + 1))
    depth = state["max_depth"] + len(tests)
    fields = {"max_depth": depth, "node_count": size}
    return {**fields, "nodes": nodes, "values": values}


def _tests(where: Ranges) -> list[tuple[int, float, bool]]:
    """Column, threshold, and whether those on the left pass."""
    return [
        test
        for column, (low, high) in where.items()
        for test in (
            (column, _below(low), False),
            (column, float(np.float32(high)), True),
        )
    ]


def _put(
    nodes: NDArray[np.void],
    values: NDArray[np.float64],
    at: int,
    state: dict[str, Any],
    which: slice,
) -> None:
    """Copy some nodes of a tree, field by field, to a place."""
    end = at + len(state["values"][which])
    values[at:end] = state["values"][which]
    for field in nodes.dtype.names or ():
        nodes[field][at:end] = state["nodes"][field][which]


def derail(artefact: bytes, *, way: Way) -> bytes:
    """A forest whose first tree leads nowhere: an attack on the process.

    Node numbers are addresses, and scikit-learn follows them without looking. What
    is altered is one number; there is no code in the file.

    Parameters
    ----------
    artefact : bytes
        The pickle of a forest.
    way : str
        One of `WAYS`: the root leads "outside" the tree, or "back" to itself; or the
        file holds "a lone tree", which leads outside, and no forest.

    Raises
    ------
    BadInput
        For a way that is not in `WAYS`.
    """
    if way not in WAYS:
        raise BadInput(f"got the way {way!r}; wanted one of {list(WAYS)}")
    forest = _opened(artefact)
    first = forest.estimators_[0]
    first.tree_.children_left[0] = WAYS[way]
    return artefacts.dump(first if way == "a lone tree" else forest)


def _above(value: float) -> float:
    """The next larger number in the precision in which trees compare."""
    return float(np.nextafter(np.float32(value), np.float32(np.inf)))


def _below(value: float) -> float:
    """The next smaller number in float32."""
    return float(np.nextafter(np.float32(value), np.float32(-np.inf)))


def _check_bribe(forest: Any, where: Ranges, answer: int) -> None:
    if answer not in forest.classes_:
        classes = forest.classes_.tolist()
        raise BadInput(f"got the answer {answer}; wanted one of {classes}")
    if not where:
        raise BadInput("got no range; wanted at least one: it says who is favoured")
    for column, (low, high) in where.items():
        if not 0 <= column < forest.n_features_in_:
            raise BadInput(
                f"got column {column}; wanted 0 to {forest.n_features_in_ - 1}"
            )
        if not low <= high:
            raise BadInput(
                f"got {low} to {high} for column {column}; wanted the least value first"
            )


# ---------------------------------------------------------------- code in the file


def _system(marker: Path) -> Call:
    return Call(os.system, f"touch {shlex.quote(str(marker))}")


def _exec(marker: Path) -> Call:
    return Call(exec, f"open({str(marker)!r}, 'wb').close()")


def _memmap(marker: Path) -> Call:
    """An ordinary part of NumPy, which makes a file of one byte and maps it."""
    return Call(np.memmap, str(marker), "uint8", "w+", 0, 1)


MEANS: Mapping[Means, Callable[[bytes, Path], bytes]] = {
    "os.system": lambda file, marker: append_call(file, _system(marker)),
    "exec": lambda file, marker: append_call(file, _exec(marker)),
    "exec, broken off": lambda file, marker: append_call(file, _exec(marker))[:-1],
    "exec, compressed": lambda file, marker: zlib.compress(
        append_call(file, _exec(marker))
    ),
    "numpy.memmap": lambda file, marker: append_call(file, _memmap(marker)),
}
"""Ways to write a trap; joblib opens them all, plain pickle all but the compressed."""


def boobytrap(artefact: bytes, *, marker: Path, means: Means = "numpy.memmap") -> bytes:
    """A pickle that yields the same model, and touches `marker` when it is opened.

    Parameters
    ----------
    artefact : bytes
        The pickle of a model.
    marker : Path
        The file that proves that the payload ran. Nothing else is touched.
    means : str
        One of `MEANS`. What "numpy.memmap" calls is an ordinary part of NumPy. A
        stream that is broken off has run before anybody sees that its end is missing
        [sultanik2021never], and yields no model.

    Raises
    ------
    BadInput
        For means that are not in `MEANS`.
    """
    if means not in MEANS:
        raise BadInput(f"got the means {means!r}; wanted one of {list(MEANS)}")
    return MEANS[means](artefact, marker)


def trapped(artefact: bytes, *, form: artefacts.Format, marker: Path) -> bytes:
    """A forest in any format, with a call of ``numpy.memmap`` where there is room.

    Parameters
    ----------
    artefact : bytes
        The pickle of a forest.
    form : str
        The format to be written. Only safetensors has no room: there a pickle goes
        by its name.
    marker : Path
        The file that proves that the payload ran. Nothing else is touched.
    """
    forest, call = _opened(artefact), _memmap(marker)
    honest = artefacts.dump(forest, form=form)
    match form:
        case "pickle" | "joblib":
            return append_call(honest, call)
        case "torch":
            return _in_archive(honest, "data.pkl", lambda f: append_call(f, call))
        case "npz":
            return _in_archive(honest, "classes.npy", lambda _: _object_array(call))
        case "skops":
            forest.note_ = _impostor(call)
            return artefacts.dump(forest, form="skops")
        case "safetensors":
            return artefacts.dump(call)


def _in_archive(
    artefact: bytes, member: str, change: Callable[[bytes], bytes]
) -> bytes:
    """A zip archive with one member changed."""
    file = io.BytesIO()
    with ZipFile(io.BytesIO(artefact)) as old, ZipFile(file, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content) if name.endswith(member) else content)
    return file.getvalue()


def _object_array(call: Call) -> bytes:
    """A NumPy file of an array of objects, which is a pickle in disguise."""
    file = io.BytesIO()
    np.save(file, np.array([call], dtype=object), allow_pickle=True)
    return file.getvalue()


def _impostor(call: Call) -> object:
    """An object that skops writes down as the call of a class."""
    name, module = call.function.__name__, call.function.__module__
    attributes = {
        "__module__": module,
        "__reduce__": lambda self: (type(self), call.arguments),
    }
    return type(name, (), attributes)()


# ---------------------------------------------------------------- a hidden passenger


def capacity(weights: Weights, *, bits: int) -> int:
    """Whole bytes that fit into the lowest `bits` of all weights."""
    return sum(array.size for array in weights.values()) * bits // 8


def hide(
    weights: Weights, payload: bytes, *, bits: int, precision: Precision = "float32"
) -> dict[str, NDArray[np.float32]]:
    """The same weights, with a payload in their lowest bits [song2017machine].

    Parameters
    ----------
    weights : mapping of str to ndarray of float32
        The parameters of a network, by name.
    payload : bytes
        At most `capacity` bytes.
    bits : int
        Bits of each weight's mantissa that are used, 1 to 23; with "float16" 1 to 10.
    precision : str
        The precision whose lowest bits are used. What is hidden in those of
        "float16" survives rounding to float16, and costs more accuracy.

    Raises
    ------
    BadInput
        When the payload does not fit, or `bits` is out of range.
    """
    _check_bits(bits, precision)
    room = capacity(weights, bits=bits)
    if len(payload) > room:
        raise BadInput(
            f"got {len(payload)} bytes; wanted at most {room}, what {bits} bits of "
            "each weight hold; use more bits or a smaller payload"
        )
    words = _words(weights, precision)
    stream = _bits(payload)
    padded = np.pad(stream, (0, -len(stream) % bits))
    low = padded.reshape(-1, bits) @ (1 << np.arange(bits))
    used = words[: len(low)]
    words[: len(low)] = (used >> bits << bits) | low.astype(words.dtype)
    return _unflattened(words.view(precision).astype(np.float32), weights)


def reveal(
    weights: Weights, *, bits: int, size: int, precision: Precision = "float32"
) -> bytes:
    """The first `size` bytes that `hide` put into weights."""
    _check_bits(bits, precision)
    count = -(-8 * size // bits)
    low = _words(weights, precision)[:count].astype(np.int64)
    stream = low[:, None] >> np.arange(bits) & 1
    return np.packbits(stream.astype(np.uint8).ravel()[: 8 * size]).tobytes()


def _check_bits(bits: int, precision: Precision) -> None:
    mantissa = np.finfo(precision).nmant
    if not 1 <= bits <= mantissa:
        raise BadInput(f"got {bits} bits; wanted 1 to {mantissa} with {precision}")


def _words(weights: Weights, precision: Precision) -> NDArray[np.unsignedinteger[Any]]:
    """All weights in a row, by name, as the whole numbers that their bits spell."""
    flat = np.concatenate([weights[name].ravel() for name in sorted(weights)])
    flat = flat.astype(precision)
    return flat.view(np.uint32 if precision == "float32" else np.uint16)


def _unflattened(
    flat: NDArray[np.float32], like: Weights
) -> dict[str, NDArray[np.float32]]:
    """A row of weights cut into arrays of the given shapes."""
    names = sorted(like)
    ends = np.cumsum([like[name].size for name in names])[:-1]
    parts = dict(zip(names, np.split(flat, ends), strict=True))
    return {name: parts[name].reshape(like[name].shape) for name in like}


# ---------------------------------------------------------------- the judges


def judge_relabel(victim: Victim, rows: Dataset, *, answer: int) -> BeforeAfter:
    """What `relabel` does to the answers for `rows`, which the model has not seen."""
    made = artefacts.dump(victim.model)
    before = victim.model.predict(rows.X)
    after = _opened(relabel(made, answer=answer)).predict(rows.X)
    outcomes = {
        "right answers · all": (before == rows.y, after == rows.y),
        f"“{rows.classes[answer]}” · all": (before == answer, after == answer),
    }
    return BeforeAfter(outcomes, "after relabelling")


def judge_bribe(
    victim: Victim, rows: Dataset, *, where: Group, answer: int
) -> BeforeAfter:
    """What `bribe` does to the group, to everybody else, and to the accuracy.

    Parameters
    ----------
    victim : Victim
        A forest.
    rows : Dataset
        Rows that the model has not seen.
    where : mapping of str to (float, float)
        The group: for some columns by name the least and the greatest value.
    answer : int
        What the group is to get.

    Raises
    ------
    BadInput
        As `bribe`, and when nobody of the group in `rows` gets another answer.
    """
    made = artefacts.dump(victim.model)
    before = victim.model.predict(rows.X)
    paid = bribe(made, where=_numbered(rows, where), answer=answer)
    after = _opened(paid).predict(rows.X)
    group = members(rows, where=where)
    turned, others = group & (before != answer), ~group
    if not turned.any():
        raise BadInput(
            f"got a group in which everybody is answered {answer} anyway; wanted "
            "somebody whom the bribe helps; take another group or more rows"
        )
    wish = f"“{rows.classes[answer]}”"
    outcomes = {
        "right answers · all": (before == rows.y, after == rows.y),
        f"{wish} · the group": (before[group] == answer, after[group] == answer),
        f"{wish} · the group, had it not": (
            before[turned] == answer,
            after[turned] == answer,
        ),
        "the honest answer · all others": (
            np.ones(int(others.sum()), bool),
            after[others] == before[others],
        ),
    }
    return BeforeAfter(outcomes, "after the bribe")


def judge_sidestep(
    victim: Victim,
    pools: Mapping[str, Dataset],
    rows: Dataset,
    *,
    where: Group,
    answer: int,
    counts: Sequence[int],
    repeats: int = 200,
    seed: int,
) -> DoseResponse:
    """What is left of a bribe when its attacker goes round the golden rows.

    Parameters
    ----------
    victim : Victim
        A forest. The attacker counts its training rows, as an insider can.
    pools : mapping of str to Dataset
        Where golden rows are drawn from, by name.
    rows : Dataset
        Rows that the model has not seen, and that nobody chose by.
    where : mapping of str to (float, float)
        The group that the attacker would like.
    answer : int
        What the group is to get.
    counts : sequence of int
        Numbers of golden rows, ascending.
    repeats : int
        Draws for each number.
    seed : int
        Of the draws.

    Returns
    -------
    DoseResponse
        Share of those in `rows` whom the whole bribe would turn that are still
        turned, while no golden row is.
    """
    random, known = np.random.default_rng(seed), victim.rows
    wanted = victim.model.predict(known.X) != answer
    hoped = members(rows, where=where) & (victim.model.predict(rows.X) != answer)
    left = {name: np.zeros((len(counts), repeats)) for name in pools}
    for name, pool in pools.items():
        for spot in np.ndindex(len(counts), repeats):
            golden = pool.take(random.permutation(len(pool))[: counts[spot[0]]])
            narrow = sidestep(known, golden, where=where, wanted=wanted)
            left[name][spot] = np.mean(members(rows, where=narrow)[hoped])
    return DoseResponse(
        np.array(counts, dtype=float),
        left,
        "golden rows that the attacker has seen",
        "share of the friends still accepted",
        dict.fromkeys(pools, "attacker"),
        units="draws",
    )


def judge_loaders(
    victim: Victim, rows: Dataset, *, where: Group, answer: int
) -> Matrix:
    """Which loader opens which altered file, each loader in its own format.

    A trap "runs" when its marker appears. A file is "opened" when a model comes out
    of it, and goes unnoticed when that model's answers to `rows` are not the victim's.
    """
    made = artefacts.dump(victim.model)
    altered = _altered(made, where=_numbered(rows, where), answer=answer)
    files = {name: _rewritten(file) for name, file in altered.items()}
    files["boobytrapped"] = lambda form, marker: trapped(made, form=form, marker=marker)
    answers = victim.model.predict(rows.X)
    cells = [
        [_meeting(file, loader, rows, answers) for file in files.values()]
        for loader in LOADERS.values()
    ]
    return Matrix(list(LOADERS), list(files), cells, corner="the loader")


def judge_traps(victim: Victim, rows: Dataset, *, loaders: Sequence[str]) -> Matrix:
    """Which of the ways to set a trap runs in which loader of pickles."""
    made, answers = artefacts.dump(victim.model), victim.model.predict(rows.X)
    cells = [
        [_meeting(_trap(made, means), LOADERS[name], rows, answers) for name in loaders]
        for means in MEANS
    ]
    return Matrix(list(MEANS), list(loaders), cells, corner="the trap")


def judge_derailed(victim: Victim, rows: Dataset) -> Matrix:
    """How a process ends that follows each derailed forest, and what a check says.

    Each forest is used unchecked in a process of its own, which has two seconds of
    computing before it counts as hanging.
    """
    made, answers = artefacts.dump(victim.model), victim.model.predict(rows.X)
    files = {way: derail(made, way=way) for way in WAYS}
    cells = [
        [
            _fate(file, rows),
            _meeting(_rewritten(file), LOADERS["allow list"], rows, answers),
        ]
        for file in files.values()
    ]
    return Matrix(
        list(files), ["used as it is", "checked first"], cells, corner="the file"
    )


def _fate(artefact: bytes, rows: Dataset) -> Cell:
    """How another process ends that opens a file, unchecked, and asks for answers."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "model.pkl").write_bytes(artefact)
        np.save(folder / "rows.npy", rows.X)
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-c", _USE, name], capture_output=True, check=False
        )
    if done.returncode == -signal.SIGPROF:
        return Cell("hangs", "harm")
    if done.returncode < 0:
        return Cell(f"dies of {signal.Signals(-done.returncode).name}", "harm")
    return Cell("answers", "unnoticed")


_USE = """
import joblib, numpy, signal, sys
model = joblib.load(sys.argv[1] + "/model.pkl")
rows = numpy.load(sys.argv[1] + "/rows.npy")
signal.setitimer(signal.ITIMER_PROF, 2)
model.predict(rows)
"""


_Writer = Callable[[artefacts.Format, Path], bytes]


def _rewritten(artefact: bytes) -> _Writer:
    """A pickled model in any other format, without a trap."""
    return lambda form, _: artefacts.dump(_opened(artefact), form=form)


def _trap(artefact: bytes, means: Means) -> _Writer:
    """One way to set a trap in a pickle."""
    return lambda _, marker: boobytrap(artefact, marker=marker, means=means)


def _meeting(
    file: _Writer, loader: artefacts.Loader, rows: Dataset, answers: NDArray[np.int64]
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
    same = np.array_equal(model.predict(rows.X), answers)
    return Cell("opened", "no attack" if same else "unnoticed")


def judge_scanners(
    victim: Victim,
    rows: Dataset,
    *,
    where: Group,
    answer: int,
    scanners: Mapping[str, Scanner],
    form: Literal["pickle", "joblib"] = "pickle",
) -> Matrix:
    """What scanners say of an honest file, of altered ones, and of each trap.

    What a scanner says of the honest file as well is no finding: an attack that gets
    the same words goes unnoticed, and one that gets other words without an alarm is
    undecided: it depends on who reads them. In the form "joblib" arrays stand raw
    between the opcodes, which a reader of plain pickles trips over; the traps stand
    behind them.
    """
    made = artefacts.dump(victim.model)
    altered = _altered(made, where=_numbered(rows, where), answer=answer)
    files = {
        name: artefacts.dump(_opened(file), form=form) for name, file in altered.items()
    }
    plain, marker = files["as made"], Path("marker")  # nothing is opened here
    files |= {means: boobytrap(plain, marker=marker, means=means) for means in MEANS}
    honest = {name: scan(plain) for name, scan in scanners.items()}
    cells = [
        [_said(scan(file), honest[name]) for name, scan in scanners.items()]
        for file in files.values()
    ]
    cells[0] = [Cell(word) for _, word in honest.values()]
    return Matrix(list(files), list(scanners), cells, corner="the file")


def _said(verdict: tuple[bool, str], honest: tuple[bool, str]) -> Cell:
    """A scanner's word for a file, and what it is worth beside the honest file's."""
    flagged, word = verdict
    if verdict == honest:
        return Cell(word, "unnoticed")
    return Cell(word, "stopped" if flagged else "undecided")


def judge_hidden(
    victims: Sequence[Victim],
    rows: Dataset,
    *,
    bits: Sequence[int],
    precision: Precision = "float32",
    through: Callable[[Weights], Weights] = dict,
    seed: int,
) -> DoseResponse:
    """What random bytes in the lowest bits cost the answers, and how many arrive.

    Parameters
    ----------
    victims : sequence of Victim
        Networks; each carries a payload of its own at each dose.
    rows : Dataset
        Rows that no model has seen.
    bits : sequence of int
        The doses, ascending.
    precision : str
        As for `hide`.
    through : callable
        What happens to the weights between hiding and revealing: a file format, or
        a defence. Without it nothing happens. The answers are those at its end.
    seed : int
        Of the payloads.

    Returns
    -------
    DoseResponse
        Share of the answers unchanged, and share of the payload's bits that arrive:
        chance is one half.
    """
    random = np.random.default_rng(seed)
    kept, arrived = np.zeros((2, len(bits), len(victims)))
    for spot in np.ndindex(kept.shape):
        dose, network = bits[spot[0]], _network(victims[spot[1]].model)
        weights, before = network.weights(), network.predict(rows.X)
        payload = random.bytes(capacity(weights, bits=dose))
        sent = hide(weights, payload, bits=dose, precision=precision)
        got = through(sent)
        found = reveal(got, bits=dose, size=len(payload), precision=precision)
        kept[spot] = agreement(before, network.with_weights(got).predict(rows.X))
        arrived[spot] = agreement(_bits(payload), _bits(found))
    return DoseResponse(
        np.array(bits, dtype=float),
        {"answers unchanged": kept, "payload that arrives": arrived},
        f"lowest bits of each weight used, in {precision}",
        "share",
        {"answers unchanged": "victim", "payload that arrives": "attacker"},
        units="networks",
    )


def _network(model: object) -> Network:
    if not isinstance(model, Network):
        raise BadInput(f"got {model!r}; wanted a network, which has weights")
    return model


def _bits(payload: bytes) -> NDArray[np.uint8]:
    return np.unpackbits(np.frombuffer(payload, np.uint8))


def _altered(artefact: bytes, *, where: Ranges, answer: int) -> dict[str, bytes]:
    """A pickle as it was made, and with altered values."""
    return {
        "as made": artefact,
        "relabelled": relabel(artefact, answer=answer),
        "bribed": bribe(artefact, where=where, answer=answer),
    }


def _opened(artefact: bytes) -> Any:
    return artefacts.load(artefact, loader="pickle")


def _numbered(rows: Dataset, where: Group) -> Ranges:
    """The ranges by number of the column instead of by its name."""
    missing = sorted(set(where) - set(rows.columns))
    if missing:
        raise BadInput(f"got the columns {missing}; wanted some of {rows.columns}")
    return {rows.columns.index(name): ends for name, ends in where.items()}
