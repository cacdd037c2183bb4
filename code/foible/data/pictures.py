"""What do the post office, the road and the faces look like?"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import numpy.typing as npt
from sklearn import datasets

from foible import vision
from foible.arrays import Floats
from foible.data.files import choice, published, write
from foible.data.rows import Dataset, parts, settled
from foible.domains import Count, Natural, Seed
from foible.road import camera
from foible.road.signs import NAMES, artwork
from foible.road.views import draw_views

MNIST_ROWS = 6_000
SIGN_ROWS = 4_000
SIGN_SEED = 1968
_AT_ONCE = 128  # artworks that are held side by side


def signs(*, size: Count = 32) -> Dataset:
    """4,000 pictures of traffic signs that we draw: `draw_signs` with `SIGN_SEED`."""
    return draw_signs(SIGN_ROWS, seed=SIGN_SEED, size=size)


def draw_signs(rows: Natural, *, seed: Seed, size: Count = 32) -> Dataset:
    """Pictures of traffic signs, each from a view of its own, pixels in 0..1.

    Row i shows the sign of label i modulo their number, so every class has as many
    rows to within one, from view i of ``draw_views(rows, seed=seed)``.
    They are `size` pixels wide and high; the same seed gives the same bytes.
    """
    views = draw_views(rows, seed=seed)
    sheets = np.stack([artwork(name, size=2 * size) for name in NAMES])
    labels = np.arange(rows) % len(NAMES)
    pictures = np.empty((rows, size * size * 3))
    for start in range(0, rows, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        shown = sheets[labels[part]]
        photographs = camera.photograph(shown, views.take(part), size=size)
        pictures[part] = photographs.reshape(len(shown), -1)
    return Dataset(
        name="signs",
        X=settled(pictures),
        y=labels,
        columns=_pixels(size, size, ("_red", "_green", "_blue")),
        classes=NAMES,
        origin="signs that we draw",
        image=(size, size, 3),
    )


def digits() -> Dataset:
    """Handwritten digits, pixels scaled to 0..1 [alpaydin1998cascading].

    1,797 digits of 8 × 8 pixels. With `FOIBLE_DATA`, MNIST [lecun1998gradient] instead:
    of its 60,000 training digits, 28 × 28, always the same 6,000, each digit in
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
        write(Path(scratch), published("digits"))
        mnist = vision.torchvision().datasets.MNIST(scratch, download=True)
        images, labels = mnist.data.numpy(), mnist.targets.numpy()
    ours, _ = parts(labels, MNIST_ROWS, seed=0)
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
    DataMissing, DataDamaged
        `FOIBLE_DATA` is not set or the faces are not there, or the file, a pickle, is
        not the published one: it was not opened.
    """
    with TemporaryDirectory() as scratch:
        write(Path(scratch), published("faces"))
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
