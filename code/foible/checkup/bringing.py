"""How does what somebody brings become a `Subject`?

A model may be an estimator of scikit-learn's, a `torch.nn.Module`, anything that
`foible.models` makes, an `Oracle`, a function of rows, or the address of a service.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import softmax

from foible import calling, models, serving
from foible.arrays import Bools, Floats, likeliest
from foible.checkup.subject import Subject
from foible.checkup.watching import Watch
from foible.data import Dataset, coding, labelled
from foible.data.frames import picked
from foible.domains import Image, Seed
from foible.errors import BadInput
from foible.models import Classifier, Estimator, Linear, TorchModel
from foible.oracle import Answers, Oracle, Transport

OWN = (Estimator, Linear, TorchModel, models.Trees, models.Network)
PROBED = 8  # rows by which a service shows how it answers
MOST = 1000  # rows that are looked at


@dataclass(frozen=True, eq=False)
class Brought:
    """Rows as they came, with their labels.

    `X` is an array or a frame, `image` the shape of a row that is one, and `classes`
    what the labels are called, if they are numbers of these.
    """

    X: Any
    y: Any
    image: Image | None = None
    classes: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame | None:
        """The rows, if they have named columns."""
        return self.X if isinstance(self.X, pd.DataFrame) else None


def brought(rows: Any, labels: Any, label: str | None, *, name: str) -> Brought:
    """Rows and labels apart, of whatever they came in; else BadInput."""
    if isinstance(rows, Dataset):
        return Brought(rows.X, rows.y, rows.image, rows.classes)
    if isinstance(rows, tuple) and len(rows) == 2:
        rows, labels = rows
    if isinstance(rows, pd.DataFrame) and label is not None:
        return Brought(rows.drop(columns=label, errors="ignore"), _of(rows, label))
    if labels is None:
        raise BadInput(
            f"got {name} without labels; wanted label='the column that holds them' of "
            "a frame, labels=... beside an array, or (X, y)"
        )
    return Brought(rows if isinstance(rows, pd.DataFrame) else np.asarray(rows), labels)


def _of(rows: pd.DataFrame, label: str) -> Any:
    return picked(rows, (label,))[label].to_numpy()


@dataclass(frozen=True, eq=False)
class Way:
    """How a model is asked: for what it says, for its labels, and of which classes."""

    transport: Transport
    labelling: Callable[[Floats], NDArray[Any]]
    answers: Answers
    classes: tuple[object, ...]


def subject(
    model: Any, rows: Brought, train: Brought | None, watch: Watch, *, seed: Seed
) -> Subject:
    """What is to be checked; BadInput where rows, labels and model do not fit."""
    like = _like(rows, train)
    known = _known(model, rows, like)
    fitted = _fitted(known, rows)
    way = _way(known, fitted, watch)
    judged, kept = _dataset(known, fitted, like, way)
    others = None
    if train is not None:
        others, _ = _dataset(known, _fitted(known, train), like, way)
        if others.X.shape[1] != judged.X.shape[1]:
            raise BadInput(
                f"got training rows {others.X.shape[1]} wide; wanted "
                f"{judged.X.shape[1]}, as the others are"
            )
    order = np.random.default_rng(seed).permutation(len(judged))[:MOST]
    return Subject(
        _called(model),
        known if isinstance(known, OWN) else None,
        way.transport,
        way.labelling,
        way.answers,
        judged.take(order),
        others,
        _held(known, judged),
        int(len(fitted.X) - len(kept)),
        watch,
        np.empty(0, np.int64),
    )


def _called(model: Any) -> str:
    if isinstance(model, str):
        return f"the service at {model}"
    if hasattr(model, "steps"):
        return "a pipeline: " + ", ".join(type(one).__name__ for _, one in model.steps)
    if isinstance(model, (*OWN, Oracle)):
        return repr(model).strip("<>")
    return getattr(model, "__name__", type(model).__name__)


# ---------------------------------------------------------------- the model


def _like(rows: Brought, train: Brought | None) -> pd.DataFrame | None:
    """All rows that came as a frame, if some column holds words."""
    frames = [one.frame for one in (rows, train) if one and one.frame is not None]
    if not frames:
        return None
    like = pd.concat(frames, ignore_index=True)
    return like if coding(like).words else None


def _known(model: Any, rows: Brought, like: pd.DataFrame | None) -> Any:
    """The model as the book's attacks take it, or else the way to ask it."""
    if isinstance(model, OWN):
        return model
    if isinstance(model, Oracle):
        return model.ask
    if hasattr(model, "named_modules"):
        return models.torch(model, image=_colours_first(rows))
    if hasattr(model, "predict"):
        return models.sklearn(model, like=like)
    if isinstance(model, str) and model.startswith(("http://", "https://")):
        return serving.remote(model)
    if callable(model):
        return calling.called(model)
    raise BadInput(
        f"got model={str(model)[:60]!r}; wanted a fitted estimator, a torch.nn.Module, "
        "a model of foible.models, an Oracle, a function of rows, or an address"
    )


def _colours_first(rows: Brought) -> tuple[int, ...] | None:
    """The shape of an image as PyTorch wants it, colours first; None of a table."""
    if rows.image:
        height, width, colours = (*rows.image, 1)[:3]
        return colours, height, width
    shape = np.shape(rows.X)[1:]
    return {1: None, 2: (1, *shape)}.get(len(shape), shape)


def _way(known: Any, rows: Brought, watch: Watch) -> Way:
    """How the model is asked."""
    if isinstance(known, Estimator) and not known.labels:
        raise BadInput("got a regression; wanted a classifier: the checks count labels")
    if not isinstance(known, OWN):
        return _probed(known, rows, watch)
    names = tuple(getattr(known, "labels", ()))
    if isinstance(known, Classifier):
        if not names or isinstance(known, models.Trees):
            names = tuple(range(int(models.numbered(known).max()) + 1))
        said = models.transport(known)
        return Way(said, known.predict, "probabilities", names)
    return Way(known.predict, known.predict, "label", names)


def _probed(ask: Transport, rows: Brought, watch: Watch) -> Way:
    """How a service answers, by asking it some rows."""
    X = np.asarray(rows.X)
    if X.dtype.kind not in "fiub":
        raise BadInput(
            "got a service, and rows with words; wanted the numbers that it takes"
        )
    some = X[np.isfinite(X.reshape(len(X), -1)).all(axis=1)][:PROBED]
    watch.begin(1, 1)
    watch.account.pay(len(some))
    said = np.asarray(ask(some.reshape(len(some), -1).astype(np.float64)))
    y = np.asarray(rows.y)
    if said.ndim == 1:
        top = max(_whole(said).max(), y.max() if y.dtype.kind in "iu" else 0)

        def labelled_so(X: Floats) -> Any:
            return _whole(ask(X))

        return Way(labelled_so, labelled_so, "label", tuple(range(int(top) + 1)))
    names = tuple(range(said.shape[1]))
    sums = said.sum(axis=1)
    if (said >= 0).all() and np.allclose(sums, 1, atol=0.05 * len(names)):
        return Way(ask, lambda X: likeliest(ask(X)), "probabilities", names)

    def shares(X: Floats) -> Floats:
        return np.asarray(softmax(ask(X), axis=1))

    return Way(shares, lambda X: likeliest(ask(X)), "probabilities", names)


def _whole(said: Any) -> Any:
    """Labels that a service gives, if they are whole numbers; else BadInput."""
    labels = np.asarray(said)
    if labels.dtype.kind not in "iubf" or (labels % 1 != 0).any():
        raise BadInput(
            f"got a service that answers with {labels[:1].tolist()}; wanted whole "
            "numbers from 0, or a probability for each class: give a function that "
            "numbers its labels"
        )
    return labels.astype(np.int64)


# ---------------------------------------------------------------- the rows


def _fitted(known: Any, rows: Brought) -> Brought:
    """The columns that the model knows, in its order; images with colours last."""
    if rows.frame is not None:
        asked = known.asked if isinstance(known, Linear) else known
        own = getattr(asked, "estimator", None)
        names = tuple(getattr(own, "feature_names_in_", ()))
        return replace(rows, X=picked(rows.frame, names)) if names else rows
    if not isinstance(known, TorchModel) or len(known.shape) != 3:
        return rows
    colours, height, width = known.shape
    if np.ndim(rows.X) == 3:
        rows = replace(rows, X=rows.X[:, np.newaxis])
    X = known.rows(rows.X) if np.ndim(rows.X) == 4 else rows.X
    return replace(rows, X=X, image=(height, width, colours))


def _dataset(
    known: Any, rows: Brought, like: pd.DataFrame | None, way: Way
) -> tuple[Dataset, Any]:
    """Rows without holes, their labels as numbers of the classes, and which they are.

    BadInput: a label that the model does not know, or no row without a hole.
    """
    y = np.asarray(rows.y)
    if len(y) != len(rows.X):
        raise BadInput(f"got {len(rows.X)} rows and {len(y)} labels; wanted as many")
    if rows.classes and way.classes and isinstance(way.classes[0], str):
        y = np.array(rows.classes)[y]
    table = rows.X
    if rows.frame is not None:
        table = coding(rows.frame if like is None else like).rows(rows.frame)
    flat = np.asarray(table, np.float64).reshape(len(y), -1)
    kept = np.flatnonzero(np.isfinite(flat).all(axis=1))
    if not len(kept):
        raise BadInput("got a hole in every row; wanted some without: fill them")
    X = rows.frame.iloc[kept] if rows.frame is not None else rows.X[kept]
    made = labelled(X, y[kept], like=like, classes=way.classes, image=rows.image)
    return made, kept


def _held(known: Any, rows: Dataset) -> Bools:
    """Which columns hold words."""
    own = getattr(known, "coding", None)
    words: Sequence[str] = tuple(own.words) if own else ()
    return np.isin(rows.columns, words) if words else np.zeros(rows.X.shape[1], bool)
