"""Where does a value come from, and what may it therefore decide?

A plan is written by somebody who has seen the user's order alone. A tiny interpreter
runs it: each value carries the names of the tools that it came from, and a policy says
for each argument of each tool from where it may come [debenedetti2025camel]. Which tool
is called, and whether it is called at all, nobody but the user may decide.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from foible.domains import Some

Rule: TypeAlias = Literal["strict", "arguments", "none"]
"""What the labels forbid: also conditions, only arguments, or nothing."""


@dataclass(frozen=True)
class Value:
    """A word, and the names of what it came from; none for the user's own."""

    word: str
    sources: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Field:
    """In the place of a word that is not known yet: a field of what a tool gave back.

    Parameters
    ----------
    name : str
        Which field: "due".
    of : str
        Of which document: "bill".
    """

    name: str
    of: str


Argument: TypeAlias = str | Field


@dataclass(frozen=True)
class Step:
    """One call of a plan.

    Parameters
    ----------
    tool : str or Field
    arguments : tuple of str or Field
    when : Field, optional
        The call is made only where this field holds.
    """

    tool: Argument
    arguments: tuple[Argument, ...] = ()
    when: Field | None = None


@dataclass(frozen=True)
class Done:
    """What came of a plan.

    Parameters
    ----------
    calls : tuple of tuple of Value
        The calls that were made: the tool, and its arguments.
    refused : str
        Why the plan was broken off; empty where it was not.
    """

    calls: tuple[tuple[Value, ...], ...]
    refused: str = ""

    @property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """The calls in words."""
        return tuple(tuple(value.word for value in call) for call in self.calls)


Policy: TypeAlias = Mapping[str, Sequence[frozenset[str]]]
"""For each tool, and each of its arguments, the sources that it may come from."""
Reader: TypeAlias = Callable[[Field], str]
"""Takes a field to the word that stands there: whatever it says is only a value."""


def run(
    plan: Sequence[Step], policy: Policy, reader: Reader, *, rule: Rule = "strict"
) -> Done:
    """Run a plan step by step, and break it off at the first that is forbidden.

    Under "strict" what is called, with which of the user's arguments, and what is
    refused depend on plan and policy alone: the reader can only change words in
    arguments that the policy leaves to its source.
    """
    calls: list[tuple[Value, ...]] = []
    for step in plan:
        if step.when is not None:
            held = _value(step.when, reader)
            if rule == "strict":
                return Done(tuple(calls), f"{step.when.of} would decide on a call")
            if held.word != step.when.name:
                continue
        call = tuple(_value(one, reader) for one in (step.tool, *step.arguments))
        if rule != "none" and (why := _forbidden(call, policy)):
            return Done(tuple(calls), why)
        calls.append(call)
    return Done(tuple(calls))


def parsed(words: Sequence[str], fields: Mapping[str, str]) -> tuple[Step, ...]:
    """A plan that was written as words, ";" between its steps.

    Parameters
    ----------
    words : sequence of str
    fields : mapping of str to str
        For each name of a field its document: such a word stands for what the reader
        will find there, and at the start of a step for a condition. "asks" in the place
        of a tool stands for what the document says that was last named.
    """
    found: list[Step] = []
    last = ""
    for part in " ".join(words).split(";"):
        every: list[Argument] = [
            Field(one, fields[one]) if one in fields else one for one in part.split()
        ]
        when = every.pop(0) if every and isinstance(every[0], Field) else None
        if not every:
            continue
        tool, *arguments = every
        last = str(arguments[0]) if tool == "read" and arguments else last
        tool = Field("asks", last) if tool == "asks" else tool
        condition = when if isinstance(when, Field) else None
        found.append(Step(tool, tuple(arguments), condition))
    return tuple(found)


def fields(plan: Sequence[Step]) -> list[Field]:
    """All that a plan wants to have read, each once."""
    every = [one for step in plan for one in (step.when, step.tool, *step.arguments)]
    return [*dict.fromkeys(one for one in every if isinstance(one, Field))]


def _value(one: Argument, reader: Reader) -> Value:
    if isinstance(one, Field):
        return Value(reader(one), frozenset({one.of}))
    return Value(one)


def _forbidden(call: tuple[Value, ...], policy: Policy) -> str:
    """Why a call must not be made, or nothing."""
    tool, *arguments = call
    if tool.sources:
        return f"{', '.join(sorted(tool.sources))} would choose a tool"
    allowed = policy.get(tool.word)
    if allowed is None or len(allowed) != len(arguments):
        return f"no tool {tool.word} with {len(arguments)} arguments"
    for value, sources in zip(arguments, allowed, strict=True):
        if not value.sources <= sources:
            return f"{', '.join(sorted(value.sources))} would choose for {tool.word}"
    return ""


def choices(done: Done, policy: Policy) -> tuple[tuple[Value, ...], ...]:
    """What was chosen: of each call the tool, and the arguments that are the user's."""
    return tuple(
        (call[0], *_reserved(call[1:], policy.get(call[0].word, ())))
        for call in done.calls
    )


def _reserved(
    values: Sequence[Value], allowed: Sequence[frozenset[str]]
) -> tuple[Value, ...]:
    if len(values) != len(allowed):
        return tuple(values)
    return tuple(v for v, sources in zip(values, allowed, strict=True) if not sources)


def swayed(
    plans: Some[Sequence[Step]],
    policy: Policy,
    readers: Some[Reader],
    *,
    rule: Rule = "strict",
) -> int:
    """In how many plans do the readers, between them, change what is chosen?"""
    return sum(
        len({choices(run(plan, policy, one, rule=rule), policy) for one in readers}) > 1
        for plan in plans
    )
