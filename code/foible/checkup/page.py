"""How does a check-up become one page that needs nothing else?"""

import base64
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import jinja2
import matplotlib.pyplot as plt
from matplotlib.axes import Axes

from foible import plots
from foible.checkup.drawing import curve, overview
from foible.checkup.plan import UNTRIED
from foible.checkup.results import Check
from foible.domains import Share
from foible.evidence.showing import bounded
from foible.threat import failure_mode

COLOURS = {
    "#d55e00": "var(--attacker)",
    "#0072b2": "var(--victim)",
    "#767676": "var(--chance)",
    "#24292f": "var(--ink)",
    "#d8dee4": "var(--line)",
    "#ffffff": "var(--paper)",
}
"""What a drawing's colours are called on a page that may be dark."""
ASIDE = re.compile(r'<metadata id="(\w+)">([^<]*)</metadata>')


def page(
    *,
    subject: str,
    facts: Mapping[str, str],
    checks: Sequence[Check],
    most: Mapping[str, Share],
    failed: Sequence[str],
    unknown: Sequence[str],
) -> str:
    """The page of a check-up, whole in itself; what is what, see `Checkup`."""
    return _template().render(
        subject=subject,
        facts=facts,
        checks=checks,
        most=most,
        failed=failed,
        unknown=unknown,
        figure=_figure(overview(checks), "all"),
        curves={one.name: _figure(curve(one), one.name) for one in checks if one.curve},
        share=_share,
        card=lambda one: one.who._repr_html_(),
        verdict=_verdict,
        untried=[(failure_mode(stem), why) for stem, why in UNTRIED.items()],
    )


@cache
def _template() -> jinja2.Template:
    text = (resources.files("foible.checkup") / "page.html").read_text("utf-8")
    made = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True
    )
    return made.from_string(text)


def _share(one: Check) -> str:
    if one.share is None:
        return "–"
    if one.interval is None:
        return f"{one.share:.1%}"
    return bounded(one.share, one.interval)


def _verdict(one: Check) -> str:
    """What a check found in a sentence, or why it did not."""
    if one.share is None:
        return f"Not measured, {one.status}: {one.reason}."
    part = f" Not whole, {one.status}: {one.reason}." if one.reason else ""
    beside = (
        "" if one.baseline is None else f", against {one.baseline:.1%}: {one.against}"
    )
    return f"{_share(one)} of {one.n:,}: {one.counts}{beside}.{part}"


# ---------------------------------------------------------------- figures


def _figure(ax: Axes, name: str) -> str:
    """A drawing for a wide page and one for a phone, in the page's own colours."""
    figure = ax.figure.figure
    drawn = plots.drawings(figure)["image/svg+xml"]
    plt.close(figure)
    phone = base64.b64decode(dict(ASIDE.findall(drawn))["phone"]).decode()
    both = ("wide", ASIDE.sub("", drawn)), ("phone", phone)
    return "".join(_inline(svg, name, kind) for kind, svg in both)


def _inline(svg: str, name: str, kind: str) -> str:
    """A drawing as part of a page: its names are its own, its colours the page's."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    own = f"{name}-{kind}-"
    svg = re.sub(r'\bid="', f'id="{own}', svg)
    svg = re.sub(r'(url\(#|href="#)', rf"\g<1>{own}", svg)
    for colour, called in COLOURS.items():
        svg = svg.replace(colour, called)
    return svg.replace("<svg", f'<svg class="{kind}" role="img" aria-label="figure"', 1)
