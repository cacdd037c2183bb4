"""How does what a chapter has trained and measured get into an experiment on its page?

In the book a laboratory shows nothing where it is made: the page's directive of the
same name shows it. Numbers go as text, so that a page needs no server.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

import numpy as np
from IPython.display import publish_display_data
from numpy.typing import NDArray

from foible.arrays import Floats, Reals
from foible.data import Dataset, Texts
from foible.domains import Count
from foible.errors import BadInput
from foible.evidence import DoseResponse
from foible.models import Language, Network

MIME = "application/vnd.foible.laboratory+json"
NAME = re.compile(r"[a-z]+(_[a-z]+)*-[a-z]+(-[a-z]+)*")  # of a chapter, and of what
ALIKE = 0.995
"""The share of a model's answers that must stay when its weights are rounded."""
KEPT = {"bytes", "heads", "layers"}
"""By these names the page knows what is a model, and what an array."""
_BITS = (6, 8, 10, 12, 16)  # six are a letter of the text, which compresses well
_LEVELS = (1, 2, 4, 8, 16, 32, 64, 128, 255)  # into which a column of bytes cuts 1

Model = TypeVar("Model", Network, Language)
Part: TypeAlias = (
    Network
    | Language
    | Dataset
    | Texts
    | DoseResponse
    | NDArray[Any]
    | float
    | str
    | Sequence[str]
    | Mapping[str, Any]
)
"""What can be handed over."""


def laboratory(name: str, **parts: Part) -> None:
    """Hand the parts of an experiment over to the page.

    Parameters
    ----------
    name : str
        ``<chapter>-<what>``, as in the page's directive ``{lab}``.
    **parts : Network, Language, Dataset, Texts, DoseResponse, ndarray, number, text
        Or a mapping of such, by the names under which the experiment asks for them.
        Of a dose and its responses the means are handed over. The weights of a model
        are rounded to 6 bits, each column by a scale of its own, or to as many up to 16
        as move no more than five in a thousand of its answers to the rows, or texts, in
        the same mapping, or else among the parts.

    Raises
    ------
    BadInput
        A name of another form, no part, a part that cannot be handed over, a number
        that is not finite, a name of `KEPT` in a mapping, or a model without rows or
        texts that it reads beside it.
    """
    if not NAME.fullmatch(name):
        raise BadInput(
            f"got the name {name!r}; wanted <chapter>-<what> in small letters, such as "
            "'evasion-digits'"
        )
    if not parts:
        raise BadInput(f"got no part for {name}; wanted a model, rows or numbers")
    beside = _flat(parts)
    record = {"name": name, "parts": {k: _told(k, v, beside) for k, v in parts.items()}}
    size = sum(len(text) for text in _texts(record["parts"]))
    said = f"laboratory {name}: {', '.join(parts)}, {size / 1000:,.0f} kB"
    bundle: dict[str, Any] = {MIME: record, "text/plain": said}
    publish_display_data(bundle)  # type: ignore[no-untyped-call]


def rounded(model: Model, bits: Count) -> Model:
    """The model with weights of so many bits, each column by its own scale."""
    weights = {}
    for name, values in model.weights().items():
        whole, scale = _whole(values, bits) if values.ndim == 2 else (values, 1.0)
        weights[name] = np.asarray(whole * scale, np.float32)
    return model.with_weights(weights)


def _whole(weight: Reals, bits: int) -> tuple[NDArray[Any], Floats]:
    """Weights (a, b) as whole numbers, and the scale (b,) of each column."""
    most = 2 ** (bits - 1) - 1
    scale = (np.abs(weight).max(axis=0) / most).astype(np.float32).astype(float)
    scale[scale == 0] = 1
    return np.clip(np.rint(weight / scale), -most, most).astype(int), scale


def _told(name: str, part: Any, beside: Sequence[Any]) -> Any:
    """A part as what JSON can say."""
    match part:
        case Network():
            weights = _weights(name, part, beside)
            ends = range(len(part.layers))
            kinds = ("weight", "bias")
            return {"layers": [{k: weights[f"{k}_{i}"] for k in kinds} for i in ends]}
        case Language():
            return {"heads": part.heads, "arrays": _weights(name, part, beside)}
        case Dataset():
            whole = {"rows": part.X, "labels": part.y, "classes": list(part.classes)}
            whole |= {"image": list(part.image)} if part.image else {}
            return {
                key: _told(f"{name}.{key}", it, beside) for key, it in whole.items()
            }
        case Texts():
            texts = [[int(token) for token in text] for text in part]
            return {"texts": texts, "words": list(part.vocabulary.words)}
        case DoseResponse():
            lines = {n: np.nanmean(each, axis=1) for n, each in part.responses.items()}
            whole = {"dose": part.dose, "lines": lines, "kinds": part.meanings}
            whole |= {k: getattr(part, k) for k in ("dose_name", "response_name")}
            return {
                key: _told(f"{name}.{key}", it, beside) for key, it in whole.items()
            }
        case Mapping():
            return _mapped(name, part, beside)
        case np.ndarray():
            return _array(name, part)
        case str() | bool():
            return part
        case float() | int() | np.number() if np.isfinite(part):
            return part.item() if isinstance(part, np.number) else part
        case list() | tuple() if all(isinstance(it, str | int | float) for it in part):
            return [_told(name, it, beside) for it in part]
    raise BadInput(
        f"got {name}={part!r:.80}; wanted a model, a data set, texts, an array, a "
        "finite number, words, or a mapping of such"
    )


def _mapped(name: str, whole: Mapping[str, Any], beside: Sequence[Any]) -> Any:
    """Each part by its name; a model is shown with what stands in the same mapping."""
    if taken := KEPT & {*whole}:
        raise BadInput(
            f"got {name} with the name {min(taken)!r}, by which the page knows a model "
            "or an array; wanted another"
        )
    own = [it for it in whole.values() if isinstance(it, Dataset | Texts)]
    near = own or beside
    return {str(k): _told(f"{name}.{k}", it, near) for k, it in whole.items()}


def _weights(name: str, model: Any, beside: Sequence[Any]) -> dict[str, Any]:
    """All weights of a model, in as few bits as leave its answers alone."""
    asked = [it for it in beside if _reads(model, it)]
    if not asked:
        raise BadInput(
            f"got the model {name} without anything that it reads; hand over the rows, "
            "or the texts, that it is shown with"
        )

    def answers(one: Any) -> NDArray[Any]:
        said = [one.predict(it.X if isinstance(it, Dataset) else it) for it in asked]
        return np.concatenate(said)

    before = answers(model)
    alike = (np.mean(answers(rounded(model, bits)) == before) for bits in _BITS)
    few = next((b for b, share in zip(_BITS, alike, strict=True) if share >= ALIKE), 0)
    if not few:
        raise BadInput(
            f"got the model {name}, which answers otherwise when its weights are "
            f"rounded to {_BITS[-1]} bits; wanted one that is sure of its answers"
        )
    found = {}
    for key, values in model.weights().items():
        if values.ndim == 2:
            whole, scale = _whole(values, few)
            told = _packed(whole + 2 ** (few - 1), few) | {"least": -(2 ** (few - 1))}
            found[key] = {"whole": told, "scale": _array(key, scale)}
        else:
            found[key] = _array(key, values)
    return found


def _reads(model: Any, part: Any) -> bool:
    """Whether a part is what this model reads."""
    if isinstance(model, Network):
        width = len(model.layers[0][0])
        return isinstance(part, Dataset) and part.X.shape[1] == width
    return isinstance(part, Texts) and len(part.vocabulary) <= model.words


def _array(name: str, values: NDArray[Any]) -> dict[str, Any]:
    """An array: as bytes where that loses nothing, else in float32."""
    if values.dtype.kind not in "iufb" or not np.isfinite(values).all():
        raise BadInput(
            f"got {name} of type {values.dtype} with {values.size} values; wanted "
            "finite numbers"
        )
    values = values.astype("u1") if values.dtype.kind == "b" else values
    least = values.min(initial=0)
    for levels in _LEVELS:
        many = np.rint((values - least) * levels)
        if many.max(initial=0) < 256 and np.array_equal(least + many / levels, values):
            told = _packed(many.astype(int), 6 if many.max(initial=0) < 64 else 8)
            return told | {"least": float(least), "levels": levels}
    return {"shape": list(values.shape), "bytes": _text(values.astype("<f4").tobytes())}


def _packed(values: NDArray[np.int_], bits: int) -> dict[str, Any]:
    """Whole numbers from 0, of so many bits each, one behind the other, as text."""
    spread = np.unpackbits(values.astype(">u2").reshape(-1, 1).view("u1"), axis=1)
    text = _text(np.packbits(spread[:, 16 - bits :]).tobytes())
    return {"shape": list(values.shape), "bits": bits, "bytes": text}


def _text(bare: bytes) -> str:
    return base64.b64encode(bare).decode("ascii")


def _flat(parts: Mapping[str, Any]) -> list[Any]:
    """All parts, also those within others."""
    found: list[Any] = []
    for part in parts.values():
        found += _flat(part) if isinstance(part, Mapping) else [part]
    return found


def _texts(told: Any) -> list[str]:
    """Every text in what is handed over."""
    if isinstance(told, Mapping):
        return [text for part in told.values() for text in _texts(part)]
    if isinstance(told, list):
        return [text for part in told for text in _texts(part)]
    return [str(told)]
