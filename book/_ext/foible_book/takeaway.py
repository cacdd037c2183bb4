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
LETTER, LINE = 0.68, 1.35  # width and height of a line, by the size of its letters
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


def _lines(message: str, width: float) -> list[str]:
    return textwrap.wrap(message, int((width - 2 * EDGE) / (LETTER * LARGE)))


def _room(lines: list[str]) -> tuple[float, float]:
    """Heights above and below the drawing, in points."""
    return 2 * EDGE + LINE * LARGE * len(lines), 2 * EDGE + SMALL


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
    lines = _lines(message, width)
    above, below = _room(lines)
    whole = above + height + below
    inner = SIZE.sub("", HEAD.match(drawing)[1])  # type: ignore[index]
    body = drawing[HEAD.match(drawing).end() :]  # type: ignore[union-attr]
    texts = "".join(
        f'<text x="{EDGE}" y="{EDGE + LINE * LARGE * (n + 0.8):.1f}" fill="{ink}" '
        f'font-size="{LARGE}" font-weight="bold">{_safe(line)}</text>'
        for n, line in enumerate(lines)
    )
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}pt" '
        f'height="{whole:.2f}pt" viewBox="0 0 {width} {whole:.2f}" '
        f'font-family="{FAMILY}"><rect width="100%" height="100%" fill="{paper}"/>'
        f'{texts}<svg y="{above:.2f}" width="{width}" height="{height}" {inner}>'
        f'{body.rstrip()}<text x="{EDGE}" y="{whole - EDGE:.2f}" fill="{quiet}" '
        f'font-size="{SMALL}">{_safe(source)}</text></svg>\n'
    )


def png(
    drawing: bytes, message: str, source: str, *, points: float, ink: str, quiet: str
) -> bytes:
    """The same for a picture; `points` is the width of its drawing."""
    with Image.open(BytesIO(drawing)) as picture:
        shown = picture.convert("RGB")
    scale = shown.width / points
    lines = _lines(message, points)
    above, below = (round(scale * room) for room in _room(lines))
    whole = Image.new("RGB", (shown.width, above + shown.height + below), "white")
    whole.paste(shown, (0, above))
    pen = ImageDraw.Draw(whole)
    large = ImageFont.truetype(FONTS / "DejaVuSans-Bold.ttf", scale * LARGE)
    small = ImageFont.truetype(FONTS / "DejaVuSans.ttf", scale * SMALL)
    for number, line in enumerate(lines):
        y = scale * (EDGE + LINE * LARGE * (number + 0.8))
        pen.text((scale * EDGE, y), line, ink, large, "ls")
    pen.text((scale * EDGE, whole.height - scale * EDGE), source, quiet, small, "ls")
    written = BytesIO()
    whole.save(written, "PNG")
    return written.getvalue()


def _safe(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
