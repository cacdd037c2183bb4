"""What is odd but inside its type is answered, or refused clearly, and changes nothing.

The calls are those that the table of promises makes. Each public function that they
reach is called again, each of its arguments in turn at the edges of its type.
"""

import copy
import inspect
import pkgutil
import sys
import warnings
from collections import Counter
from importlib import import_module
from time import process_time

import numpy as np
import pytest
from conformance import ROWS
from edges import inside
from test_border import FUNCTIONS, TooLong, limited

import foible
from foible.border import hints
from foible.errors import FoibleError
from foible.threat import parts

ENOUGH = 0.3  # seconds of the processor for one function, and a call more
LIMIT = 10.0  # seconds of the processor, for a small call
CLEAR = ("wanted", "left", "give", "pixels", "rows but", "named", "labels", "unique")
OPEN = ("foible", "foible.defences", *(f"foible.{part}" for part in parts()))
OUTSIDE = ("dependency",)  # starts pip, in a process of its own


GUARD = FUNCTIONS["foible.metrics.wilson"].__code__  # the same one everywhere


def exported():
    """The names that a package shows, or a module of its own below an empty one."""
    for found in pkgutil.walk_packages(foible.__path__, "foible."):
        parent = found.name.rpartition(".")[0]
        if found.name not in foible.BARE and (found.ispkg or parent in OPEN):
            for thing in vars(import_module(found.name)).values():
                if inspect.isfunction(thing) or inspect.isclass(thing):
                    yield f"{thing.__module__}.{thing.__qualname__}"


def recorded():
    """The first call of each exported function that the table of promises leads to."""
    public, calls = set(exported()), {}

    def watch(frame, event, _):
        if event == "call" and frame.f_code is GUARD:
            function = frame.f_locals["function"]
            name = f"{function.__module__}.{function.__qualname__}"
            known = name in public or name.rpartition(".")[0] in public
            if known and name in FUNCTIONS and name not in calls:
                told = frame.f_locals["given"], dict(frame.f_locals["named"])
                calls[name] = afresh(told)

    for row in ROWS:
        if not row.name.startswith(OUTSIDE):
            inputs = row.inputs()
            sys.setprofile(watch)
            try:
                row.call(seed=0, **inputs)
            finally:
                sys.setprofile(None)
    return calls


def afresh(call):
    """The same arguments, so that no call sees what another has done to them."""
    try:
        return copy.deepcopy(call)
    except (TypeError, AttributeError):
        return call


def ended(function, given, named):
    """How a call ends, in a word, and what it gives."""
    try:
        with limited(LIMIT):
            return "answered", function(*given, **named)
    except FoibleError as refusal:
        clear = any(word in str(refusal) for word in CLEAR)
        return "refused" if clear else f"unclear: {refusal}", None
    except TooLong:
        return "endless", None
    except Exception as error:
        return f"foreign: {type(error).__name__}: {str(error)[:80]}", None


def spoilt(function, given, named):
    """The call again and again, one argument at an edge each time."""
    names = list(inspect.signature(function).parameters)
    for name, hint in hints(function).items():
        place = names.index(name)
        value = given[place] if place < len(given) else named.get(name)
        for odd in inside(hint, value):
            if place < len(given):
                yield name, odd, (*given[:place], odd, *given[place + 1 :]), named
            else:
                yield name, odd, given, {**named, name: odd}


@pytest.mark.slow
def test_every_edge_is_answered_or_refused_and_nothing_is_changed(
    capsys, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)  # some of them write a file
    told, found = Counter(), {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, call in recorded().items():
            told["functions"] += 1
            start = process_time()
            for parameter, odd, given, named in spoilt(FUNCTIONS[name], *call):
                if process_time() - start > ENOUGH:
                    break
                given, named = afresh((given, named))
                word, _ = ended(FUNCTIONS[name], given, named)
                told["inputs"] += 1
                told[word.partition(":")[0]] += 1
                if word not in ("answered", "refused"):
                    found[f"{name}({parameter}={' '.join(str(odd)[:60].split())})"] = (
                        word
                    )

    with capsys.disabled():
        print(f"\n{dict(told)}")
    assert [f"{call}: {word}" for call, word in found.items()] == []
