"""torchvision, also where its wheel does not fit the torch beside it.

The package index serves torchvision as a CUDA build. Beside a CPU build of torch its
compiled operators cannot be loaded, and `import torchvision` dies with "operator
torchvision::nms does not exist". Its data sets, models and transforms need none of
them: it is enough that the two operators it asks for by name are declared.

torch is imported by the functions that need it: it takes seconds, and who reads a table
does not need it.
"""

from contextlib import suppress
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)


def torchvision() -> ModuleType:
    """The module torchvision; where its operators cannot load, without them.

    Call it instead of the first `import torchvision` of a process.

    Raises
    ------
    ModuleNotFoundError
        torchvision is not installed.
    """
    if not _operators_exist():
        _declared()
    return import_module("torchvision")


def _operators_exist() -> bool:
    """Whether torchvision's operators are known, once its library was tried."""
    import torch

    spec = find_spec("torchvision")
    folders = (spec.submodule_search_locations or ()) if spec else ()
    for library in (path for folder in folders for path in Path(folder).glob("_C.*")):
        with suppress(OSError):  # it was built against another torch
            torch.ops.load_library(library)  # type: ignore[no-untyped-call]
    return hasattr(torch.ops.torchvision, "nms")


@cache  # a declaration ends with its Library, so this one is kept
def _declared() -> object:
    import torch

    library = torch.library.Library("torchvision", "DEF")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    return library
