"""How is a network of PyTorch's, trained elsewhere, asked and followed?"""

import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from torch import (
    Tensor,
    autograd,
    enable_grad,
    from_numpy,
    get_default_dtype,
    nn,
    no_grad,
    split,
)
from torch import device as Device  # noqa: N812 (a type, in lower case)
from torch import dtype as Kind  # noqa: N812

from foible.arrays import Floats, Ints, finite_rows
from foible.domains import Count
from foible.errors import BadInput, WeakEvidence
from foible.models._checks import rows_of
from foible.models.kinds import Aim
from foible.models.networks import same_shapes
from foible.models.scoring import Scoring

PICTORIAL = (nn.Conv1d, nn.Conv2d, nn.Conv3d)  # which do not say how large a row is


@dataclass(frozen=True, eq=False, repr=False)
class TorchModel(Scoring):
    """A `torch.nn.Module` behind NumPy; see `torch`, which makes it.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode; neither it nor its gradients are ever changed.
    shape : tuple of int
        Of what it takes for one row.
    layer : str
        Whose output `features` are; empty where nobody has named one.
    chunk : int
        Rows that are passed through it at once.
    """

    module: nn.Module
    shape: tuple[Count, ...]
    layer: str
    chunk: Count

    def __repr__(self) -> str:
        sides = "×".join(map(str, self.shape))
        return f"<{type(self.module).__name__} {sides} → {len(self.classes_)}>"

    @cached_property
    def classes_(self) -> Ints:
        """The labels 0 to k - 1, ndarray of shape (k,)."""
        return np.arange(self.logits(np.zeros((1, prod(self.shape)))).shape[1])

    def rows(self, inputs: ArrayLike) -> Floats:
        """What the network takes, (n, colours, height, width), as rows, (n, d)."""
        return rows_of(inputs, self.shape, coloured=len(self.shape) == 3)

    def logits(self, X: ArrayLike) -> Floats:
        """As `Scoring.logits`, in chunks."""
        return self._asked(X, "")

    def features(self, X: ArrayLike) -> Floats:
        """What the named layer gives, ndarray of shape (n, all its values in a row)."""
        return self._asked(X, self._named())

    def weights(self) -> dict[str, NDArray[Any]]:
        """Copies of all weights and running means, as `module.state_dict` names them.

        BadInput: one in a precision that NumPy has not.
        """
        try:
            return {
                name: np.array(tensor.detach().cpu().numpy())
                for name, tensor in self.module.state_dict().items()
            }
        except (TypeError, AttributeError) as error:
            raise BadInput(
                f"got a {type(self.module).__name__} whose weights NumPy has no kind "
                f"for ({error}); wanted module.float()"
            ) from error

    def with_weights(self, weights: Mapping[str, NDArray[Any]]) -> "TorchModel":
        """A copy of the network with other weights, named as `weights()` names them.

        Other names or shapes are BadInput.
        """
        same_shapes(weights, self.weights())
        module = deepcopy(self.module)
        tensors = {name: from_numpy(values) for name, values in weights.items()}
        module.load_state_dict(tensors)
        return replace(self, module=module)

    def follow(self, X: ArrayLike, aim: Aim) -> tuple[Floats, Floats]:
        """As `Scoring.follow`; more than a chunk of rows is passed through twice."""
        return self._pulled(X, "", aim)

    def backward_features(self, X: ArrayLike, slope: Floats) -> Floats:
        """As `Network.backward_features`."""
        return self._pulled(X, self._named(), lambda seen: slope + 0 * seen)[1]

    def _named(self) -> str:
        names = [name for name, _ in self.module.named_modules() if name]
        if self.layer not in names:
            raise BadInput(
                f"got layer={self.layer!r}; wanted one of {', '.join(names)}: "
                "models.torch(module, layer=...)"
            )
        return self.layer

    def _asked(self, X: ArrayLike, layer: str) -> Floats:
        """What a layer says of rows, or the whole module, (n, its values)."""
        with no_grad():
            return np.concatenate(
                [_array(self._passed(part, layer)) for part in self._parts(X)]
            )

    def _pulled(self, X: ArrayLike, layer: str, aim: Aim) -> tuple[Floats, Floats]:
        """What a layer says, and the slope of an aim at that by the rows."""
        parts, moves = self._parts(X), []
        if more := len(parts) > 1:  # an aim is asked once, for all rows
            said = self._asked(X, layer)
            slope = aim(said)
        for i, part in enumerate(parts):
            begin = part.requires_grad_()
            with enable_grad():
                end = self._passed(begin, layer)
            if not more:
                said = _array(end)
                slope = aim(said)
            here = from_numpy(slope[i * self.chunk : (i + 1) * self.chunk]).to(end)
            moves.append(_slope(end, begin, here))
        return said, np.concatenate(moves)

    def _parts(self, X: ArrayLike) -> tuple[Tensor, ...]:
        """Rows in chunks, of the kind and where the module's weights are."""
        rows = finite_rows(X, width=prod(self.shape))
        kind, where = _home(self.module)
        return split(from_numpy(rows.copy()).to(where, kind), self.chunk)

    def _passed(self, part: Tensor, layer: str) -> Tensor:
        """The values of a layer, (n, m), or the logits, (n, k)."""
        if any(one.training for one in self.module.modules()):
            raise BadInput(
                f"got a {type(self.module).__name__} in train mode, whose dropout and "
                "batch norm make every answer another; wanted module.eval()"
            )
        given = part.clone()  # it may be changed in place
        if len(self.shape) == 3:
            colours, height, width = self.shape
            given = given.view(-1, height, width, colours).permute(0, 3, 1, 2)
        given = given.reshape(-1, *self.shape)
        with _heard(self.module, layer) as heard:
            said = self.module(given)
        return _table(heard[-1] if layer else said, len(part), layer)


def torch(
    module: nn.Module,
    *,
    image: tuple[Count, ...] | None = None,
    layer: str = "",
    chunk: Count = 256,
) -> TorchModel:
    """A network of PyTorch's as the book's attacks take it [paszke2019pytorch].

    Rows are float64 of shape (n, d); those of images lie as everywhere in the book,
    colour last: `model.rows(images)` makes them of what the network takes. It computes
    on its own device and in its own precision, in chunks that bound the memory, and
    what it says comes back as float64. A network with a single output is one of two
    classes, of which the first has the logit 0.

    Parameters
    ----------
    module : torch.nn.Module
        Gives logits, (n, k) or (n, 1), and is in evaluation mode: `module.eval()`.
    image : tuple of int, optional
        The shape of one input, such as (3, 32, 32) for colours, height, width. Left out
        for a table, whose width the first linear layer or batch norm says.
    layer : str
        Whose output are the `features`, as in `module.named_modules()`.
    chunk : int
        Rows passed through the network at once.

    Warns
    -----
    WeakEvidence
        It answers the same rows differently each time.

    BadInput: a network in train mode; one that cannot be asked rows of this shape, or
    answers with anything but logits, such as probabilities.
    """
    model = TorchModel(module, image or (_width(module),), layer, chunk)
    try:
        _probed(model)
        if layer:
            model.features(np.zeros((1, prod(model.shape))))
    except (RuntimeError, TypeError, IndexError, NotImplementedError) as error:
        raise BadInput(
            f"got a {type(module).__name__} that fails on an input of shape "
            f"{(1, *model.shape)} ({str(error).splitlines()[0]}); wanted image=..., "
            "the shape that it takes"
        ) from error
    return model


def _width(module: nn.Module) -> int:
    """How wide a row of a table is, by the first layer that says so."""
    for one in module.modules():
        if isinstance(one, nn.Linear):
            return one.in_features
        if isinstance(one, nn.BatchNorm1d):
            return one.num_features
        if next(one.children(), None) is None and isinstance(
            one, nn.modules.conv._ConvNd
        ):
            break
    raise BadInput(
        f"got a {type(module).__name__} that does not say how wide a row is; wanted "
        "image=(colours, height, width), or image=(d,) for a table"
    )


def _probed(model: TorchModel) -> None:
    """Refuse a network that gives no logits; drawn rows tell, near ones and far."""
    rows = np.random.default_rng(0).standard_normal((8, prod(model.shape)))
    said = model.logits(rows)
    if not np.array_equal(said, model.logits(rows)):
        warnings.warn(
            "the network answers the same rows differently each time; wanted one "
            "without chance, or attacks on it prove little",
            WeakEvidence,
            stacklevel=3,
        )
    with np.errstate(all="ignore"):
        many = np.concatenate([said, model.logits(1000 * rows)])
    one = many[:, 1:] if (many[:, 0] == 0).all() and many.shape[1] == 2 else many
    sums = one.sum(axis=1)
    if ((one >= 0) & (one <= 1)).all() and (
        one.shape[1] == 1 or np.allclose(sums, 1, atol=1e-3)
    ):
        raise BadInput(
            f"got a {type(model.module).__name__} that answers with probabilities; "
            "wanted logits: leave out its last softmax or sigmoid"
        )


def _home(module: nn.Module) -> tuple[Kind, Device]:
    """The kind of the module's weights, and where they are."""
    for one in (*module.parameters(), *module.buffers()):
        if one.is_floating_point():
            return one.dtype, one.device
    return get_default_dtype(), Device("cpu")


@contextmanager
def _heard(module: nn.Module, layer: str) -> Iterator[list[Any]]:
    """What a layer gives while the module runs, as it is before others change it."""
    heard: list[Any] = []

    def hear(_: nn.Module, __: Any, said: Any) -> None:
        heard.append(said.clone() if isinstance(said, Tensor) else said)

    handle = module.get_submodule(layer).register_forward_hook(hear) if layer else None
    try:
        yield heard
    finally:
        if handle:
            handle.remove()


def _table(said: Any, n: int, layer: str) -> Tensor:
    """The answer as a table, (n, values); of a single logit, with a 0 before it."""
    who = f"the layer {layer!r}" if layer else "the network"
    if not isinstance(said, Tensor) or not said.ndim or len(said) != n:
        shape = tuple(said.shape) if isinstance(said, Tensor) else type(said).__name__
        raise BadInput(f"got {shape} from {who}; wanted one tensor of shape ({n}, k)")
    if layer:
        return said.flatten(1) if said.ndim > 1 else said[:, None]
    if said.ndim == 1 or said.shape[1:] == (1,):
        return nn.functional.pad(said.reshape(n, 1), (1, 0))
    if said.ndim != 2:
        raise BadInput(f"got {tuple(said.shape)} from {who}; wanted logits, ({n}, k)")
    return said


def _array(said: Tensor) -> Floats:
    values = np.asarray(said.detach().double().cpu().numpy())
    if not np.isfinite(values).all():
        raise BadInput("got NaN or infinity from the network; wanted finite logits")
    return values


def _slope(end: Tensor, begin: Tensor, by: Tensor) -> Floats:
    """The slope of what came out by what went in."""
    (move,) = (
        autograd.grad([end], [begin], [by], allow_unused=True)
        if end.requires_grad
        else (None,)
    )
    if move is None:
        raise BadInput(
            "got a network whose answers have no slope by its rows; wanted one without "
            "detach() or no_grad() on the way, or an attack that only asks"
        )
    return np.asarray(move.double().cpu().numpy())
