"""How are figures, tables and equations numbered? Within their page, from one.

So no number moves when another chapter changes. On the page it is "Figure 4"; from
elsewhere {numref}`fig-evasion-radius` says "Evasion, figure 4", and
{eq}`eq-evasion-aim` says "(1) of Evasion".
"""

from collections.abc import Callable
from typing import Any, TypeAlias

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.typing import ExtensionMetadata

Numbers: TypeAlias = dict[str, dict[str, tuple[int, ...]]]  # by kind, by label
Assign: TypeAlias = Callable[[TocTreeCollector, BuildEnvironment], list[str]]

through_the_book: Assign = TocTreeCollector.assign_figure_numbers


def within(numbers: Numbers) -> Numbers:
    """The numbers of one page, each kind from one, in the order of the page."""
    return {
        kind: {label: (place,) for place, label in enumerate(labels, 1)}
        for kind, labels in numbers.items()
    }


def assign(collector: TocTreeCollector, env: BuildEnvironment) -> list[str]:
    """Stand in for Sphinx's numbering; name the pages whose own numbers moved."""
    before = env.toc_fignumbers
    through_the_book(collector, env)
    pages = {page: within(numbers) for page, numbers in env.toc_fignumbers.items()}
    env.toc_fignumbers = pages
    return [page for page in pages if pages[page] != before.get(page)]


def number(env: BuildEnvironment, page: str, label: str) -> int:
    """The number of a figure on its page; 0 if it has none."""
    numbered = env.toc_fignumbers.get(page, {}).get("figure", {})
    return next(iter(numbered.get(label, ())), 0)


class FromElsewhere(SphinxPostTransform):
    """Say in which chapter a figure or an equation is, on every other page."""

    default_priority = 8  # before references are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Look at every reference by number."""
        for node in list(self.document.findall(addnodes.pending_xref)):
            page = self._page(node["reftype"], node["reftarget"])
            if page in ("", self.env.docname):
                continue
            title = self.env.titles[page].astext().replace("%", "%%")
            if node["reftype"] == "numref" and not node["refexplicit"]:
                kind = self._kind(node["reftarget"])
                node[:] = [nodes.inline("", f"{title}, {kind} %s")]
                node["refexplicit"] = True
            elif node["reftype"] == "eq":
                place = node.parent.index(node) + 1
                node.parent.insert(place, nodes.Text(f" of {title}"))

    def _page(self, kind: str, target: str) -> str:
        """The page of what is referred to by its number, if it is known."""
        if kind == "eq":
            equations = self.env.domaindata["math"]["objects"]
            return str(equations.get(target, ("",))[0])
        labels = self.env.domaindata["std"]["anonlabels"]
        return str(labels.get(target, ("",))[0]) if kind == "numref" else ""

    def _kind(self, target: str) -> str:
        page, label = self.env.domaindata["std"]["anonlabels"][target]
        numbers = self.env.toc_fignumbers.get(page, {})
        return next((kind for kind in numbers if label in numbers[kind]), "figure")


def setup(app: Sphinx) -> ExtensionMetadata:
    """Number within pages."""
    TocTreeCollector.assign_figure_numbers = assign  # type: ignore[assignment, method-assign]
    app.add_post_transform(FromElsewhere)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
