"""Who is the attacker, and which known failure mode is this?

A `Threat` is four phrases in a reader's words: what the attacker wants, knows,
controls and asks. A `Hazard` is the same for failures without an attacker. Both show
themselves as a card, together with the names that other frameworks give the mode.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib import resources
from types import MappingProxyType
from typing import Literal

from foible.errors import BadInput

Framework = Literal["ATLAS", "OWASP", "OWASP LLM", "NIST"]
FRAMEWORKS: Mapping[Framework, str] = MappingProxyType(
    {
        "ATLAS": "MITRE ATLAS",
        "OWASP": "OWASP ML Top Ten 2023 (draft)",
        "OWASP LLM": "OWASP Top 10 for LLM Applications 2026",
        "NIST": "NIST AI 100-2e2025",
    }
)


@dataclass(frozen=True)
class Part:
    """A part of the book whose chapters are failure modes.

    Parameters
    ----------
    stem : str
        Name of its folders.
    title : str
        Its name in the list of chapters.
    holds : str
        What happens in each of its chapters.
    attacker : bool
        Whether somebody makes it happen.
    """

    stem: str
    title: str
    holds: str
    attacker: bool


@dataclass(frozen=True)
class FailureMode:
    """One of the failure modes; 17 are those of the taxonomy [kumar2019failure].

    Parameters
    ----------
    part : Part
        The part of the book that its chapter belongs to.
    stem : str
        Name of its chapter, package and test.
    title, definition : str
        Its name, and what it is in a sentence.
    violates : tuple of str
        Of confidentiality, integrity, availability, safety.
    names : mapping of framework to mapping of id to name
        The same mode in other frameworks; the match is this book's judgement.
    number : int or None
        Its place in the taxonomy, 1 to 17, if that has one for it.
    """

    part: Part
    stem: str
    title: str
    definition: str
    violates: tuple[str, ...]
    names: Mapping[Framework, Mapping[str, str]]
    number: int | None = None


@cache
def failure_modes() -> tuple[FailureMode, ...]:
    """All failure modes, part by part, in the taxonomy's order [kumar2019failure]."""
    table = json.loads((resources.files("foible") / "taxonomy.json").read_text("utf-8"))
    return tuple(
        FailureMode(part, **{**mode, "violates": tuple(mode["violates"])})
        for row in table
        for modes in [row.pop("modes")]
        for part in [Part(**row)]
        for mode in modes
    )


def parts() -> dict[str, Part]:
    """The parts of the book whose chapters are failure modes, by stem."""
    return {mode.part.stem: mode.part for mode in failure_modes()}


def failure_mode(stem: str) -> FailureMode:
    """The failure mode whose chapter has this stem.

    BadInput: when there is none.
    """
    modes = {mode.stem: mode for mode in failure_modes()}
    if stem not in modes:
        raise BadInput(
            f"got the stem {stem!r}; wanted one of {', '.join(sorted(modes))}"
        )
    return modes[stem]


@dataclass(frozen=True)
class Threat:
    """What one attacker wants, knows, controls and asks.

    Parameters
    ----------
    stem : str
        The failure mode, by the stem of its chapter.
    wants, knows, controls, asks : str
        A phrase each, in a reader's words.
    """

    stem: str
    wants: str
    knows: str
    controls: str
    asks: str
    mode: FailureMode = field(init=False, repr=False)

    def __post_init__(self) -> None:
        mode = _checked(self.stem, self.phrases, attacker=True)
        object.__setattr__(self, "mode", mode)

    @property
    def phrases(self) -> dict[str, str]:
        """The card's lines, verb to phrase."""
        return {
            "wants": self.wants,
            "knows": self.knows,
            "controls": self.controls,
            "asks": self.asks,
        }

    def _repr_html_(self) -> str:
        """Show the card."""
        return _card("The attacker", self.phrases, self.mode)


@dataclass(frozen=True)
class Hazard:
    """What a system promises, and when that breaks without any attacker.

    Parameters
    ----------
    stem : str
        The failure mode, by the stem of its chapter.
    promises, breaks : str
        A phrase each, in a reader's words.
    """

    stem: str
    promises: str
    breaks: str
    mode: FailureMode = field(init=False, repr=False)

    def __post_init__(self) -> None:
        mode = _checked(self.stem, self.phrases, attacker=False)
        object.__setattr__(self, "mode", mode)

    @property
    def phrases(self) -> dict[str, str]:
        """The card's lines, verb to phrase."""
        return {"promises": self.promises, "breaks when": self.breaks}

    def _repr_html_(self) -> str:
        """Show the card."""
        return _card("The system", self.phrases, self.mode)


def _checked(stem: str, phrases: Mapping[str, str], *, attacker: bool) -> FailureMode:
    """The card's failure mode, after a look at the card."""
    mode = failure_mode(stem)
    empty = [name for name, phrase in phrases.items() if not phrase.strip()]
    if empty:
        raise BadInput(
            f"got nothing for {', '.join(empty)}; wanted a phrase each; "
            "where there is nothing to say, say 'nothing'"
        )
    if mode.part.attacker != attacker:
        wanted = "a Threat" if mode.part.attacker else "a Hazard"
        raise BadInput(f"{stem!r} needs {wanted}: the taxonomy says so")
    return mode


def _card(subject: str, rows: Mapping[str, str], mode: FailureMode) -> str:
    """A description list that a screen reader reads in order."""
    lines = [
        f"<div><dt>{escape(subject)} {escape(verb)}</dt><dd>{escape(phrase)}</dd></div>"
        for verb, phrase in rows.items()
    ]
    lines += [
        f"<div class='foible-names'><dt>{FRAMEWORKS[framework]}</dt>"
        f"<dd>{_ids(ids)}</dd></div>"
        for framework, ids in mode.names.items()
        if ids
    ]
    return f"<dl class='foible-card'>{''.join(lines)}</dl>"


def _ids(ids: Mapping[str, str]) -> str:
    """Each identifier with its name, separated by semicolons."""
    return "; ".join(f"<code>{escape(k)}</code> {escape(v)}" for k, v in ids.items())
