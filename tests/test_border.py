"""What a public function is given wrongly is one clear error, before its body runs."""

import importlib
import inspect
import pickle
import pkgutil
import signal
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from catalogue import outside
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from promises import frozen

import foible
from foible import data, models
from foible.attacks import evasion, poisoning
from foible.border import checks, hints
from foible.defences import hardening, releasing, screening, signing, watching
from foible.domains import FINITE_ROWS, Seed
from foible.errors import BadInput
from foible.oracle import Oracle
from foible.search import Ball, distance

NAN = float("nan")
VAR_KEYWORD = inspect.Parameter.VAR_KEYWORD
LIMIT = 5.0  # seconds of the processor, that no refusal takes


class TooLong(BaseException):
    """A call that did not end."""


def everything():
    """Every public function and method of the package, by its name."""
    for found in pkgutil.walk_packages(foible.__path__, "foible."):
        if found.name in foible.BARE or "._" in found.name:
            continue  # what the guard is made of
        module = importlib.import_module(found.name)
        for name, thing in vars(module).items():
            if name.startswith("_") or getattr(thing, "__module__", "") != found.name:
                continue
            if inspect.isfunction(thing):
                yield f"{found.name}.{name}", thing
            elif inspect.isclass(thing) and not getattr(thing, "_is_protocol", False):
                for own, method in vars(thing).items():
                    inner = getattr(method, "__func__", method)
                    public = not own.startswith("_") or own in ("__init__", "__call__")
                    if public and inspect.isfunction(inner):
                        yield f"{found.name}.{name}.{own}", inner


FUNCTIONS = dict(everything())


def ask(function, name, value):
    """Call a function with this argument and nothing else."""
    parameter = inspect.signature(function).parameters[name]
    if parameter.kind in (parameter.KEYWORD_ONLY, parameter.POSITIONAL_OR_KEYWORD):
        return function(**{name: value})
    before = list(inspect.signature(function).parameters).index(name)
    return function(*[None] * before, value)


def end(function, name, value):
    """How a call with one bad argument ends."""
    try:
        ask(function, name, value)
    except BadInput as refusal:
        said = str(refusal)
        return "refused" if "got" in said and "wanted" in said else f"unclear: {said}"
    except TooLong:
        return "endless"
    except Exception as error:
        return f"foreign: {type(error).__name__}: {error}"
    return "silent"


@contextmanager
def limited(seconds):
    """Raise TooLong in what takes longer."""

    def stop(*_):
        raise TooLong

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


HELD = {
    (name, parameter): hint
    for name, function in FUNCTIONS.items()
    for parameter, hint in hints(function).items()
    if parameter in checks(function)
    and inspect.signature(function).parameters[parameter].kind is not VAR_KEYWORD
}
KINDS = {str(hint): hint for hint in HELD.values()}
WRONG = st.fixed_dictionaries({kind: outside(hint) for kind, hint in KINDS.items()})


def test_every_argument_of_every_public_function_is_held_to_a_type():
    free = {
        f"{name}: {parameter}"
        for name, function in FUNCTIONS.items()
        for parameter, hint in hints(function).items()
        if parameter not in checks(function) and hint not in (object, Any)
    }

    assert free == set()


def test_every_default_is_of_its_type():
    for name, parameter in HELD:
        function = FUNCTIONS[name]
        default = inspect.signature(function).parameters[parameter].default
        if default is not inspect.Parameter.empty and repr(default) != "<factory>":
            checks(function)[parameter](parameter, default)


@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(WRONG)
def test_a_value_outside_its_type_is_refused_before_the_body_runs(wrong):
    found = {}
    for (name, parameter), hint in HELD.items():
        with limited(LIMIT):
            ended = end(FUNCTIONS[name], parameter, wrong[str(hint)])
        if ended != "refused":
            found[f"{name}({parameter}={wrong[str(hint)]!r})"] = ended
    assert found == {}


# ---------------------------------------------------------------- what fails open

CLINIC = data.clinic()
ROWS = CLINIC.X[:4]
RECIPE = models.network(hidden=4, steps=2)
NETWORK = RECIPE(CLINIC, seed=0)
ASK = models.transport(NETWORK)
KEYS = signing.Keys.new()
RELEASE = signing.Release(b"a model", 3)
SIGNED = signing.sign(RELEASE, private=KEYS.private)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Oracle(ASK, budget=NAN), "got budget=nan; wanted a whole number"),
        (lambda: models.oracle(NETWORK, budget=2.5), "got budget=2.5"),
        (lambda: watching.quota(ASK, most=NAN), "got most=nan; wanted a whole number"),
        (lambda: watching.prada(ASK, threshold=NAN), "got threshold=nan; wanted a num"),
        (
            lambda: screening.alarms({"a": NAN}),
            r"got found\['a'\]=nan; wanted a number",
        ),
        (lambda: distance(ROWS, ROWS, norm="linf"), "got norm='linf'; wanted one of"),
        (lambda: Ball(NAN), "got radius=nan; wanted a finite number from 0"),
        (
            lambda: signing.accepted(RELEASE, SIGNED, public=KEYS.public, newest=NAN),
            "got newest=nan; wanted a whole number from 0",
        ),
        (
            lambda: hardening.spent(models.private_network(noise=1.0), delta=1.5),
            "got delta=1.5; wanted a number above 0 and below 1",
        ),
        (
            lambda: releasing.clipped({"weight": np.ones(2)}, most=-1),
            "got most=-1; wanted a finite number above 0",
        ),
        (
            lambda: data.members(CLINIC, where={CLINIC.columns[0]: (40, 30)}),
            r"got where\['.*'\]=\(40, 30\); wanted \(least, greatest\)",
        ),
        (
            lambda: poisoning.spread_rows(
                ROWS[0], 0, lambda X: screening.partition(X, parts=2), [-1], seed=0
            ),
            r"got parts\[0\]=-1; wanted a whole number from 0",
        ),
        (lambda: RECIPE(CLINIC, seed=None), "got seed=None; wanted a whole number"),
        (lambda: CLINIC.split(0.5, seed=None), "got seed=None; wanted a whole number"),
        (lambda: data.draw_signs(2, seed=True), "got seed=True; wanted a whole number"),
    ],
)
def test_what_would_have_failed_open_is_refused(call, message):
    with pytest.raises(BadInput, match=message):
        call()


# ---------------------------------------------------------------- the same value


def test_a_numpy_integer_is_the_same_width_and_the_same_size():
    width, steps = np.int64(8), np.int32(2)

    plain, other = (
        models.network(hidden=hidden, steps=steps)(CLINIC, seed=0)
        for hidden in (8, width)
    )
    small, same = (data.draw_signs(3, seed=0, size=n).X for n in (16, np.int64(16)))

    assert frozen(plain) == frozen(other)
    assert np.array_equal(small, same)


def test_float32_rows_stay_in_the_ball():
    X = (CLINIC.X[:50] % 1).astype(np.float32)
    ball = Ball(0.1, low=-1, high=2)

    moved = evasion.pgd(NETWORK, X, CLINIC.y[:50], ball=ball, steps=5, seed=0)

    assert moved.dtype == np.float64
    assert np.abs(moved - X.astype(np.float64)).max() <= 0.1 + 1e-12


def test_an_array_of_the_kind_is_handed_on_and_not_copied():
    rows = np.zeros((2, 3))

    assert FINITE_ROWS("X", rows) is rows


def test_a_label_for_each_row_and_a_row_for_each_label():
    with pytest.raises(BadInput, match="wanted one n for both"):
        evasion.fgsm(NETWORK, CLINIC.X[:3], CLINIC.y[:2], ball=Ball(0.1))


def test_a_guarded_function_reads_like_itself():
    told = inspect.signature(evasion.pgd)

    assert evasion.pgd.__module__ == "foible.attacks.evasion.gradient"
    assert "def pgd" in inspect.getsource(evasion.pgd)
    assert told.parameters["seed"].annotation == Seed
    assert pickle.loads(pickle.dumps(evasion.pgd)) is evasion.pgd
