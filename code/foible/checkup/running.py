"""Which checks fit, and what do they find within the time and the questions?"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from foible.checkup.bringing import brought, subject
from foible.checkup.found import FEWEST, Found, in_pieces, percent
from foible.checkup.plan import NAMES, PLAN, Planned
from foible.checkup.results import Check, Status
from foible.checkup.subject import Subject
from foible.checkup.watching import OutOfTime, Watch
from foible.checkup.whole import Checkup
from foible.domains import Natural, Positive, Seed, Share
from foible.errors import (
    BadInput,
    BudgetExceeded,
    FoibleError,
    ServiceRefused,
    WeakEvidence,
)

TIME, ASKED = 0.2, 0.25  # of all, for the answers to the rows as they are


def audit(
    model: Any,
    rows: Any,
    *,
    labels: Any = None,
    label: str | None = None,
    train: Any = None,
    only: Sequence[str] | None = None,
    seconds: Positive = 60,
    questions: Natural = 100_000,
    most: Mapping[str, Share] | None = None,
    seed: Seed = 0,
) -> Checkup:
    """What the book's attacks find that fit a model, within time and questions.

        foible.audit(estimator, X, labels=y)
        foible.audit(module.eval(), images, labels=y, train=(images_seen, y_seen))
        foible.audit(pipeline, frame, label="paid", most={"evasion": 0.5})
        foible.audit("http://127.0.0.1:8000", X, labels=y, questions=20_000)

    A check that does not fit what was given is refused, with the reason; one that the
    time or the questions did not suffice for says so, and counts what it finished.
    Nothing here says that a model is safe.

    Parameters
    ----------
    model : object
        A fitted classifier of scikit-learn's or a pipeline, a `torch.nn.Module` in
        evaluation mode that gives logits, a model of `foible.models`, an `Oracle`, a
        function of rows that gives labels or probabilities, or the address of a service
        on this machine that answers as `foible.serving.serve` does. Another's service
        is a function: `foible.calling.templated(...)`.
    rows : array_like of shape (n, d) or of images, DataFrame, or Dataset
        Rows that the model was not trained on. Images of a network of PyTorch's are
        (n, colours, height, width), others (n, height, width, colours).
    labels : array_like of shape (n,), optional
        As the model calls them: of a network or a service whole numbers from 0.
    label : str, optional
        The column of the frame that holds them, instead.
    train : as `rows`, or (X, y), optional
        The rows that it was trained on: for membership.
    only : sequence of str, optional
        Names of checks, of `plan.NAMES`; all if left out.
    seconds : float
        For all checks, by the clock on the wall. What runs is looked at between two
        calls of the model, so that a check ends late by one call at most, and by the
        making of a copy.
    questions : int
        Rows that the model may be asked in all, but those by which an attacker who has
        it computes slopes.
    most : mapping of str to float, optional
        The highest share that is allowed, by the name of a check: see `failed`.
    seed : int
        Of all chance; the findings are the same where the time suffices.

    Raises
    ------
    BadInput
        Rows, labels and model that do not fit each other; an unknown name of a check; a
        regression.
    ServiceRefused
        The service cannot be reached, is on another machine, or answers otherwise.
    BudgetExceeded
        A service, and too few questions to see how it answers.
    """
    given = prepared(
        model,
        rows,
        labels=labels,
        label=label,
        train=train,
        only=only,
        seconds=seconds,
        questions=questions,
        most=most,
        seed=seed,
    )
    return given.whole(list(given.checks()))


@dataclass(frozen=True, eq=False)
class Audit:
    """A check-up that is about to be made."""

    subject: Subject
    ended: Status
    plan: tuple[Planned, ...]
    most: Mapping[str, Share]
    facts: Mapping[str, str]
    seed: Seed

    def checks(self) -> Iterator[Check]:
        """One after the other, as they are made."""
        waiting = list(self.plan)
        while waiting:
            time, asked = (
                getattr(waiting[0], what) / sum(getattr(one, what) for one in waiting)
                for what in ("time", "asked")
            )
            yield self._checked(waiting.pop(0), time, asked)

    def whole(self, checks: Sequence[Check]) -> Checkup:
        """All of them together."""
        return Checkup(self.subject.called, self.facts, tuple(checks), self.most)

    def _checked(self, one: Planned, time: float, asked: float) -> Check:
        """One check, whatever becomes of it."""
        watch = self.subject.watch
        watch.begin(time, asked)
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            found = _tried(self.subject, self.ended, one, self.seed)
        weak = [str(w.message) for w in heard if issubclass(w.category, WeakEvidence)]
        said = {
            word: found.said.get(word, getattr(one, word))
            for word in ("tried", "strength", "against", "counts")
        }
        return Check(
            one.name,
            one.title,
            one.who,
            **said,
            limits=one.limits,
            status=found.status,
            reason=found.reason,
            share=found.share,
            interval=found.interval,
            baseline=found.baseline,
            n=found.n,
            also=dict(found.also) | ({"warned": weak[0]} if weak else {}),
            curve=found.curve,
            questions=watch.account.asked,
            seconds=watch.seconds,
        )


def prepared(
    model: Any,
    rows: Any,
    *,
    labels: Any = None,
    label: str | None = None,
    train: Any = None,
    only: Sequence[str] | None = None,
    seconds: Positive = 60,
    questions: Natural = 100_000,
    most: Mapping[str, Share] | None = None,
    seed: Seed = 0,
) -> Audit:
    """As `audit`, before any check is made."""
    for what, names in (("only", only or ()), ("most", most or {})):
        if unknown := [name for name in names if name not in NAMES]:
            raise BadInput(
                f"got {what}={unknown[0]!r}; wanted names of checks: {', '.join(NAMES)}"
            )
    chosen = NAMES if only is None else (*only, *(most or {}))
    watch = Watch(seconds, questions)
    told = brought(rows, labels, label, name="rows")
    seen = None if train is None else brought(train, None, label, name="train")
    given, ended = _answered(subject(model, told, seen, watch, seed=seed))
    limits = f"{seconds:g} s by the clock, {questions:,} questions"
    facts = _facts(given) | {"limits": limits, "seed": str(seed)}
    plan = tuple(one for one in PLAN if one.name in chosen)
    return Audit(given, ended, plan, dict(most or {}), facts, seed)


def _answered(given: Subject) -> tuple[Subject, Status]:
    """The subject with its answers to the rows, as far as time and questions go."""
    given.watch.begin(TIME, ASKED)
    told, ended = in_pieces(given.rows, lambda part, _: given.predict(part.X))
    if not told:
        return given, ended
    return given.with_answers(np.concatenate(told)), ended


def _facts(given: Subject) -> dict[str, str]:
    """What was brought, and how often the model is right."""
    rows = given.rows
    kind = "images" if given.image else "rows"
    facts = {
        "judged on": f"{len(rows):,} {kind} of {rows.X.shape[1]} columns, "
        f"{given.classes} classes",
        "tells": "a probability for each class"
        if given.answers == "probabilities"
        else "labels",
        "its weights": "known" if given.model is not None else "not known: it is asked",
        "trained on": f"{len(given.train):,} rows that are known"
        if given.train is not None
        else "not known",
    }
    if given.left_out:
        facts["left out"] = f"{given.left_out:,} rows with holes"
    if len(given.told) < len(rows):
        return facts | {"right": "not known"}
    right = float(np.mean(given.told == rows.y))
    always = float(np.bincount(rows.y).max() / len(rows))
    return facts | {"right": percent(right), "commonest label": percent(always)}


def _tried(given: Subject, ended: Status, one: Planned, seed: int) -> Found:
    """What a check finds, or why it does not."""
    if len(given.told) < FEWEST:
        reason = f"{len(given.told)} rows were answered; wanted {FEWEST} or more"
        return Found("refused" if ended == "measured" else ended, reason)
    try:
        return one.work(given, seed)
    except OutOfTime:
        return Found("out of time", "nothing was finished in its part of the time")
    except BudgetExceeded as refusal:
        return Found("out of questions", str(refusal))
    except ServiceRefused:
        raise
    except FoibleError as refusal:
        return Found("refused", str(refusal))
