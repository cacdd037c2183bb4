"""Does any file kill, hang or fill a loader that promises to run nothing?

    python scripts/fuzz.py --files 10000

Each file is that of an honest forest, altered in its structure: instructions, types,
shapes, names and references, not letters alone. Each loader that does not run what a
file says, and `contents`, opens its files in processes of their own, asks what comes
out for answers, and has two seconds and 200 MiB for each. A line a loader says how it
ended; one that ended otherwise than refused or sound is written to `--keep`.
"""

import argparse
import copy
import io
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from pickletools import genops
from typing import Any, TypeAlias
from zipfile import ZipFile

import numpy as np
from safetensors import SafetensorError
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import export_text
from sklearn.tree._tree import NODE_DTYPE, Tree

from foible import artefacts, torch_files
from foible.attacks.supply_chain import MISUSES, knot, misuse
from foible.errors import ArtefactRefused

Random: TypeAlias = np.random.Generator
Table: TypeAlias = dict[str, Any]
SECONDS, MEMORY = 2.0, 200 * 2**20
BATCH = 20
EDGES = (-(2**63), -(2**31), -2, -1, 0, 1, 2, 3, 255, 2**16, 2**31 - 1, 2**40, 2**62)
CODES = b"NR0bou2(t)]}a.eslQ\x81\x85\x86\x87\x88\x8f\x90\x91\x93\x94\x97"
TYPES = ("F64", "F16", "I64", "BOOL", "U8", "BF16")
KINDS = ("f8", "f4", "i8", "i4", "u1", "?", "c16", "U3", "S5", "V8", "O", "M8", ">f8")
ROWS = np.random.default_rng(0).normal(size=(60, 4))
FOREST = RandomForestClassifier(3, max_depth=3, random_state=0).fit(
    ROWS, (ROWS[:, 0] > 0).astype(int) + (ROWS[:, 1] > 0)
)

# ---------------------------------------------------------------- a forest


def odd_table(random: Random) -> Table:
    """A forest's table with other numbers, kinds, shapes or names."""
    table: Table = {k: np.array(v) for k, v in artefacts.arrays(FOREST).items()}
    for _ in range(random.integers(1, 4)):
        name = str(random.choice(list(table)))
        array = table[name]
        match random.integers(6):
            case 0 if array.size:
                place = random.integers(array.size)
                array.flat[place] = _number(random, array.dtype)
            case 1:
                kind = str(random.choice([k for k in KINDS if k not in "OM8"]))
                table[name] = np.zeros(array.shape, kind)
            case 2:
                table[name] = array[: random.integers(len(array) + 1)]
            case 3:
                table[name] = array[None] if random.random() < 0.5 else array.ravel()
            case 4:
                table[str(random.choice(list(table)))] = table.pop(name)
            case _:
                table[name] = table[str(random.choice(list(table)))]
    return table


def _number(random: Random, dtype: np.dtype[Any]) -> Any:
    if dtype.kind == "f":
        return random.choice([np.nan, np.inf, -1e300, 0.0, 1e300])
    if dtype.kind not in "iu":
        return 1
    low, high = np.iinfo(dtype).min, np.iinfo(dtype).max
    return int(np.clip(int(random.choice(EDGES)), low, high))


def odd_forest(random: Random) -> RandomForestClassifier:
    """A forest whose trees and fields are odd, as objects that can be pickled."""
    forest = copy.deepcopy(FOREST)
    tree = forest.estimators_[0].tree_
    _, (columns, classes, outputs), state = tree.__reduce__()
    nodes, values = state["nodes"].copy(), state["values"].copy()
    name = str(random.choice(NODE_DTYPE.names))
    place = random.integers(len(nodes))
    nodes[name][place] = _number(random, NODE_DTYPE[name])
    depth = int(random.choice([0, 1, 3, 2**31, state["max_depth"]]))
    cut = int(random.integers(1, len(nodes) + 1))
    odd = Tree(columns, classes, outputs)
    odd.__setstate__(
        {
            "max_depth": depth,
            "node_count": cut,
            "nodes": nodes[:cut],
            "values": values[:cut],
        }
    )
    parts = [odd, tree, forest.estimators_[1], forest, [], None, 7, "a", classes, ()]
    forest.estimators_[0].tree_ = odd
    for holder in (forest, forest.estimators_[0]):
        if random.random() < 0.3:
            chosen = str(random.choice(list(vars(holder))))
            setattr(holder, chosen, parts[random.integers(len(parts))])
    return forest


# ---------------------------------------------------------------- a pickle


def odd_pickle(artefact: bytes, random: Random) -> bytes:
    """A pickle with instructions taken out, repeated, exchanged or put in."""
    steps = _steps(artefact)
    for _ in range(random.integers(1, 6)):
        at, other = random.integers(len(steps), size=2)
        match random.integers(7):
            case 0:
                del steps[at : at + random.integers(1, 4)]
            case 1:
                steps[at], steps[other] = steps[other], steps[at]
            case 2:
                steps.insert(at, steps[other])
            case 3:
                steps[at:at] = steps[other : other + random.integers(1, 40)]
            case 4:
                steps[at] = _instruction(random)
            case 5:
                steps.insert(at, _instruction(random))
            case _:
                steps[at] = _bent(steps[at], random)
        steps = steps or [b"N"]
    return b"\x80\x04" + b"".join(steps) + b"."


def _steps(artefact: bytes) -> list[bytes]:
    """The instructions of a pickle, without its frames and its ends.

    What is remembered is numbered, so that nothing is lost when a line goes.
    """
    steps, memo = [], 0
    found = list(genops(artefact))
    starts = [place or 0 for _, _, place in found] + [len(artefact)]
    for (code, _, _), start, end in zip(found, starts, starts[1:], strict=False):
        if code.name == "MEMOIZE":
            steps.append(b"r" + memo.to_bytes(4, "little"))
        elif code.name not in {"PROTO", "FRAME", "STOP"}:
            steps.append(artefact[start:end])
        memo += code.name == "MEMOIZE"
    return steps


def _instruction(random: Random) -> bytes:
    number = int(random.choice(EDGES))
    size = abs(number) % 2**32
    choices = [
        *(bytes([code]) for code in CODES),
        b"h" + bytes([random.integers(256)]),
        b"r" + size.to_bytes(4, "little"),
        b"\x8a\x09" + number.to_bytes(9, "little", signed=True),
        b"\x96" + abs(number).to_bytes(8, "little"),
        b"\x8e" + abs(number).to_bytes(8, "little"),
        b"\x82\x01",
        b"cnumpy\nndarray\n",
        b"cnumpy\ndtype\n",
        b"cnumpy._core.multiarray\nscalar\n",
        b"csklearn.tree._tree\nTree\n",
        b"C\x10" + b"A" * 16,
        b"X\x02\0\0\0O8",
        b"X\x0a\0\0\0V100000000",
        *_steps(knot(depth=int(random.integers(1, 20))))[:1],
    ]
    return choices[random.integers(len(choices))]


def _bent(step: bytes, random: Random) -> bytes:
    """An instruction with a byte of what follows it changed."""
    bent = bytearray(step)
    bent[random.integers(len(bent))] = random.integers(256)
    return bytes(bent)


# ---------------------------------------------------------------- archives


def odd_archive(artefact: bytes, random: Random, inner: str) -> bytes:
    """An archive of which one member is odd, or missing, or another's."""
    with ZipFile(io.BytesIO(artefact)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    names = list(members)
    name = (
        next(n for n in names if n.endswith(inner))
        if inner and random.random() < 0.7
        else str(random.choice(names))
    )
    match random.integers(5):
        case 0 if name.endswith((".pkl", ".json")):
            del members[str(random.choice(names))]
        case 1:
            members[name] = members[str(random.choice(names))]
        case _:
            members[name] = _odd_member(name, members[name], random)
    file = io.BytesIO()
    with ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def _odd_member(name: str, content: bytes, random: Random) -> bytes:
    if name.endswith(".pkl"):
        return odd_pickle(content, random)
    if name.endswith(".json"):
        return json.dumps(odd_schema(json.loads(content), random)).encode()
    if name.endswith(".npy") and random.random() < 0.8:
        return odd_header(random) + content[128:]
    return content[: random.integers(len(content) + 1)] + bytes(random.integers(9))


def odd_header(random: Random) -> bytes:
    """The beginning of a NumPy file of an odd kind and shape."""
    shape = tuple(int(n) for n in random.choice(EDGES, random.integers(0, 4)))
    kind, order = str(random.choice(KINDS)), bool(random.integers(2))
    told = str({"descr": kind, "fortran_order": order, "shape": shape}).encode()
    return b"\x93NUMPY\1\0" + (118).to_bytes(2, "little") + told.ljust(117) + b"\n"


def odd_schema(schema: Any, random: Random) -> Any:
    """A skops schema with nodes exchanged, and classes, loaders and numbers changed."""
    nodes = list(_nodes(schema))
    for _ in range(random.integers(1, 5)):
        node, other = (nodes[i] for i in random.integers(len(nodes), size=2))
        match random.integers(5):
            case 0:
                for key in ("__class__", "__module__", "__loader__"):
                    if random.random() < 0.6:
                        node[key] = other[key]
            case 1:
                held = copy.deepcopy(other)
                node.clear()
                node.update(held)
            case 2:
                node["__id__"] = other.get("__id__", 1)
            case 3 if "file" in other:
                node["file"] = other["file"]
            case _:
                node["content"] = _content(random, other)
    return schema


def _content(random: Random, other: dict[str, Any]) -> Any:
    texts = [str(random.choice(EDGES)), "null", "[]", '"a"', "NaN", "{}", "true"]
    choices = [*texts, [], {}, other.get("content"), [other], {"a": other}]
    return copy.deepcopy(choices[random.integers(len(choices))])


def _nodes(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if "__loader__" in schema:
            yield schema
        for value in schema.values():
            yield from _nodes(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _nodes(value)


def odd_safetensors(artefact: bytes, random: Random) -> bytes:
    """A safetensors file whose header says something else."""
    size = int.from_bytes(artefact[:8], "little")
    header, rest = json.loads(artefact[8 : 8 + size]), artefact[8 + size :]
    name = str(random.choice(list(header)))
    match random.integers(5):
        case 0:
            header[name]["dtype"] = str(random.choice(TYPES))
        case 1:
            header[name]["shape"] = [abs(int(n)) for n in random.choice(EDGES, 2)]
        case 2:
            header[name]["data_offsets"] = [
                abs(int(n)) for n in random.choice(EDGES, 2)
            ]
        case 3:
            header[str(random.choice(list(header)))] = header.pop(name)
        case _:
            rest = rest[: random.integers(len(rest) + 1)]
    told = json.dumps(header).encode()
    return len(told).to_bytes(8, "little") + told + rest


# ---------------------------------------------------------------- the files


def odd_file(form: artefacts.Format, random: Random) -> bytes:
    """A file in a format, odd in one of the ways above."""
    honest, chance = HONEST[form], random.random()
    if form in {"pickle", "joblib", "skops"}:
        if chance < 0.3:
            try:
                return artefacts.dump(odd_forest(random), form=form)
            except (TypeError, AttributeError, ValueError, RecursionError):
                return honest  # it could not be written
        if form == "skops":
            return odd_archive(honest, random, "schema.json")
        if form == "pickle" and chance < 0.35:
            way = MISUSES[int(random.integers(len(MISUSES)))]
            return odd_pickle(misuse(honest, way=way), random)
        return odd_pickle(honest, random) if form == "pickle" else _torn(honest, random)
    if chance < 0.4:
        return _written(odd_table(random), form)
    if form == "torch":
        return odd_archive(honest, random, "data.pkl")
    return (
        odd_archive(honest, random, "")
        if form == "npz"
        else odd_safetensors(honest, random)
    )


def _torn(artefact: bytes, random: Random) -> bytes:
    """A file with stretches of it repeated, taken out or bent."""
    for _ in range(random.integers(1, 5)):
        at, to, size = (*random.integers(len(artefact), size=2), random.integers(1, 60))
        part = artefact[at : at + size]
        part = part if random.random() < 0.5 else _bent(part, random)
        artefact = artefact[:to] + part + artefact[to + random.integers(2) * size :]
    return artefact


def _written(table: Table, form: artefacts.Format) -> bytes:
    try:
        if form == "torch":
            return torch_files.save(table)
        if form == "safetensors":
            return artefacts.save_table(table)
    except (TypeError, ValueError, KeyError, SafetensorError):
        return HONEST[form]  # this format has no such type
    file = io.BytesIO()
    np.savez(file, **table)
    return file.getvalue()


# ---------------------------------------------------------------- the loaders


def use(loader: artefacts.Loader, artefact: bytes) -> str:
    """What a loader makes of a file; a model is asked for all that it can say."""
    try:
        model: Any = loader(artefact)
    except ArtefactRefused:
        return "refused"
    rows = ROWS[:, : model.n_features_in_]
    if rows.shape[1] == model.n_features_in_:
        _ = model.predict(rows), model.predict_proba(rows), model.apply(rows)
        _ = model.decision_path(rows), repr(model.classes_)
    _ = model.feature_importances_, export_text(model.estimators_[0])
    artefacts.dump(model)
    return "sound"


def look(artefact: bytes) -> str:
    """What `contents` makes of a file."""
    try:
        for array in artefacts.contents(artefact).values():
            _ = array.sum(dtype=np.float64) if array.size else 0
    except ArtefactRefused:
        return "refused"
    return "sound"


SAFE = tuple(artefacts.LOADERS)[4:]
HONEST: dict[artefacts.Format, bytes] = {
    form: artefacts.dump(FOREST, form=form)
    for form in ("pickle", "joblib", "torch", "skops", "safetensors", "npz")
}
READERS: dict[str, tuple[tuple[artefacts.Format, ...], Callable[[bytes], str]]] = {
    name: ((artefacts.LOADERS[name].form,), partial(use, artefacts.LOADERS[name]))
    for name in SAFE
} | {"contents": (("pickle", "joblib"), look)}


@dataclass
class Tally:
    """How the files of one loader ended, and the most that one batch of them took."""

    ends: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    memory: int = 0

    def __str__(self) -> str:
        ends = ", ".join(f"{n:,} {end}" for end, n in self.ends.most_common())
        return f"{ends}; at most {self.seconds:.2f} s, {self.memory / 2**20:.0f} MiB"

    @property
    def dead(self) -> int:
        """Files that ended otherwise than refused, sound or at the limit of time."""
        return sum(n for end, n in self.ends.items() if end not in GOOD)


GOOD = ("sound", "refused", "hangs")


def tried(
    files: Sequence[bytes], read: Callable[[bytes], str], tally: Tally
) -> list[bytes]:
    """Those of some files that ended otherwise than sound or refused, told apart."""

    def work() -> bytes:
        return json.dumps([read(file) for file in files]).encode()

    try:
        ended = artefacts.apart(work, seconds=SECONDS, memory=MEMORY)
        how = ended.how
    except RuntimeError as problem:
        ended, how = None, f"breaks by {str(problem).split(':')[1].strip()}"
    if ended and how == "done":
        tally.ends.update(json.loads(ended.gave))
        tally.seconds = max(tally.seconds, ended.seconds)
        tally.memory = max(tally.memory, ended.memory)
        return []
    if len(files) == 1:
        tally.ends[how] += 1
        return list(files)
    return [odd for file in files for odd in tried([file], read, tally)]


def fuzzed(files: int, *, seed: int, keep: Path | None = None) -> dict[str, Tally]:
    """How so many files end, dealt out evenly to the loaders."""
    tallies = {name: Tally() for name in READERS}
    for name, (forms, read) in READERS.items():
        random = np.random.default_rng([seed, len(name)])
        for start in range(0, files // len(READERS), BATCH):
            made = [
                odd_file(forms[i % len(forms)], random)
                for i in range(start, start + BATCH)
            ]
            for number, odd in enumerate(tried(made, read, tallies[name])):
                if keep:
                    keep.mkdir(parents=True, exist_ok=True)
                    (keep / f"{name}-{start}-{number}").write_bytes(odd)
        print(f"{name}: {tallies[name]}", flush=True)
    return tallies


def main() -> int:
    """Try so many files, and fail if one was deadly."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    asked = parser.parse_args()
    tallies = fuzzed(asked.files, seed=asked.seed, keep=asked.keep)
    return min(1, sum(tally.dead for tally in tallies.values()))


if __name__ == "__main__":
    sys.exit(main())
