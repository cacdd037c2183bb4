"""What does a figure need that leaves the page? Its message, and where it comes from.

On the page both stand around the drawing, as text. Every file that a reader takes away
says them in its metadata; on request, in `-source.svg` and `-source.png`, also to the
eye: the message above, and below in grey source, version and licence.
"""

import re
import textwrap
from collections.abc import Mapping
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from foible_book.pictures import FONTS

FAMILY = "DejaVu Sans, Verdana, Helvetica, sans-serif"
EDGE, LARGE, SMALL = 8.0, 13.0, 8.0  # points
LETTER = {LARGE: 0.68, SMALL: 0.62}  # width, by the size of bold letters and of others
LINE = 1.35  # height, by the size of its letters
HEAD = re.compile(r"^.*?<svg ([^>]*)>", re.DOTALL)
SIZE = re.compile(r'\b(?:width|height)="[\d.]+pt"')
ABOUT = re.compile(r"<metadata>.*?</metadata>|(?<=>)(?=\s*<defs>)", re.DOTALL)
RDF = """<title>{Title}</title><desc>{Description}</desc>
 <metadata>
  <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:dcterms="http://purl.org/dc/terms/"
    xmlns:cc="http://creativecommons.org/ns#">
   <cc:Work>
    <dc:format>image/svg+xml</dc:format>
    <dc:type rdf:resource="http://purl.org/dc/dcmitype/StillImage"/>
    {facts}
    <cc:license rdf:resource="{License}"/>
   </cc:Work>
  </rdf:RDF>
 </metadata>"""
ELEMENTS = {
    "Title": "dc:title",
    "Author": "dc:creator",
    "Description": "dc:description",
    "Copyright": "dc:rights",
    "Source": "dc:source",
    "Version": "dcterms:hasVersion",
    "Creation Time": "dc:date",
}
BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')


def _lines(text: str, size: float, width: float) -> list[str]:
    most = int((width - 2 * EDGE) / (LETTER[size] * size))
    return textwrap.wrap(text, most, break_on_hyphens=False)


def _room(above: list[str], below: list[str]) -> tuple[float, float]:
    """Heights above and below the drawing, in points."""
    last = SMALL + LINE * SMALL * (len(below) - 1)
    return 2 * EDGE + LINE * LARGE * len(above), 2 * EDGE + last


def _feet(lines: list[str]) -> list[tuple[float, str]]:
    """Each line below the drawing, and how far above the lower edge it stands."""
    heights = (EDGE + LINE * SMALL * n for n in reversed(range(len(lines))))
    return list(zip(heights, lines, strict=True))


def described(drawing: str, said: Mapping[str, str]) -> str:
    """A drawing that says in its metadata what it is and how it may be used."""
    facts = "\n    ".join(
        f"<{element}>{_safe(said[name])}</{element}>"
        for name, element in ELEMENTS.items()
        if name in said
    )
    plain = {name: _safe(said.get(name, "")) for name in ("Title", "Description")}
    about = RDF.format(**plain, License=said["License"], facts=facts)
    return ABOUT.sub(lambda _: about, drawing, count=1)


def svg(
    drawing: str, message: str, source: str, *, paper: str, ink: str, quiet: str
) -> str:
    """A drawing with its message above it and its source below."""
    width, height = map(float, BOX.search(drawing).groups())  # type: ignore[union-attr]
    lines, feet = _lines(message, LARGE, width), _lines(source, SMALL, width)
    above, below = _room(lines, feet)
    whole = above + height + below
    inner = SIZE.sub("", HEAD.match(drawing)[1])  # type: ignore[index]
    body = drawing[HEAD.match(drawing).end() :]  # type: ignore[union-attr]
    texts = "".join(
        f'<text x="{EDGE}" y="{EDGE + LINE * LARGE * (n + 0.8):.1f}" fill="{ink}" '
        f'font-size="{LARGE}" font-weight="bold">{_safe(line)}</text>'
        for n, line in enumerate(lines)
    )
    sources = "".join(
        f'<text x="{EDGE}" y="{whole - up:.2f}" fill="{quiet}" font-size="{SMALL}">'
        f"{_safe(line)}</text>"
        for up, line in _feet(feet)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" '
        f'height="{whole:.2f}pt" viewBox="0 0 {width} {whole:.2f}" '
        f'font-family="{FAMILY}"><rect width="100%" height="100%" fill="{paper}"/>'
        f'{texts}<svg y="{above:.2f}" width="{width}" height="{height}" {inner}>'
        f"{body.rstrip()}{sources}</svg>\n"
    )


def png(
    drawing: bytes, message: str, source: str, *, points: float, ink: str, quiet: str
) -> bytes:
    """The same for a picture; `points` is the width of its drawing."""
    with Image.open(BytesIO(drawing)) as picture:
        shown = picture.convert("RGB")
    scale = shown.width / points
    lines, feet = _lines(message, LARGE, points), _lines(source, SMALL, points)
    above, below = (round(scale * room) for room in _room(lines, feet))
    whole = Image.new("RGB", (shown.width, above + shown.height + below), "white")
    whole.paste(shown, (0, above))
    pen = ImageDraw.Draw(whole)
    large = ImageFont.truetype(FONTS / "DejaVuSans-Bold.ttf", scale * LARGE)
    small = ImageFont.truetype(FONTS / "DejaVuSans.ttf", scale * SMALL)
    for number, line in enumerate(lines):
        y = scale * (EDGE + LINE * LARGE * (number + 0.8))
        pen.text((scale * EDGE, y), line, ink, large, "ls")
    for up, line in _feet(feet):
        pen.text((scale * EDGE, whole.height - scale * up), line, quiet, small, "ls")
    written = BytesIO()
    whole.save(written, "PNG")
    return written.getvalue()


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
