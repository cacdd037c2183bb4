"""How does a reader of a chapter's notebook learn whether their answer is right?

The notebook has a cell for the answer before a solution that is a number or a short
function. The solution is in that cell, sealed so that nobody reads it by chance, and
runs, once there is an answer, on what the cells above have made: the reference comes
from the reader's own data, and nobody has typed it.
"""

import ast
import base64
import warnings
from collections.abc import Mapping
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from io import StringIO
from types import EllipsisType
from typing import Any

import numpy as np

from foible.arrays import Floats
from foible.domains import LONGEST, Amount
from foible.errors import BadInput

NOT_YET = "No answer yet: put yours in place of the dots, and run this cell again."
RELATIVE = 1e-9  # by so much two ways to compute one number may differ


@dataclass(frozen=True)
class Verdict:
    """What became of an answer; it is true if the answer is right.

    Attributes
    ----------
    right : bool
        Whether it is.
    said : str
        The same in a sentence, which a notebook shows.
    reference : number, array or None
        What the solution gives, for who asks; None if it did not come to that.
    """

    right: bool
    said: str
    reference: Any = field(default=None, repr=False)

    def __bool__(self) -> bool:
        """Whether the answer is right."""
        return self.right

    def __repr__(self) -> str:
        """The sentence."""
        return self.said


def seal(solution: str) -> str:
    """The code of a solution, in letters that nobody reads by chance."""
    return base64.b64encode(solution.encode()).decode()


def check(
    name: str,
    answer: object,
    known: Mapping[str, Any],
    *,
    sealed: str,
    within: Amount = 0.0,
) -> Verdict:
    """Compare an answer with what the solution gives here and now.

    Parameters
    ----------
    name : str
        What the answer is called; a function of this name in the solution is what a
        function is compared with.
    answer : number, array of numbers, function or ...
        The reader's; three dots for none.
    known : mapping
        What the notebook's cells have made, ``globals()``; it stays as it is.
    sealed : str
        The solution, as `seal` gives it. The value of its last line is compared; there
        a function takes the place of the solution's own.
    within : number
        How far each number may be off.

    Returns
    -------
    verdict : Verdict
        Also for an answer of the wrong kind, and where the solution cannot run.

    Raises
    ------
    BadInput
        When the solution ends with no expression, or that gives no numbers.
    """
    if isinstance(answer, EllipsisType):
        return Verdict(right=False, said=NOT_YET)
    space = {key: value for key, value in known.items() if key != name}
    solution, asked = _parts(base64.b64decode(sealed).decode())
    try:
        _run(solution, space)
        reference = _numbers(_value(asked, space))
    except Exception as error:
        said = f"The solution cannot run: {_told(error)}; run the cells above first."
        return Verdict(right=False, said=said)
    if reference is None:
        raise BadInput(f"got a solution to {name} that gives no numbers; wanted some")
    told = reference.item() if reference.ndim == 0 else reference
    function = callable(space.get(name))
    if function != callable(answer):
        kind = f"a function, `def {name}(...)`" if function else "a number, such as 0.5"
        return Verdict(False, f"Got {_shown(answer)}; wanted {kind}.", told)
    if function:
        space[name] = answer
        try:
            answer = _value(asked, space)
        except Exception as error:
            return Verdict(False, f"Your {name} fails: {_told(error)}.", told)
    theirs = _numbers(answer)
    whose = f"from your {name} " if function else ""
    if theirs is None or theirs.shape != reference.shape:
        said = f"Got {whose}{_shown(answer)}; wanted {_shape(reference)}."
        return Verdict(False, said, told)
    right, said = _judged(theirs, reference, within)
    return Verdict(right, said, told)


def _parts(solution: str) -> tuple[ast.Module, str]:
    """What is to be run, all but the last line, and that, which is to be compared."""
    tree = ast.parse(solution)
    last = tree.body.pop()
    if not isinstance(last, ast.Expr):
        ends = ast.unparse(last)[-LONGEST:]
        raise BadInput(f"got a solution that ends with {ends!r}; wanted an expression")
    return tree, ast.unparse(last)


def _run(solution: ast.Module, space: dict[str, Any]) -> None:
    with redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(solution, "<solution>", "exec"), space)  # noqa: S102 (our own)


def _value(expression: str, space: dict[str, Any]) -> object:
    with redirect_stdout(StringIO()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return eval(expression, space)  # noqa: S307 (the book's own)


def _numbers(value: object) -> Floats | None:
    """The value as an array, if it is made of numbers."""
    try:
        array = np.asarray(value)
    except ValueError:  # rows of unlike length
        return None
    return array.astype(np.float64) if array.dtype.kind in "iuf" else None


def _judged(theirs: Floats, reference: Floats, within: float) -> tuple[bool, str]:
    """Whether all are right, and the first number that is not."""
    room = within + RELATIVE * np.abs(reference)
    near = np.abs(theirs - reference) <= room  # what is no number is not
    wrong = np.flatnonzero(~near)
    if not wrong.size:
        nearly = f", to within {within:g}" if within else ""
        told = reference.item() if reference.ndim == 0 else reference
        return True, f"Right{nearly}: the solution has {_shown(told)}."
    first = wrong[0]
    number, other = theirs.flat[first], reference.flat[first]
    fault = (
        "is no number"
        if np.isnan(number)
        else "is too large"
        if number > other
        else "is too small"
    )
    which = f"number {first + 1}, {number:.4g}," if reference.ndim else f"{number:.4g}"
    return False, f"Not yet: {which} {fault}; `_.reference` is the solution's."


def _shape(reference: Floats) -> str:
    if reference.ndim == 0:
        return "a number"
    return f"{' by '.join(map(str, reference.shape))} numbers"


def _shown(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray):
        value = value.round(4).tolist()
    if callable(value):
        return f"the function {getattr(value, '__name__', 'without a name')}"
    said = " ".join(repr(value).split())
    return said if len(said) <= LONGEST else f"{said[:LONGEST]}…"


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
