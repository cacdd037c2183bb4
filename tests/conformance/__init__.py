"""The rows of the table of promises: a file for each chapter and each defence."""

from importlib import import_module
from pathlib import Path

FILES = sorted(path.stem for path in Path(__file__).parent.glob("[!_]*.py"))
ROWS = [row for file in FILES for row in import_module(f"conformance.{file}").ROWS]
