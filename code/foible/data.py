"""Rows and labels: which data a model is made from, and where they come from.

Four parts: what a data set is; the bank, whose customers are invented; the road, whose
signs are drawn; the other victims' data. By default everything is embedded and nothing
is downloaded. Three sets have a larger, published version, used where the environment
variable `FOIBLE_DATA` names a folder that holds their files:

    bank()    credit/default_credit_card.csv.gz
    digits()  MNIST/raw/*.gz, the four original files
    faces()   olivetti/olivetti_py3.pkz

Each file is checked against a pinned SHA-256 before it is read (the credit table's is
that of the unpacked text, since two gzips may differ), and none is ever changed. Only
with `FOIBLE_DOWNLOAD=1` is a missing one fetched, through scikit-learn's or
torchvision's own loader, and stored if its checksum fits.
"""

import gzip
import hashlib
import io
import json
import os
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import resources
from math import prod
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, TypedDict, cast

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import expit, ndtr
from sklearn import datasets

from foible import camera, vision
from foible.arrays import Bools, Floats, Ints
from foible.errors import BadInput, DataDamaged, DataMissing
from foible.signs import NAMES, artwork

Group = Mapping[str, tuple[float, float]]
"""Some rows: for some columns by name, the least and the greatest value."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """Rows, their labels and the names of both: never changed, only copied.

    Two data sets are equal only if they are the same object.

    Parameters
    ----------
    name : str
        The word for it: "bank", "digits".
    X : ndarray of shape (n, d)
        The rows, float64, finite, read-only.
    y : ndarray of shape (n,)
        The labels, int64, each an index into `classes`, read-only; or float64, the
        target of a regression, if `classes` is empty.
    columns : tuple of str, length d
        What each column of `X` is called.
    classes : tuple of str
        What each label is called; empty for a regression.
    origin : str
        One phrase: which data this is.
    image : tuple of int, optional
        The shape of a row that is seen as an image.

    Raises
    ------
    BadInput
        The parts do not fit each other, or a value is not finite.
    """

    name: str
    X: Floats
    y: npt.NDArray[Any]
    columns: tuple[str, ...]
    classes: tuple[str, ...]
    origin: str
    image: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        set_field = super().__setattr__  # a frozen dataclass sets its own fields so
        set_field("columns", tuple(self.columns))
        set_field("classes", tuple(self.classes))
        set_field("X", _rows(self.name, self.X))
        set_field("y", _labels(self.name, self.y, self.classes))
        self._check_lengths()

    def _check_lengths(self) -> None:
        n, d = self.X.shape
        if n == 0 or d == 0:
            raise BadInput(f"{self.name}: X is {n} × {d}: give at least one row.")
        if len(self.y) != n:
            raise BadInput(f"{self.name}: {n} rows but {len(self.y)} labels.")
        if len(self.columns) != d:
            raise BadInput(
                f"{self.name}: X has {d} columns but {len(self.columns)} are named."
            )
        if len(set(self.columns)) != d:
            raise BadInput(f"{self.name}: column names repeat; each must be unique.")
        if self.image is not None and prod(self.image) != d:
            raise BadInput(
                f"{self.name}: an image of shape {self.image} has {prod(self.image)} "
                f"pixels, but a row has {d}."
            )

    def __len__(self) -> int:
        return len(self.y)

    def __repr__(self) -> str:
        kinds = f"{len(self.classes)} classes" if self.classes else "a regression"
        return (
            f"<{self.name}: {len(self):,} rows × {len(self.columns)} columns, "
            f"{kinds}; {self.origin}>"
        )

    def take(self, index: npt.ArrayLike | slice) -> "Dataset":
        """Only the rows at `index`: positions, a mask of length n, or a slice."""
        where = index if isinstance(index, slice) else np.asarray(index)
        try:
            return replace(self, X=self.X[where], y=self.y[where])
        except IndexError as error:
            raise BadInput(
                f"{self.name}: cannot take these of {len(self)} rows ({error}): give "
                "positions, a mask or a slice."
            ) from error

    def split(self, share: float, *, seed: int) -> tuple["Dataset", "Dataset"]:
        """Two disjoint parts in random order, the first with `share` of the rows.

        Each class is divided in this proportion, to within one row. A regression is
        divided at random.

        Parameters
        ----------
        share : float
            What part of the rows comes first, above 0 and below 1.
        seed : int
            Of the shuffle.

        Raises
        ------
        BadInput
            `share` is not between 0 and 1, or leaves a part without rows.
        """
        n = len(self)
        first = round(share * n) if 0 < share < 1 else 0
        if not 0 < first < n:
            raise BadInput(
                f"{self.name}: a share of {share} of {n} rows leaves a part empty: "
                "give a share between 0 and 1 that leaves both parts a row."
            )
        strata = self.y if self.classes else np.zeros(n)
        ours, others = _parts(strata, first, seed=seed)
        return self.take(ours), self.take(others)

    def select(self, columns: Sequence[str]) -> "Dataset":
        """Only these columns, in this order; what is left is no image."""
        where = [self._position(name) for name in columns]
        return replace(self, X=self.X[:, where], columns=tuple(columns), image=None)

    def column(self, name: str) -> Floats:
        """One column, ndarray of shape (n,), read-only."""
        return self.X[:, self._position(name)]

    def _position(self, name: str) -> int:
        if name not in self.columns:
            raise BadInput(
                f"{self.name}: no column {name!r}; there are {', '.join(self.columns)}."
            )
        return self.columns.index(name)


def members(rows: Dataset, *, where: Group) -> Bools:
    """Which rows lie in all of the ranges, ends included; of shape (n,)."""
    inside = [
        (rows.column(name) >= low) & (rows.column(name) <= high)
        for name, (low, high) in where.items()
    ]
    return np.asarray(np.logical_and.reduce(inside))


def joined(rows: Dataset, more: Dataset) -> Dataset:
    """The rows of one data set, then those of another with the same columns."""
    if (rows.columns, rows.classes) != (more.columns, more.classes):
        raise BadInput(
            f"got {rows!r} and {more!r}; wanted the same columns and the same classes"
        )
    X, y = np.concatenate([rows.X, more.X]), np.concatenate([rows.y, more.y])
    return replace(rows, X=X, y=y)


def _rows(name: str, X: npt.ArrayLike) -> Floats:
    try:
        rows = np.array(X, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadInput(f"{name}: X holds something that is no number.") from error
    if rows.ndim != 2:
        raise BadInput(
            f"{name}: X has {rows.ndim} dimensions, wanted 2: one row per example."
        )
    if not np.isfinite(rows).all():
        raise BadInput(f"{name}: X holds NaN or infinity; remove or replace them.")
    rows.flags.writeable = False
    return rows


def _labels(name: str, y: npt.ArrayLike, classes: tuple[str, ...]) -> npt.NDArray[Any]:
    given = np.asarray(y)
    if given.ndim != 1:
        raise BadInput(f"{name}: y has {given.ndim} dimensions, wanted 1.")
    if given.dtype.kind not in ("iub" if classes else "iubf"):
        raise BadInput(
            f"{name}: labels are {given.dtype}, wanted whole numbers that count the "
            "classes, or without classes numbers to regress on."
        )
    labels = given.astype(np.int64 if classes else np.float64)
    if not np.isfinite(labels).all():
        raise BadInput(f"{name}: y holds NaN or infinity; remove these rows.")
    if classes and labels.size and not 0 <= labels.min() <= labels.max() < len(classes):
        raise BadInput(
            f"{name}: labels run from {labels.min()} to {labels.max()}, wanted 0 "
            f"to {len(classes) - 1}, one for each class."
        )
    labels.flags.writeable = False
    return labels


def _parts(
    strata: npt.NDArray[np.generic], first: int, *, seed: int
) -> tuple[Ints, Ints]:
    """Positions of `first` rows and of the others, each stratum in proportion."""
    n = len(strata)
    order = np.random.default_rng(seed).permutation(n)
    by_stratum = order[np.argsort(strata[order], kind="stable")]
    chosen = np.empty(n, dtype=bool)  # first of n, spread evenly over the strata
    chosen[by_stratum] = np.diff(np.arange(n + 1) * first // n) == 1
    return order[chosen[order]], order[~chosen[order]]


# --- The bank and its invented customers ------------------------------------------

BANK_ROWS = 30_000
BANK_SEED = 2009

_BANK_CLASSES = ("pays", "defaults")
_TALK_COLUMNS = (
    "LIMIT_BAL",
    "AGE",
    "PAY_0",
    "PAY_2",
    "PAY_3",
    "BILL_AMT1",
    "BILL_AMT2",
    "PAY_AMT1",
)


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


def bank() -> Dataset:
    """30,000 credit-card customers, and whether each defaults [yeh2009comparisons].

    The published table has 25 columns: 23 describe the customer and are `X`, in the
    published order; DEFAULT is `y`; ID numbers the rows, says nothing about a customer,
    and is left out. Amounts are New Taiwan dollars of 2005.

    Without `FOIBLE_DATA` the customers are invented: `draw_bank` with `BANK_SEED`.

    Raises
    ------
    DataMissing, DataDamaged
        `FOIBLE_DATA` is set and its table is not there, or not the published one.
    """
    if choice() == "embedded":
        return draw_bank(BANK_ROWS, seed=BANK_SEED)
    (text,) = _published("bank").values()
    table = pd.read_csv(io.BytesIO(text))
    customers = table.drop(columns=["ID", "DEFAULT"])
    return Dataset(
        name="bank",
        X=customers.to_numpy(),
        y=table["DEFAULT"].to_numpy(),
        columns=tuple(customers.columns),
        classes=_BANK_CLASSES,
        origin="UCI credit table",
    )


def draw_bank(
    rows: int, *, seed: int, aggregates: BankAggregates | None = None
) -> Dataset:
    """Invented customers who resemble the published ones [yeh2009comparisons].

    A Gaussian copula: each customer is a draw from a multivariate normal, and each of
    its coordinates is turned into a column by that column's published quantiles. So
    every column has the published distribution and every two columns about the
    published rank correlation. Bills are drawn as a share of the credit limit. Default
    is then drawn from a logistic regression, one for each payment delay `PAY_0`.

    What three columns do together is not kept, nor are the table's own rules (who did
    not use the card in a month has no bill of that month).

    Parameters
    ----------
    rows : int
        How many customers, at least 1.
    seed : int
        The same seed gives the same bytes.
    aggregates : BankAggregates, optional
        Another bank than `bank_aggregates()`.

    Raises
    ------
    BadInput
        `rows` is below 1.
    """
    if rows < 1:
        raise BadInput(f"cannot draw {rows} customers: ask for at least one.")
    facts = bank_aggregates() if aggregates is None else aggregates
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(symmetric(facts["latent_correlation"]))
    latent = rng.standard_normal((rows, len(root))) @ root.T
    X = _customers(facts, ndtr(latent))
    risk = _risk(facts, X[:, facts["columns"].index("PAY_0")], latent)
    return Dataset(
        name="bank",
        X=X,
        y=rng.random(rows) < risk,
        columns=tuple(facts["columns"]),
        classes=_BANK_CLASSES,
        origin="synthetic twin of the UCI credit table",
    )


def symmetric(triangle: list[list[float]]) -> Floats:
    """The symmetric matrix whose lower triangle this is."""
    lower = np.array([row + [0.0] * (len(triangle) - len(row)) for row in triangle])
    return np.asarray(lower + np.tril(lower, -1).T)


def _customers(facts: BankAggregates, uniform: Floats) -> Floats:
    """Each column's published distribution, put in place of a uniform one."""
    X = np.empty_like(uniform)
    for j, name in enumerate(facts["columns"]):
        if name in facts["shares"]:
            shares = facts["shares"][name]
            steps = np.cumsum(list(shares.values()))
            values = np.array([float(value) for value in shares])
            X[:, j] = values[np.searchsorted(steps / steps[-1], uniform[:, j])]
        else:
            quantiles = facts["quantiles"][name]
            X[:, j] = np.interp(uniform[:, j], facts["levels"], quantiles)
        if name.startswith("BILL_AMT"):
            X[:, j] *= X[:, facts["columns"].index("LIMIT_BAL")]
    return np.rint(X) + 0.0  # no negative zero


def _risk(facts: BankAggregates, delay: Floats, latent: Floats) -> Floats:
    """Each customer's probability of default."""
    log_odds = np.empty(len(delay))
    for name, intercept in facts["intercepts"].items():
        group = np.clip(delay, -2, 3) == int(name)
        log_odds[group] = intercept + latent[group] @ np.array(facts["weights"][name])
    return np.asarray(expit(log_odds))


def talk_view(bank: Dataset) -> Dataset:
    """The ten columns that the talk's model sees: eight, and SEX as two dummies."""
    sex = bank.column("SEX")[:, None] == [1, 2]
    return replace(
        bank,
        X=np.hstack([bank.select(_TALK_COLUMNS).X, sex]),
        columns=(*_TALK_COLUMNS, "SEX_1", "SEX_2"),
    )


# --- The road and its signs -------------------------------------------------------

SIGN_ROWS = 4_000
SIGN_SEED = 1968


def signs(*, size: int = 32) -> Dataset:
    """4,000 pictures of traffic signs that we draw: `draw_signs` with `SIGN_SEED`."""
    return draw_signs(SIGN_ROWS, seed=SIGN_SEED, size=size)


def draw_signs(rows: int, *, seed: int, size: int = 32) -> Dataset:
    """Pictures of traffic signs, each from a view of its own, pixels in 0..1.

    Row i shows the sign of label i modulo their number, so every class has as many
    rows to within one, from view i of ``camera.draw_views(rows, seed=seed)``.

    Parameters
    ----------
    rows : int
        How many pictures, at least 1.
    seed : int
        The same seed gives the same bytes.
    size : int
        Width and height of the pictures in pixels.

    Raises
    ------
    BadInput
        `rows` or `size` is below 1.
    """
    views = camera.draw_views(rows, seed=seed)
    sheets = np.stack([artwork(name, size=2 * size) for name in NAMES])
    labels = np.arange(rows) % len(NAMES)
    pictures = np.empty((rows, size, size, 3))
    for start in range(0, rows, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        shown = sheets[labels[part]]
        pictures[part] = camera.photograph(shown, views.take(part), size=size)
    return Dataset(
        name="signs",
        X=pictures.reshape(rows, -1),
        y=labels,
        columns=_pixels(size, size, ("_red", "_green", "_blue")),
        classes=NAMES,
        origin="signs that we draw",
        image=(size, size, 3),
    )


_AT_ONCE = 128  # artworks that are held side by side

# --- The clinic, the post office, the faces -----------------------------------------

MNIST_ROWS = 12_000


def clinic() -> Dataset:
    """Measurements of 569 tumours, and whether each is benign [street1993nuclear]."""
    raw = datasets.load_breast_cancer()
    return Dataset(
        name="clinic",
        X=raw.data,
        y=raw.target,
        columns=tuple(map(str, raw.feature_names)),
        classes=tuple(map(str, raw.target_names)),
        origin="scikit-learn's breast cancer table",
    )


def diabetes() -> Dataset:
    """Records of 442 patients with diabetes, and its progress [efron2004least].

    `y` is a score of progression after a year, 25 to 346, so there are no classes.
    """
    raw = datasets.load_diabetes(scaled=False)
    return Dataset(
        name="diabetes",
        X=raw.data,
        y=raw.target,
        columns=tuple(raw.feature_names),
        classes=(),
        origin="scikit-learn's diabetes table",
    )


def digits() -> Dataset:
    """Handwritten digits, pixels scaled to 0..1 [alpaydin1998cascading].

    1,797 digits of 8 × 8 pixels. With `FOIBLE_DATA`, MNIST [lecun1998gradient] instead:
    of its 60,000 training digits, 28 × 28, always the same 12,000, each digit in
    proportion.

    Raises
    ------
    DataMissing, DataDamaged
        `FOIBLE_DATA` is set and a file of MNIST is not there, or not the original.
    """
    if choice() == "real":
        return _mnist()
    raw = datasets.load_digits()
    return _digits(raw.images / 16, raw.target, origin="scikit-learn's digits")


def _mnist() -> Dataset:
    with TemporaryDirectory() as scratch:  # torchvision unpacks beside the originals
        _write(Path(scratch), _published("digits"))
        mnist = vision.torchvision().datasets.MNIST(scratch, download=True)
        images, labels = mnist.data.numpy(), mnist.targets.numpy()
    ours, _ = _parts(labels, MNIST_ROWS, seed=0)
    return _digits(images[ours] / 255, labels[ours], origin="MNIST")


def _digits(images: Floats, labels: npt.ArrayLike, *, origin: str) -> Dataset:
    n, height, width = images.shape
    return Dataset(
        name="digits",
        X=images.reshape(n, -1),
        y=np.asarray(labels),
        columns=_pixels(height, width),
        classes=tuple("0123456789"),
        origin=origin,
        image=(height, width),
    )


def faces() -> Dataset:
    """400 photographs of 40 people, pixels in 0..1 [samaria1994parameterisation].

    They show real people, so none is embedded. When a picture is shown, credit AT&T
    Laboratories Cambridge.

    Raises
    ------
    DataMissing
        `FOIBLE_DATA` is not set, or the faces are not there.
    DataDamaged
        The file is not the published one. It is a pickle: it was not opened.
    """
    with TemporaryDirectory() as scratch:
        _write(Path(scratch), _published("faces"))
        raw = datasets.fetch_olivetti_faces(
            data_home=f"{scratch}/olivetti", download_if_missing=False
        )
    return Dataset(
        name="faces",
        X=raw.data,
        y=raw.target,
        columns=_pixels(64, 64),
        classes=tuple(f"person {number}" for number in range(40)),
        origin="Olivetti faces",
        image=(64, 64),
    )


def _pixels(height: int, width: int, colours: Sequence[str] = ("",)) -> tuple[str, ...]:
    return tuple(
        f"pixel_{i}_{j}{colour}"
        for i in range(height)
        for j in range(width)
        for colour in colours
    )


LOADERS: dict[str, Callable[[], Dataset]] = {
    loader.__name__: loader for loader in (bank, clinic, diabetes, digits, faces, signs)
}


def load(name: str) -> Dataset:
    """The data set of this name.

    Raises
    ------
    BadInput
        There is none of this name.
    DataMissing, DataDamaged
        As its own loader raises them.
    """
    if name not in LOADERS:
        raise BadInput(f"no data set {name!r}: choose one of {', '.join(LOADERS)}.")
    return LOADERS[name]()


# --- Published files ----------------------------------------------------------------


def choice() -> Literal["embedded", "real"]:
    """Which data the loaders give: "real" where `FOIBLE_DATA` names a folder."""
    return "real" if os.environ.get("FOIBLE_DATA") else "embedded"


@dataclass(frozen=True)
class _Source:
    """Where a data set comes from, and the SHA-256 of each of its files."""

    title: str
    files: dict[str, str]
    fetch: Callable[[Path], dict[str, bytes]]


def _published(name: str) -> dict[str, bytes]:
    """The contents of the data set's files, each one verified."""
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
        _write(folder, {path: fetched[path] for path in missing})
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


def _write(folder: Path, files: dict[str, bytes]) -> None:
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
