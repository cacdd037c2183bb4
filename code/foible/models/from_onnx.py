"""How is a model in the exchange format ONNX, trained elsewhere, asked?"""

from dataclasses import dataclass
from functools import cached_property
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import softmax as normalised

from foible.arrays import Floats, Ints, finite_rows, likeliest
from foible.domains import Count
from foible.errors import BadInput
from foible.models._checks import rows_of

KINDS = {
    "tensor(float)": np.float32,
    "tensor(double)": np.float64,
    "tensor(float16)": np.float16,
}
COLOURS = (1, 3, 4)


@dataclass(frozen=True, eq=False, repr=False)
class OnnxModel:
    """A session of onnxruntime behind NumPy, which is asked only; see `onnx`.

    Parameters
    ----------
    session : onnxruntime.InferenceSession
    shape : tuple of int
        Of what it takes for one row.
    output : str
        Name of what it answers with.
    chunk : int
        Rows that are passed through it at once.
    """

    session: Any
    shape: tuple[Count, ...]
    output: str
    chunk: Count

    def __repr__(self) -> str:
        sides = "×".join(map(str, self.shape))
        return f"<ONNX {sides} → {len(self.classes_)}>"

    @property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return np.arange(max(2, self._probed[0]))

    def rows(self, inputs: ArrayLike) -> Floats:
        """What the model takes, (n, colours, height, width), as rows, (n, d)."""
        return rows_of(inputs, self.shape, coloured=self._coloured)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probability of each class, ndarray of shape (n, k), rows summing to 1."""
        said, (_, sure) = self._said(X), self._probed
        if said.shape[1] == 1:
            of_none = 1 - said if sure else np.zeros_like(said)
            said = np.hstack([of_none, said])
        return said if sure else np.asarray(normalised(said, axis=1))

    def predict(self, X: ArrayLike) -> Ints:
        """Likeliest label of each row, ndarray of shape (n,)."""
        return likeliest(self.predict_proba(X))

    @cached_property
    def _probed(self) -> tuple[int, bool]:
        """How many numbers it answers with, and whether they are probabilities."""
        rows = np.random.default_rng(0).standard_normal((8, prod(self.shape)))
        said = np.concatenate([self._said(rows), self._said(1000 * rows)])
        whole = said.shape[1] == 1 or np.allclose(said.sum(axis=1), 1, atol=1e-3)
        return said.shape[1], bool(whole and ((said >= 0) & (said <= 1)).all())

    @property
    def _coloured(self) -> bool:
        """Whether it takes images whose colours stand first."""
        sides = self.shape
        return len(sides) == 3 and (sides[0] in COLOURS or sides[2] not in COLOURS)

    def _said(self, X: ArrayLike) -> Floats:
        """What it answers to rows, chunk by chunk, (n, k) or (n, 1)."""
        (taken,), d = self.session.get_inputs(), prod(self.shape)
        rows = finite_rows(X, width=d).astype(KINDS[taken.type])
        rows = rows.reshape(-1, *self.shape)
        if self._coloured:
            colours, height, width = self.shape
            rows = np.moveaxis(rows.reshape(-1, height, width, colours), -1, 1)
        fixed = taken.shape[0] if isinstance(taken.shape[0], int) else None
        size, parts = fixed or self.chunk, []
        for start in range(0, len(rows), size):
            part = rows[start : start + size]
            if fixed and len(part) < fixed:  # it takes so many, or none
                part = np.concatenate([part, np.repeat(part[:1], fixed - len(part), 0)])
            (said,) = self.session.run(
                [self.output], {taken.name: np.ascontiguousarray(part)}
            )
            parts.append(_table(said, len(part))[: len(rows) - start])
        return np.concatenate(parts)


def onnx(
    model: str | Path | bytes,
    *,
    image: tuple[Count, ...] | None = None,
    output: str = "",
    chunk: Count = 256,
) -> OnnxModel:
    """A classifier in the exchange format ONNX, for who may ask it only.

    It runs in onnxruntime, on the processor; a file of this format holds no code. Rows
    are float64 of shape (n, d), those of images with the colour last: `model.rows`
    makes them of what the model takes. Whether it answers with probabilities or with
    logits is seen from its answers; a single number is that of the second of two
    classes. Classes are the columns of its answer.

    Parameters
    ----------
    model : str, Path or bytes
        Where the file is, or what is in it.
    image : tuple of int, optional
        The shape of one input, where the model does not say it.
    output : str
        Which of several outputs is the answer.
    chunk : int
        Rows passed through it at once, where the model does not say how many.

    BadInput: onnxruntime is not installed; no model that it can load; several inputs,
    or inputs that are not floating numbers; answers that are no table of numbers.
    """
    try:
        import onnxruntime
    except ImportError as error:
        raise BadInput(
            "got a model of ONNX and no onnxruntime; wanted it installed: pip install "
            "onnxruntime"
        ) from error
    quiet = onnxruntime.SessionOptions()
    quiet.log_severity_level = 4
    given = model if isinstance(model, bytes) else str(model)
    try:
        session = onnxruntime.InferenceSession(
            given, quiet, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # its errors share no base of their own
        raise _unread(given, error) from error
    several = [one.name for one in session.get_inputs()]
    if len(several) != 1 or session.get_inputs()[0].type not in KINDS:
        kinds = [one.type for one in session.get_inputs()]
        raise BadInput(
            f"got a model of the inputs {several}, {kinds}; wanted one, of floats"
        )
    asked = OnnxModel(
        session, image or _shape(session), output or _answer(session), chunk
    )
    try:
        asked.classes_  # noqa: B018 (it is asked, and fails here if it does)
    except BadInput:
        raise
    except Exception as error:
        raise _unread(given, error) from error
    return asked


def _shape(session: Any) -> tuple[int, ...]:
    """The shape of one input, where the model says it."""
    sides = tuple(session.get_inputs()[0].shape[1:])
    if not sides or not all(isinstance(side, int) and side > 0 for side in sides):
        raise BadInput(
            f"got a model whose inputs are of shape {session.get_inputs()[0].shape}; "
            "wanted image=..., the shape of one"
        )
    return sides


def _answer(session: Any) -> str:
    """The one output that can be scores of classes."""
    names = {
        one.name: one.type
        for one in session.get_outputs()
        if one.type in KINDS or one.type.startswith("seq(map(")
    }
    if len(names) != 1:
        raise BadInput(
            f"got a model with {len(names)} outputs of numbers, {', '.join(names)}; "
            "wanted output=..., the one with the scores of the classes"
        )
    return str(*names)


def _table(said: Any, n: int) -> Floats:
    """An answer as numbers (n, k); scikit-learn's come as a dictionary a row."""
    if isinstance(said, list) and said and isinstance(said[0], dict):
        said = [list(one.values()) for one in said]
    table = np.asarray(said, np.float64)
    if table.ndim == 1:
        table = table[:, np.newaxis]
    if table.shape[:1] != (n,) or table.ndim != 2 or not np.isfinite(table).all():
        raise BadInput(
            f"got an answer of shape {table.shape} from the model; wanted finite "
            f"scores, ({n}, k)"
        )
    return table


def _unread(given: str | bytes, error: Exception) -> BadInput:
    what = f"{len(given)} bytes" if isinstance(given, bytes) else given
    said = str(error).splitlines()[0]
    return BadInput(f"got {what}, which onnxruntime refuses ({said}); wanted a model")
