"""Foible: attacks on machine-learning models, their measurement, and the defences.

The public modules are named and not imported: who uses one does not load all.
"""

__all__ = [
    "arrays",
    "artefacts",
    "attacks",
    "cast",
    "checks",
    "data",
    "defences",
    "errors",
    "evidence",
    "failures",
    "findings",
    "judging",
    "metrics",
    "models",
    "oracle",
    "plots",
    "road",
    "search",
    "serving",
    "threat",
    "torch_files",
    "victim",
    "vision",
]
