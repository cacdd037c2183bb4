"""What people bring is answered rightly, or refused clearly, by every public function.

The calls are those that the table of promises makes. In each an argument is put into
other clothes (`brought`), and the call may end in four bad ways: somebody else's error
(foreign), no end (endless), an answer that is not that of the plain value, or one to
what nobody could answer (silent), and an argument that is not as it was (changed).
"""

import copy
import inspect
import os
import warnings
from collections import Counter
from collections.abc import Iterator
from dataclasses import is_dataclass, replace
from time import process_time
from typing import Any

import numpy as np
import pandas as pd
import pytest
from brought import WARDROBE, kind_of
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from promises import frozen
from sklearn.ensemble import RandomForestClassifier
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier
from test_bodies import afresh, ended, recorded
from test_border import FUNCTIONS

from foible import artefacts, data, models
from foible.arrays import likeliest
from foible.attacks import (
    evasion,
    model_inversion,
    model_stealing,
    poisoning,
    reprogramming,
)
from foible.border import hints
from foible.data import Dataset
from foible.defences import watching
from foible.domains import FINITE_ROWS
from foible.errors import FoibleError, NoAnswer
from foible.oracle import Oracle
from foible.search import Ball

FILES = {("verbatim", "table"), ("up_to_scale", "table"), ("arrays", "forest")}
"""What stands in a file is a fact, holes and all, and a forest's names are its own."""
SLOW = 1.0  # seconds of the processor, beyond which a call is left to `test_bodies`


def alike(one, other):
    """Whether two results say the same, up to rounding."""
    if isinstance(one, np.ndarray | float) and np.asarray(one).dtype.kind in "fc":
        return np.shape(one) == np.shape(other) and np.allclose(
            one, other, rtol=1e-6, atol=1e-9, equal_nan=True
        )
    if hasattr(one, "predict") or isinstance(one, Iterator):
        return type(one) is type(other)  # what they say is asked by another function
    if is_dataclass(one) and not isinstance(one, type):
        return type(one) is type(other) and alike(vars(one), vars(other))
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(alike(one[k], other[k]) for k in one)
    try:
        return (
            bool(frozen(one) == frozen(other)) or type(one).__repr__ is object.__repr__
        )
    except (AttributeError, TypeError):
        return True


def width_of(given, named):
    """How wide the rows of a call are."""
    for value in (*given, *named.values()):
        if isinstance(value, Dataset) and vars(value):
            return value.X.shape[1]
        if isinstance(value, np.ndarray) and value.ndim == 2:
            return value.shape[1]
    return 4


def arguments(name, call):
    """The arguments of a call that somebody would bring: name, kind, value."""
    told = dict(zip(names(name), call[1], strict=False)) | call[2]
    for argument, hint in hints(FUNCTIONS[name]).items():
        if argument in told and (kind := kind_of(hint, told[argument])):
            yield argument, kind, told[argument]


def names(name):
    """The arguments of a function; an object that is being made is none."""
    known = list(inspect.signature(FUNCTIONS[name]).parameters)
    return known[1:] if name.endswith(".__init__") else known


def replaced(name, call, argument, value):
    """The call with this value for an argument."""
    function, given, named = call
    place = names(name).index(argument)
    if argument in named or place >= len(given):
        return function, given, {**named, argument: value}
    return function, (*given[:place], value, *given[place + 1 :]), named


def tried(name, call, argument, value, garment, seed):
    """How a call ends whose argument is brought in a garment: one word, and why."""
    brought = garment.worn(value, width_of(*call[1:]), np.random.default_rng(seed))
    function, *told = replaced(name, call, argument, brought)
    told = afresh(told)
    before = frozen(told)
    word, answer = ended(function, *told)
    if word not in ("answered", "refused"):
        return word
    if frozen(told) != before:
        return "changed"
    if word == "answered" and garment.wanted == "refused" and not open_(name, argument):
        asked = next((one.asked for one in told[0] if isinstance(one, Oracle)), 1)
        asked = next(
            (one.asked for one in told[1].values() if isinstance(one, Oracle)), asked
        )
        if asked and not (garment.name.endswith("NaN") and holey(answer)):
            return "silent: answered"
    if word == "answered" and garment.wanted == "same":
        _, *plain = replaced(name, call, argument, garment.plain(value))
        _, one = ended(function, *afresh(plain))
        _, two = ended(function, *afresh(plain))
        if alike(one, two) and not alike(one, answer):
            return "silent: another answer"
    return word


def open_(name, argument):
    """Whether an argument may be anything at all, such as what is pickled."""
    hint = hints(FUNCTIONS[name])[argument]
    anything = hint in (Any, object) or "dtype[typing.Any]" in str(hint)
    return anything or (name.rpartition(".")[2], argument) in FILES


def holey(answer):
    """Whether an answer says by NaN that it is none."""
    if isinstance(answer, np.ndarray | float):
        return bool(np.asarray(answer).dtype.kind == "f" and np.isnan(answer).any())
    if isinstance(answer, list | tuple):
        return any(map(holey, answer))
    return is_dataclass(answer) and holey(list(vars(answer).values()))


def every(calls):
    """All that may be brought: the function, the argument, the garment."""
    return [
        (name, argument, garment)
        for name, call in calls.items()
        for argument, kind, _ in arguments(name, call)
        for garment in WARDROBE[kind]
    ]


def quick():
    """The calls that end soon: what is called, and with what."""
    kept = {}
    for name, (values, named) in recorded().items():
        function = FUNCTIONS[name]
        if name.endswith(".__init__"):
            function, values = type(values[0]), values[1:]
        start = process_time()
        ended(function, *afresh((values, named)))
        if process_time() - start < SLOW:
            kept[name] = function, values, named
    return kept


def swept(calls, ways, seed=0):
    """How all these ways to bring something end."""
    told, found = Counter(), {}
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, argument, garment in ways:
            value = {one: value for one, _, value in arguments(name, calls[name])}
            word = tried(name, calls[name], argument, value[argument], garment, seed)
            told[word.partition(":")[0]] += 1
            if word not in ("answered", "refused"):
                found[f"{name}({argument}: {garment.name})"] = word
    return told, found


@pytest.fixture(scope="module")
def calls(tmp_path_factory):
    """A call of each public function, as the table of promises makes it."""
    before = os.getcwd()
    os.chdir(tmp_path_factory.mktemp("calls"))  # some of them write a file
    yield quick()
    os.chdir(before)


@pytest.mark.slow
def test_whatever_is_brought_is_answered_rightly_or_refused(calls, capsys):
    told, found = swept(calls, every(calls))

    with capsys.disabled():
        print(f"\n{len(calls)} functions, {dict(told)}")
    assert found == {}


@pytest.mark.slow
@settings(
    max_examples=200,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
@given(data=st.data())
def test_so_it_is_with_other_chance(calls, data):
    way = data.draw(st.sampled_from(every(calls)))
    seed = data.draw(st.integers(1, 2**16))

    _, found = swept(calls, [way], seed=seed)

    assert found == {}


def fitted_again(name, call, argument, kind):
    """What a call says of an estimator before and after it is fitted again in place.

    The last is what it says of a copy of it, of which nothing can be remembered.
    """
    X = np.random.default_rng(0).random((60, width_of(*call[1:])))
    forest = RandomForestClassifier(5, random_state=0).fit(X, np.arange(60) % 3)

    def said(model):
        brought = models.oracle(model) if kind == "oracle" else model
        function, *told = replaced(name, call, argument, None)
        _, *told = replaced(name, (function, *afresh(told)), argument, brought)
        return ended(function, *told)

    before = said(forest)
    forest.fit(X, np.arange(60) // 20)
    return before, said(forest), said(copy.deepcopy(forest))


@pytest.mark.slow
def test_an_estimator_that_was_fitted_again_is_asked_anew(calls):
    told, found = Counter(), []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for name, call in calls.items():
            for argument, kind, _ in arguments(name, call):
                if kind in ("model", "oracle") and not open_(name, argument):
                    _, again, copied = fitted_again(name, call, argument, kind)
                    told[again[0].partition(":")[0]] += 1
                    if not alike(again, copied):
                        found.append(f"{name}({argument})")

    assert found == []
    assert told["answered"] > 10


# ---------------------------------------------------------------- the smallest cases

IRISES = data.irises()
X = IRISES.X[:6]
SVM = SVC().fit(IRISES.X, IRISES.y)
TWO = DecisionTreeClassifier().fit(IRISES.X, np.stack([IRISES.y] * 2, 1))
SIGNS = DecisionTreeClassifier().fit(IRISES.X, np.where(IRISES.y, 1, -1))
WORDS = lambda rows: np.full(len(rows), "yes")  # noqa: E731 (a service)


def failing(rows):
    raise OSError("no route to it")


def scores(rows):
    return np.tile([0.2, 0.3, 0.5], (len(rows), 1))


LABELS = Oracle(lambda rows: np.arange(len(rows)) % 2, answers="label")
MORE = replace(IRISES, classes=(*IRISES.classes, "new"))
LINEAR = models.softmax()(IRISES, seed=0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (
            lambda: evasion.flips(SVM, X, [0] * 6, ball=Ball(1), levels=3, seed=0),
            "got model=SVC.*; wanted a Differentiable, which has logits",
        ),
        (
            lambda: models.probabilities(SVC, X),
            "wanted a Classifier, which has classes_",
        ),
        (lambda: models.oracle(RandomForestClassifier()), "that is not fitted; wanted"),
        (lambda: artefacts.arrays(RandomForestClassifier()), "is not fitted; wanted"),
        (lambda: evasion.boxes(TWO), "classes .*; wanted whole numbers"),
        (lambda: poisoning.margin_flips(IRISES, TWO, share=0.1), "wanted whole numb"),
        (lambda: watching.by_watermark(SIGNS, IRISES), r"\[-1  1\]; wanted whole numb"),
        (lambda: likeliest([[0.0, np.nan]]), "got NaN or infinity in the scores"),
        (lambda: Oracle(failing).ask(X), "failed on 6 questions .OSError: no route"),
        (lambda: Oracle(lambda X: X + 1j).ask(X), "is complex128.; wanted"),
        (lambda: Oracle(lambda X: X.astype(str)).ask(X), "no.* table of numbers"),
        (lambda: model_stealing.by_equations(LABELS, X), "got labels alone; wanted"),
        (
            lambda: model_stealing.by_bisection(Oracle(scores), X, steps=3, seed=0),
            r"got answers of shape \(6, 3\); wanted labels alone",
        ),
        (
            lambda: model_stealing.answered_box(Oracle(WORDS, answers="label"), X[0]),
            "labels of .*; wanted 1 whole numbers",
        ),
        (
            lambda: model_inversion.missing_row_rerun(
                LINEAR, MORE, models.softmax(), seed=0
            ),
            "got rows of 4 classes; wanted the 3 of the model",
        ),
    ],
)
def test_what_nobody_could_answer_is_one_clear_line(call, said):
    with pytest.raises(FoibleError, match=said):
        call()


def test_labels_below_nought_are_not_taken_for_a_refusal():
    service = Oracle(
        lambda rows: np.where(rows[:, 0] > X[0, 0], -1, 1), answers="label"
    )

    with pytest.raises(NoAnswer, match="labels of int64"):
        model_stealing.answered_box(service, X[0])


def test_a_service_that_never_answered_leaves_no_program():
    own, held = data.digits().take(slice(20)), data.digits().take(slice(20, 40))
    refused = Oracle(WORDS, answers="label")

    with pytest.raises(NoAnswer, match="labels of"):
        reprogramming.by_labels(
            refused, own, held, image=(24, 24), labels=2, queries=400, seed=0
        )


def test_a_frame_is_answered_as_its_rows_are():
    frame = pd.DataFrame(IRISES.X)
    two = IRISES.take(IRISES.y < 2)

    assert FINITE_ROWS("rows", frame).flags.c_contiguous
    asked = [
        model_stealing.by_bisection(
            models.oracle(models.logistic()(two_classes(two), seed=0), answers="label"),
            rows,
            steps=20,
            seed=0,
        )
        for rows in (two.X, pd.DataFrame(two.X))
    ]
    np.testing.assert_array_equal(*[one.logits(IRISES.X) for one in asked])


def two_classes(rows):
    return replace(rows, classes=rows.classes[:2])
