"""The same noise, blur and loss of contrast, by us and by imagecorruptions.

Its strengths are a table; ours are a number, so that each of its has one of ours. It
takes a picture at a time, of 0 to 255; it is given the floats, and not its `corrupt`,
which rounds them and refuses pictures below 32 pixels. Where it draws, it does so from
the generator of the whole process, and gets ours instead. At the border its blur
repeats the last pixel and ours mirrors: it gets pictures with a mirrored margin, which
is cut off again, and its time is that without. Of contrast it takes a mean for each
colour, and ours one for all; its impulses fall on each colour, and ours on pixels. So
these two are compared on grey digits.
"""

from collections.abc import Callable, Iterator
from functools import partial
from importlib import import_module
from typing import Any
from unittest import mock

import numpy as np

from foible import cast, data
from foible.arrays import Floats
from foible.data import Dataset
from foible.failures.corruption import corrupted
from foible.models import Model
from peers.table import Row, timed

ROUNDS = 3
NOISE = (0.08, 0.12, 0.18, 0.26, 0.38)  # its deviations, by severity
BLUR = (1, 2, 3, 4)  # its deviations in pixels; ours ends below its fifth
CONTRAST = (0.4, 0.3, 0.2)  # its shares that are left; ours ends below its fourth
IMPULSES = (0.03, 0.06, 0.09, 0.17)  # its shares of values
Peer = Callable[[Floats, int], Floats]
"""Takes a picture (h, w, c) of 0 to 255 and a severity from 1."""


def compared() -> Iterator[Row]:
    """The lines of this family: signs in colour, and grey digits."""
    road, post = cast.road(), cast.post_office()
    eye, reader = (role.victim(seed=0).model for role in (road, post))
    signs, digits = road.judged.take(slice(300)), data.digits().take(slice(1000))
    theirs = import_module("imagecorruptions.corruptions")
    width = (signs.image or ())[1]
    for at, deviation in enumerate(NOISE, 1):
        name = f"noise of deviation {deviation}"
        task = (eye, signs, "signs", name, ("noise", deviation / 0.1))
        yield _line(*task, at, lambda X, s: _noisy(theirs, X, s))
    for at, pixels in enumerate(BLUR, 1):
        name = f"a blur of deviation {pixels}"
        task = (eye, signs, "signs", name, ("blur", pixels / width / 0.03))
        row = _line(*task, at, lambda X, s: _blurred(theirs, X, s))
        pictures = _pictures(signs)  # its time is that without the margin
        _, seconds = timed(
            partial(_each, theirs.gaussian_blur, pictures, at), rounds=ROUNDS
        )
        yield row._replace(their_seconds=seconds)
    for at, left in enumerate(CONTRAST, 1):
        name = f"{left:.0%} of the contrast left"
        task = (reader, digits, "digits", name, ("dusk", (1 - left) / 0.17))
        yield _line(*task, at, lambda X, s: _each(theirs.contrast, X, s))
    for at, share in enumerate(IMPULSES, 1):
        name = f"{share:.0%} of the pixels black or white"
        task = (reader, digits, "digits", name, ("specks", share / 0.05))
        yield _line(*task, at, lambda X, s: _struck(theirs, X, s), same=False)


def _line(
    model: Model,
    rows: Dataset,
    what: str,
    name: str,
    dose: tuple[str, float],
    severity: int,
    peer: Peer,
    *,
    same: bool = True,
) -> Row:
    """Both change the same rows; where the draws are not the same, up to chance."""
    pictures = _pictures(rows)
    ours, seconds = timed(lambda: corrupted(rows, [dose], seed=0).X, rounds=ROUNDS)
    given, their_seconds = timed(lambda: peer(pictures, severity), rounds=ROUNDS)
    theirs = np.reshape(given, ours.shape)
    right = [float(np.mean(model.predict(X) == rows.y)) for X in (ours, theirs)]
    return Row(
        f"{name}, {len(rows):,} {what}",
        "read rightly after it" + (", and the same rows" if same else ""),
        right[0],
        seconds,
        f"imagecorruptions, severity {severity}",
        right[1],
        their_seconds,
        "equal",
        0.0 if same else 0.025,
        float(abs(ours - theirs).max()) if same else 0.0,
    )


def _pictures(rows: Dataset) -> Floats:
    return rows.X.reshape(len(rows), *(*(rows.image or ()), 1)[:3])


def _each(change: Callable[..., Any], pictures: Floats, severity: int) -> Floats:
    """One picture after the other, as it takes them."""
    return np.stack([change(255 * one, severity) for one in pictures]) / 255


def _noisy(theirs: Any, pictures: Floats, severity: int) -> Floats:
    rng = np.random.default_rng(0)

    def normal(*, size: tuple[int, ...], scale: float) -> Floats:
        return scale * rng.standard_normal(size)

    with mock.patch.object(np.random, "normal", normal):
        return _each(theirs.gaussian_noise, pictures, severity)


def _blurred(theirs: Any, pictures: Floats, severity: int) -> Floats:
    margin = 4 * BLUR[severity - 1]  # beyond it no pixel counts
    sides = [(0, 0), (margin, margin), (margin, margin), (0, 0)]
    wide = np.pad(pictures, sides, mode="symmetric")
    blurred = _each(theirs.gaussian_blur, wide, severity)
    return blurred[:, margin:-margin, margin:-margin]


def _struck(theirs: Any, pictures: Floats, severity: int) -> Floats:
    found = [
        theirs.impulse_noise(255 * one, severity, seed=place) / 255
        for place, one in enumerate(pictures)
    ]
    return np.stack(found)
