"""What does a pickle do when it is opened?"""

import pickle
import pickletools
from collections.abc import Callable


class Call:
    """An object whose pickle is a call of a function with arguments."""

    def __init__(self, function: Callable[..., object], *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Callable[..., object], tuple[object, ...]]:
        return self.function, self.arguments


def append_call(artefact: bytes, call: Call) -> bytes:
    """A pickle that yields the same object, and makes a call on the way.

    The opcodes of the call go before the final STOP: load the function, load the
    arguments, REDUCE (call it), POP (forget what it returned).
    """
    stream = pickle.dumps(call, protocol=3)
    start, end = len(pickle.PROTO) + 1, -len(pickle.STOP)
    return artefact[:end] + stream[start:end] + pickle.POP + pickle.STOP


def opcodes(artefact: bytes) -> list[str]:
    """The instructions of a pickle, one string each, read without running them."""
    return [
        code.name if argument is None else f"{code.name} {argument!r}"
        for code, argument, _ in pickletools.genops(artefact)
    ]
