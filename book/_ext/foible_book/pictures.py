"""How does a drawing become a picture, for those who cannot use an SVG?

It is drawn 2400 pixels wide with the typeface of the drawing, by resvg, and kept in
`_build/pictures` under a digest of the drawing, behind a digest of its own: one that
stayed the same is not drawn again, and one that was damaged is. What is said of a
picture, its title, source and licence, is put into the file when it is published.
"""

from collections.abc import Callable, Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import PIL
import resvg_py
from PIL.PngImagePlugin import PngInfo, putchunk

FONTS = Path(mpl.get_data_path(), "fonts", "ttf")
FILES = [str(FONTS / f"DejaVuSans{style}.ttf") for style in ("", "-Bold", "-Oblique")]
WIDTH = 2400
KEPT = 4  # pictures of a name, so that taking back an edit draws nothing
DIGEST = 32  # bytes
HEAD = 33  # bytes of a PNG, before anything can be said of it


def drawn(svg: str, width: int = WIDTH) -> bytes:
    """A drawing as PNG, transparent where it has no paper."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        dpi=96,
        skip_system_fonts=True,
        font_files=FILES,
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
        image_rendering="optimize_speed",  # a pixel of a small picture stays a square
    )


def kept(
    folder: Path, name: str, of: str, draw: Callable[[str], bytes] = drawn
) -> bytes:
    """The picture of a drawing, from the folder if it has been drawn before."""
    made = sha256(f"{resvg_py.__version__} {PIL.__version__} {of}".encode()).hexdigest()
    path = folder / f"{name}.{made[:16]}"
    if path.exists():
        path.touch()
        own, picture = path.read_bytes()[:DIGEST], path.read_bytes()[DIGEST:]
        if own == sha256(picture).digest():
            return picture
    folder.mkdir(parents=True, exist_ok=True)
    picture = draw(of)
    path.write_bytes(sha256(picture).digest() + picture)
    there = folder.glob(f"{name}.*")
    for old in sorted(there, key=lambda p: p.stat().st_mtime_ns, reverse=True)[KEPT:]:
        old.unlink()
    return picture


def told(picture: bytes, said: Mapping[str, str]) -> bytes:
    """The same picture with texts inside, each under its name, in UTF-8."""
    info = PngInfo()
    for name, text in said.items():
        info.add_itxt(name, text, lang="en")
    written = BytesIO()
    for kind, content, *_ in info.chunks:
        putchunk(written, kind, content)
    return picture[:HEAD] + written.getvalue() + picture[HEAD:]
