"""How does a formula become part of the page, without a script?

Math is translated to MathML when the book is built; every current browser draws it.
A formula that cannot be translated whole is a warning at its place in the source.
"""

import re
import unicodedata
from collections.abc import Iterator
from html import escape
from typing import cast
from xml.etree import ElementTree

from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number
from sphinx.util.typing import ExtensionMetadata
from sphinx.writers.html5 import HTML5Translator

NAMESPACE = "http://www.w3.org/1998/Math/MathML"
CHILDREN = {
    "mfrac": 2,
    "mover": 2,
    "mroot": 2,
    "msub": 2,
    "msubsup": 3,
    "msup": 2,
    "munder": 2,
    "munderover": 3,
}
BELOW = {"msub": "munder", "msubsup": "munderover"}
STYLES = {  # browsers know the letters of these alphabets, not the attribute
    "bold": ("BOLD", "BOLD"),
    "bold-italic": ("BOLD ITALIC", "BOLD"),
    "double-struck": ("DOUBLE-STRUCK", "DOUBLE-STRUCK"),
}
LIMITS = frozenset({"max", "min", "sup", "inf", "lim", "arg max", "arg min", "Pr"})
log = logging.getLogger(__name__)


class Untranslatable(ValueError):
    """A formula, or a part of it, that has no translation."""


def translated(tex: str, *, display: bool) -> str:
    """The formula as one `<math>` element that carries its TeX source along.

    Raises
    ------
    Untranslatable
        When a part of it would be lost or shown as source.
    """
    source = _tidied(tex)
    try:
        root = ElementTree.fromstring(  # noqa: S314
            convert(source, display="block" if display else "inline")
        )
    except ElementTree.ParseError:
        raise Untranslatable("an & or < outside an alignment") from None
    except Exception as error:
        raise Untranslatable(type(error).__name__) from error
    for part in root.iter():
        part.tag = part.tag.removeprefix(f"{{{NAMESPACE}}}")
    problems = list(_problems(root))
    if problems:
        raise Untranslatable("; ".join(problems))
    for part in root.iter():
        _join(part)
        _restyle(part)
        _space(part)
    return _annotated(root, tex)


def _tidied(tex: str) -> str:
    """The same formula in the words that the translator knows."""
    tex = re.sub(r"\\(begin|end)\{(?:aligned|split)\}", r"\\\1{align*}", tex.strip())
    tex = tex.replace(r"\Vert", r"\|").replace(r"\vert", "|")
    parts = [part for part in re.split(r"\n\s*\n", tex) if part.strip()]
    tex = r" \\ ".join(parts)
    if r"\\" in tex and r"\begin" not in tex:
        return rf"\begin{{align*}}{tex}\end{{align*}}"
    return tex


def _problems(root: ElementTree.Element) -> Iterator[str]:
    """What of the formula did not come through."""
    if not "".join(root.itertext()).strip():
        yield "nothing to show"
    for part in root.iter():
        text = (part.text or "").strip()
        if part.tag in CHILDREN and len(part) != CHILDREN[part.tag]:
            yield f"{part.tag} with {len(part)} of its {CHILDREN[part.tag]} parts"
        if text.startswith("\\") or (part.tag == "mi" and text in {"&", "{", "}"}):
            yield f"{text} is not known here"
        if part.tag == "mo" and not text:
            yield "an operator without a name"


def _join(part: ElementTree.Element) -> None:
    """Write upright letters side by side as one word, for the eye and for the ear."""
    for letter, before in zip(list(part)[:0:-1], list(part)[-2::-1], strict=True):
        if letter.get("mathvariant") == before.get("mathvariant") == "normal":
            before.text = (before.text or "") + (letter.text or "")
            part.remove(letter)


def _restyle(part: ElementTree.Element) -> None:
    """Write a styled letter as the letter of that alphabet."""
    style = STYLES.get(part.get("mathvariant", ""))
    if style is None or not part.text:
        return
    part.text = "".join(_letter(sign, *style) for sign in part.text)
    del part.attrib["mathvariant"]


def _space(part: ElementTree.Element) -> None:
    """Put limits below their operator, and a thin space around a named one."""
    first = part[0] if len(part) else None
    if (
        part.tag in BELOW
        and first is not None
        and " ".join((first.text or "").split()) in LIMITS
    ):
        part.tag = BELOW[part.tag]
        first.set("movablelimits", "true")
    if (
        part.tag == "mo"
        and (part.text or "")[:2].isalpha()
        and len(part.text or "") > 1
    ):
        part.set("lspace", "0.167em")
        part.set("rspace", "0.167em")


def _letter(sign: str, letters: str, digits: str) -> str:
    """The sign in a mathematical alphabet, where it is a letter or digit."""
    name = unicodedata.name(sign, "")
    plain = re.sub(r"^(?:LATIN|GREEK) | LETTER|^DIGIT", "", name).strip()
    if sign.isdigit():
        wanted = f"MATHEMATICAL {digits} DIGIT {plain}"
    else:
        wanted = f"MATHEMATICAL {letters} {plain}"
    try:
        return unicodedata.lookup(wanted)
    except KeyError:
        return sign


def _annotated(root: ElementTree.Element, tex: str) -> str:
    """The element with its source inside, so that it can be copied as TeX."""
    semantics = ElementTree.Element("semantics")
    row = ElementTree.SubElement(semantics, "mrow")
    row.extend(list(root))
    note = ElementTree.SubElement(semantics, "annotation", encoding="application/x-tex")
    note.text = " ".join(tex.split())
    root[:] = [semantics]
    root.set("xmlns", NAMESPACE)
    return ElementTree.tostring(root, encoding="unicode")


# ------------------------------------------------------------------- the pages


def visit_math(writer: HTML5Translator, node: nodes.math) -> None:
    """Write a formula in a line of text."""
    writer.body.append(_written(node, display=False))
    raise nodes.SkipNode


def visit_displaymath(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, with its number if it has a label."""
    writer.body.append(
        writer.starttag(cast("nodes.Element", node), "div", CLASS="foible-math")
    )
    scroll = '<div class="foible-math-scroll" tabindex="0" role="group"'
    writer.body.append(f'{scroll} aria-label="formula">')
    writer.body.append(_written(node, display=True))
    writer.body.append("</div>")
    if node["number"]:
        number = get_node_equation_number(writer, node)
        writer.body.append(f'<span class="eqno">({number})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append("</div>\n")
    raise nodes.SkipNode


def _written(node: nodes.Element, *, display: bool) -> str:
    """The formula, or a warning and its source."""
    tex = node.astext()
    try:
        return translated(tex, display=display)
    except Untranslatable as reason:
        log.warning(
            "got a formula that has no MathML (%s): %s; write it in other words",
            reason,
            " ".join(tex.split()),
            location=node if display else node.parent,
            type="mathml",
        )
        return f"<code>{escape(tex)}</code>"


def setup(app: Sphinx) -> ExtensionMetadata:
    """Draw math without MathJax."""
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_displaymath, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
