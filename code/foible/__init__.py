"""Foible: attacks on machine-learning models, their measurement, and the defences.

The public modules are named and not imported: who uses one does not load all. Each is
loaded with a guard before its functions, which holds callers to the signatures; what is
for the package alone, such as `models._stacks`, has none. `foible.audit` is
`foible.checkup.audit`, which is loaded when it is asked for.
"""

import sys
from importlib import import_module
from importlib.machinery import PathFinder, SourceFileLoader

__all__ = [
    "arrays",
    "artefacts",
    "attacks",
    "border",
    "calling",
    "cast",
    "checks",
    "checkup",
    "data",
    "defences",
    "domains",
    "errors",
    "evidence",
    "exercises",
    "failures",
    "findings",
    "judging",
    "laboratory",
    "language",
    "metrics",
    "models",
    "oracle",
    "plots",
    "road",
    "search",
    "serving",
    "store",
    "threat",
    "torch_files",
    "victim",
    "vision",
]

BARE = ("foible.border", "foible.domains", "foible.errors")  # what the guard is made of


class Finder(PathFinder):
    """Finds the modules of this package, to be loaded behind the border."""

    @classmethod
    def find_spec(cls, fullname, path=None, target=None):  # type: ignore[no-untyped-def]
        """As importlib calls it."""
        private = fullname.rpartition(".")[2].startswith("_")
        if not fullname.startswith("foible.") or fullname in BARE or private:
            return None
        spec = super().find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            from foible.border import Guarding

            spec.loader = Guarding(spec.loader.name, spec.loader.path)
        return spec


sys.meta_path.insert(0, Finder)


def __getattr__(name):  # type: ignore[no-untyped-def]
    """`audit`, without which the package is loaded sooner."""
    if name == "audit":
        return import_module("foible.checkup").audit
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
