"""Sphinx extension: one text on two origins of the data.

The book is built on the embedded data, or on the real data sets in `FOIBLE_DATA`. Most
sentences are true on both. Of what is not, both variants stand in the source, each in
the role of its origin, and a page shows the one of the data that it was built on:

    {embedded}`On these digits rounding is no defence.`
    {real}``On MNIST it holds {glue:text}`rounded_held` of the rows.``

Alternative texts quote findings of their page as fields, `{rounded_held}`.
"""

import os
import re
from typing import Any

from docutils import nodes
from myst_parser.mocking import MockInliner
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging
from sphinx.util.typing import ExtensionMetadata

ORIGINS = ("embedded", "real")
FIELD = re.compile(r"\{(\w+)\}")
log = logging.getLogger(__name__)


def look_around(app: Sphinx, config: Config) -> None:
    """Which data this build is of: a change reads every page again."""
    config.foible_origin = ORIGINS[bool(os.environ.get("FOIBLE_DATA"))]


def choose(
    origin: str, raw: str, text: str, line: int, inliner: MockInliner, *_: Any
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """The roles: parse what stands in either, so that both are checked."""
    within = nodes.inline()
    found, messages = inliner.parse(text, line, None, within)
    node = nodes.inline(raw, "", *found, origin=origin)
    return [node], messages


def fields(env: BuildEnvironment, page: str) -> dict[str, str]:
    """The texts of the findings of a page, by their short names."""
    found = vars(env).get("foible_findings", {}).get(page, {})
    return {name.partition(".")[2]: f["text"] for name, f in found.items()}


def filled(text: str, texts: dict[str, str]) -> str:
    """A text in which each known field is its finding."""
    return FIELD.sub(lambda match: texts.get(match[1], match[0]), text)


class OtherOrigins(SphinxPostTransform):
    """Take away what is said of the data that this build is not of."""

    default_priority = 1
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Look at every passage that is of one origin."""
        for node in [n for n in self.document.findall(nodes.inline) if "origin" in n]:
            if node["origin"] == self.config.foible_origin:
                node.parent.replace(node, node.children)
            else:
                node.parent.remove(node)


class Fields(SphinxPostTransform):
    """Fill the fields of alternative texts."""

    default_priority = 2
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Look at every picture of the page."""
        texts = fields(self.env, self.env.docname)
        for image in self.document.findall(nodes.image):
            if names := FIELD.findall(image.get("alt", "")):
                for name in set(names) - set(texts):
                    log.warning(
                        "the alternative text quotes {%s}, and this page states no "
                        "such finding",
                        name,
                        location=image.parent,
                    )
                image["alt"] = filled(image["alt"], texts)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Offer both roles, and fill the fields."""
    app.setup_extension("foible_book.findings")
    app.add_config_value("foible_origin", ORIGINS[0], "env", str)
    app.connect("config-inited", look_around)
    for origin in ORIGINS:
        app.add_role(origin, choose)
    app.add_post_transform(OtherOrigins)
    app.add_post_transform(Fields)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
