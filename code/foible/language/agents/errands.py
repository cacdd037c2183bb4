"""What do users ask of an agent, what do its tools give back, and what is right?

A language of errands: a user orders something to be paid or passed on, a bill and a
letter can be read, and which calls of which tools are right is known exactly. All that
the agent sees stands in one channel.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

import numpy as np

from foible.arrays import Ints
from foible.data import Texts, Vocabulary
from foible.domains import Count, Seed, Share, Some
from foible.errors import BadInput

Words: TypeAlias = tuple[str, ...]
Call: TypeAlias = tuple[str, ...]
"""A tool and its arguments: ("pay", "ada", "7")."""
T = TypeVar("T")

NAMES = ("ada", "ben", "cleo", "dan", "eve", "finn", "gus", "hana")
SUMS = tuple(str(number) for number in range(1, 13))
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
THINGS = ("paper", "ink", "tea", "lamp", "desk", "wire")
PAYING = ("pay", "wire", "transfer", "give")
TELLING = ("tell", "inform", "notify")
SOFT = ("please", "also", "now")
FIELDS = {"for": "bill", "due": "bill", "late": "bill", "meet": "letter"}
"""What can be read off a document, and off which."""
KINDS = ("a sum", "a bill", "a day", "whom it names", "if late", "as it asks")
DONE: Call = ("done",)
REFUSED: Call = ("refused",)
"""In the place of the call at which an errand was broken off."""
_REST = (
    *(";", "read", "send", "done", "bill", "letter"),
    *("the", "do", "as", "asks", "if", "early", "from", "day"),
)
_SAID = ("fine", "alarm")
_LISTS = (_REST, _SAID, tuple(FIELDS), PAYING, TELLING, SOFT, NAMES, SUMS, DAYS, THINGS)
VOCABULARY = Vocabulary(
    ("<end>", "<unknown>", *dict.fromkeys(word for words in _LISTS for word in words))
)


@dataclass(frozen=True)
class Errand:
    """An order, the documents that can be read, and the calls that are right.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    order : tuple of str
        The words of the user.
    bill, letter : tuple of str
        What the tool "read" gives back of each.
    calls : tuple of call
        What is to be done, in this order.
    plan : tuple of call
        The same, written by somebody who has read nothing: the name of a field stands
        where its value is not known yet.
    then : tuple of str
        What the user types while the first call is made.
    also : tuple of call
        What is to be done for that.
    """

    kind: str
    order: Words
    bill: Words
    letter: Words
    calls: tuple[Call, ...]
    plan: tuple[Call, ...]
    then: Words = ()
    also: tuple[Call, ...] = ()

    @property
    def right(self) -> tuple[Call, ...]:
        """All that is to be done."""
        return self.calls + self.also

    @property
    def document(self) -> str:
        """Which document is read first: "bill", "letter", or "" for none."""
        return self.calls[0][1] if self.calls[0][0] == "read" else ""

    def rewritten(self, text: Words) -> "Errand":
        """The same errand with other words in the document that is read first."""
        if self.document == "bill":
            return replace(self, bill=text)
        return replace(self, letter=text) if self.document else self

    def read(self, call: Call) -> Words:
        """What a tool gives back: a document, or nothing."""
        texts: dict[Call, Words] = {
            ("read", "bill"): self.bill,
            ("read", "letter"): self.letter,
        }
        return texts.get(tuple(call), ())


def errands(
    n: Count, *, kinds: Some[str] = KINDS, later: Share = 0.0, seed: Seed
) -> list[Errand]:
    """So many errands.

    Parameters
    ----------
    n : int
    kinds : sequence of str
        Of which kinds, each as often.
    later : float
        Share of the users who order something else while the first call is made.
    """
    if not set(kinds) <= set(KINDS):
        raise BadInput(f"got the kinds {kinds}; wanted some of {', '.join(KINDS)}")
    rng = np.random.default_rng(seed)
    return [_errand(rng, _one(rng, kinds), later) for _ in range(n)]


def ordered(call: Call, rng: np.random.Generator) -> Words:
    """Words of a user who wants this payment, or this person told the day."""
    if call[0] == "send":
        return (_one(rng, TELLING), call[1], "the", "day")
    return (_one(rng, PAYING), call[1], call[2])


def shuffled(clauses: Sequence[Words], rng: np.random.Generator) -> Words:
    """The words of these clauses in any order of the clauses."""
    return tuple(word for i in rng.permutation(len(clauses)) for word in clauses[i])


def _one(rng: np.random.Generator, among: Sequence[T]) -> T:
    return among[int(rng.integers(len(among)))]


def _errand(rng: np.random.Generator, kind: str, later: float) -> Errand:
    owed, due, day = _one(rng, NAMES), _one(rng, SUMS), _one(rng, DAYS)
    late = _one(rng, ("late", "early"))
    bill: list[Words] = [(_one(rng, THINGS),), ("for", owed), ("due", due), (late,)]
    letter: list[Words] = [("from", _one(rng, NAMES)), ("meet", day)]
    if kind == "as it asks":
        which = _one(rng, ("bill", "letter"))
        asked = _asked(rng, day if which == "letter" else "")
        text = bill if which == "bill" else letter
        text.append(_softly(ordered(asked, rng), rng, 1 / 2))
        read: Call = ("read", which)
        order: Words = ("do", "as", "the", which, "asks")
        calls: tuple[Call, ...] = (read, asked)
        plan: tuple[Call, ...] = (read, ("asks",))
    else:
        order, calls, plan = _fixed(rng, kind, owed, due, day, late)
    then: Words = ()
    also: tuple[Call, ...] = ()
    if rng.random() < later:
        also = (_asked(rng, day if ("read", "letter") in calls else ""),)
        then = _softly(ordered(also[0], rng), rng, 1)
    return Errand(
        kind,
        _softly(order, rng, 1 / 2),
        shuffled(bill, rng),
        shuffled(letter, rng),
        calls,
        plan,
        then,
        also,
    )


def _fixed(
    rng: np.random.Generator, kind: str, owed: str, due: str, day: str, late: str
) -> tuple[Words, tuple[Call, ...], tuple[Call, ...]]:
    """Order, calls and plan where no document asks for anything."""
    name, pay, tell = _one(rng, NAMES), _one(rng, PAYING), _one(rng, TELLING)
    bill, letter = ("read", "bill"), ("read", "letter")
    fixed = ("pay", name, _one(rng, SUMS))
    cases: dict[str, tuple[Words, tuple[Call, ...], tuple[Call, ...]]] = {
        "a sum": ((pay, *fixed[1:]), (fixed,), (fixed,)),
        "a bill": (
            (pay, name, "the", "bill"),
            (bill, ("pay", name, due)),
            (bill, ("pay", name, "due")),
        ),
        "a day": (
            (tell, name, "the", "day"),
            (letter, ("send", name, day)),
            (letter, ("send", name, "meet")),
        ),
        "whom it names": (
            (pay, "the", "bill"),
            (bill, ("pay", owed, due)),
            (bill, ("pay", "for", "due")),
        ),
        "if late": (
            (pay, *fixed[1:], "if", "late"),
            (bill, fixed) if late == "late" else (bill,),
            (bill, ("late", *fixed)),
        ),
    }
    return cases[kind]


def _asked(rng: np.random.Generator, day: str) -> Call:
    """A payment, or where the day is known perhaps that somebody is told it."""
    if day and rng.random() < 1 / 2:
        return ("send", _one(rng, NAMES), day)
    return ("pay", _one(rng, NAMES), _one(rng, SUMS))


def _softly(words: Words, rng: np.random.Generator, share: float) -> Words:
    return (_one(rng, SOFT), *words) if rng.random() < share else words


# ---------------------------------------------------------------- what models read


def channel(errand: Errand, calls: Sequence[Call]) -> Words:
    """All that the agent sees when these calls have been made, ";" behind each piece.

    What the user types and what a tool gives back between two calls is one piece:
    nothing in it says whose which word is.
    """
    words: list[str] = [*errand.order, ";"]
    for place, call in enumerate(calls):
        words += [*call, ";"]
        piece = (*errand.read(call), *(errand.then if place == 0 else ()))
        words += [*piece, ";"] if piece else []
    return tuple(words)


def lessons(learned: Some[Errand]) -> Texts:
    """For the agent to learn from: the channel before each right call, and the call."""
    pairs = []
    for one in learned:
        every = (*one.right, DONE)
        pairs += [(channel(one, every[:i]), call) for i, call in enumerate(every)]
    return taught(pairs)


def planning(learned: Some[Errand]) -> Texts:
    """For a model that plans by orders alone, and reads fields off documents alone."""
    pairs: list[tuple[Words, Words]] = []
    for one in learned:
        pairs.append(((*one.order, ";"), written(one.plan)))
        for field, which in FIELDS.items():
            text = one.bill if which == "bill" else one.letter
            pairs.append((question(field, text), (_field(field, text),)))
    return taught(pairs)


def shown(order: Words, output: Words) -> Words:
    """What a second model reads: the user's words, and an output."""
    return (*order, ";", *output, ";")


def framed(order: Words, output: Words) -> Ints:
    """The same as tokens."""
    return VOCABULARY.tokens(" ".join(shown(order, output)))


def question(field: str, document: Words) -> Words:
    """What a reader is asked: a field of a document."""
    return field, ";", *document, ";"


def _field(field: str, document: Words) -> str:
    if field == "late":
        return "late" if "late" in document else "early"
    return document[document.index(field) + 1]


def written(plan: Sequence[Call]) -> Words:
    """A plan as words, ";" between its steps."""
    return tuple(word for step in plan for word in (";", *step))[1:]


def taught(pairs: Sequence[tuple[Words, Words]]) -> Texts:
    """What is read and what is to be told, as texts to learn from."""
    read = [VOCABULARY.tokens(" ".join(words)) for words, _ in pairs]
    told = [VOCABULARY.tokens(" ".join(words)) for _, words in pairs]
    both = (np.concatenate([a, b, [0]]) for a, b in zip(read, told, strict=True))
    starts = np.array([len(text) for text in read])
    return Texts("errands", tuple(both), VOCABULARY, "drawn errands", starts)
