"""What is published, and are these the published files?"""

import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, TypedDict, cast

import numpy as np
import pandas as pd
from sklearn import datasets

from foible import vision
from foible.errors import DataDamaged, DataMissing


class BankAggregates(TypedDict):
    """What is known of the published credit table: counts and shares, never a row.

    Lists over columns follow `columns`. A correlation matrix is given by the rows of
    its lower triangle. A "delay" is `PAY_0` as text, "3" being three months or more.
    Bills are measured as a share of the customer's `LIMIT_BAL`.
    """

    source: str
    about: str
    rows: int
    default_rate: float
    columns: list[str]
    shares: dict[str, dict[str, float]]
    levels: list[float]
    quantiles: dict[str, list[float]]
    rank_correlation: list[list[float]]
    latent_correlation: list[list[float]]
    intercepts: dict[str, float]
    weights: dict[str, list[float]]
    default_rates: dict[str, dict[str, float]]


def bank_aggregates() -> BankAggregates:
    """The aggregates from which the bank's twin is drawn [yeh2009comparisons]."""
    text = resources.files("foible").joinpath("bank.json").read_text("utf-8")
    return cast(BankAggregates, json.loads(text))


def choice() -> Literal["embedded", "real"]:
    """Which data the loaders give: "real" where `FOIBLE_DATA` names a folder."""
    return "real" if os.environ.get("FOIBLE_DATA") else "embedded"


@dataclass(frozen=True)
class _Source:
    """Where a data set comes from, and the SHA-256 of each of its files."""

    title: str
    files: dict[str, str]
    fetch: Callable[[Path], dict[str, bytes]]


def published(name: str) -> dict[str, bytes]:
    """The contents of the data set's files, each one verified.

    DataMissing: a file is not there. DataDamaged: its bytes are not the published ones.
    """
    source = _SOURCES[name]
    if choice() == "embedded":
        raise DataMissing(
            f"{source.title} are not embedded: set FOIBLE_DATA to a folder that holds "
            f"{', '.join(source.files)}."
        )
    folder = Path(os.environ["FOIBLE_DATA"])
    missing = [path for path in source.files if not (folder / path).is_file()]
    if missing and os.environ.get("FOIBLE_DOWNLOAD") == "1":
        fetched = _fetched(source)
        write(folder, {path: fetched[path] for path in missing})
    elif missing:
        raise DataMissing(
            f"{folder / missing[0]} is missing (its content's SHA-256 is "
            f"{source.files[missing[0]]}). Put {source.title} there, or "
            "set FOIBLE_DOWNLOAD=1 to fetch them, or unset FOIBLE_DATA to use the "
            "embedded data."
        )
    return {
        path: _verified(folder / path, (folder / path).read_bytes(), wanted)
        for path, wanted in source.files.items()
    }


def _verified(where: Path, raw: bytes, wanted: str) -> bytes:
    """The content of a file, if its SHA-256 is the wanted one."""
    content = _unpacked(raw) if where.name.endswith(".csv.gz") else raw
    got = hashlib.sha256(content).hexdigest()
    if got != wanted:
        raise DataDamaged(
            f"{where} is not the published file: the SHA-256 of its content is {got}, "
            f"wanted {wanted}. It was not used; get the published file anew."
        )
    return content


def _unpacked(raw: bytes) -> bytes:
    """A table's text: what its checksum is of, since two gzips of it may differ."""
    try:
        return gzip.decompress(raw)
    except (OSError, EOFError, zlib.error):
        return raw  # no gzip: its checksum will not fit either


def _fetched(source: _Source) -> dict[str, bytes]:
    """The source's files from the network, each one verified."""
    with TemporaryDirectory() as scratch:
        try:
            files = source.fetch(Path(scratch))
        except (OSError, RuntimeError, ValueError) as error:
            raise DataMissing(
                f"{source.title} could not be fetched ({error}). Try again later, or "
                f"put {', '.join(source.files)} into FOIBLE_DATA yourself."
            ) from error
    for path, wanted in source.files.items():
        _verified(Path("fetched") / path, files[path], wanted)
    return files


def write(folder: Path, files: dict[str, bytes]) -> None:
    """Each file at its path, whole or not at all."""
    for path, content in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        part.write_bytes(content)
        part.replace(target)


def _fetch_bank(scratch: Path) -> dict[str, bytes]:
    """The credit table from OpenML, written as the published CSV is."""
    raw = datasets.fetch_openml(data_id=42477, as_frame=True, data_home=scratch)
    table = pd.DataFrame(raw.data).astype(float).astype(np.int64)
    table.columns = pd.Index(bank_aggregates()["columns"])
    table.insert(0, "ID", range(1, len(table) + 1))
    table["DEFAULT"] = raw.target.astype(float).astype(np.int64)
    text = table.to_csv(index=False, lineterminator="\r\n").removesuffix("\r\n")
    return {"credit/default_credit_card.csv.gz": gzip.compress(text.encode(), mtime=0)}


def _fetch_mnist(scratch: Path) -> dict[str, bytes]:
    vision.torchvision().datasets.MNIST(scratch, download=True)
    return {path: (scratch / path).read_bytes() for path in _SOURCES["digits"].files}


def _fetch_faces(scratch: Path) -> dict[str, bytes]:
    datasets.fetch_olivetti_faces(data_home=scratch)
    file = "olivetti_py3.pkz"
    return {f"olivetti/{file}": (scratch / file).read_bytes()}


_SOURCES = {
    "bank": _Source(
        "the UCI credit table",
        {
            "credit/default_credit_card.csv.gz": (
                "8d124bd418e00f76189b2c4f18807139feac717b03646d72dca3377dfe44c01e"
            )
        },
        _fetch_bank,
    ),
    "digits": _Source(
        "the four original files of MNIST",
        {
            "MNIST/raw/train-images-idx3-ubyte.gz": (
                "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
            ),
            "MNIST/raw/train-labels-idx1-ubyte.gz": (
                "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
            ),
            "MNIST/raw/t10k-images-idx3-ubyte.gz": (
                "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
            ),
            "MNIST/raw/t10k-labels-idx1-ubyte.gz": (
                "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
            ),
        },
        _fetch_mnist,
    ),
    "faces": _Source(
        "the Olivetti faces",
        {
            "olivetti/olivetti_py3.pkz": (
                "47398b319d88c78459514b30b87c562313aad345b5c6a387b678d7f8177be4ba"
            )
        },
        _fetch_faces,
    ),
}
