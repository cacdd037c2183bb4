"""Does every page keep the rules of the book, as far as its own source can tell?

Each defect is one line: `file:line: what is wrong; what to do`. On every page:

- imports stand in the first code cell only; a cell has at most ten lines, none wider
  than 88 characters where a reader sees it, functions of at most five lines, no print;
- a cell that plots is a figure: its name is `fig-<label>-<what>`, its caption opens
  with a sentence, and its alt text says what one would see;
- one sentence a line;
- no raw HTML, nor a directive that makes some, but for links within the site;
- no typed result. A percentage, a decimal number or "N of M" in prose must come from a
  cell ({glue:text}, {finding}), or be marked as somebody else's with the role {cited}:

      Human readers agreed on {cited}`97.5 %` of the images {cite:p}`somebody2020`.

  Code, formulae, links and roles are not prose, but what stands in {embedded} and
  {real} is; versions, addresses and the 95% of an interval are no results. An alt
  text has no digits: it quotes a finding of its page as a field, `{obeyed}`.

In a chapter, besides:

- the full header of a MyST notebook, and under `foible:` what opens the page;
- the label `(<stem>)=` before the title;
- the sections of `SECTIONS`, in order, the talk's demo only where the talk had one;
  in a part without an attacker, "The attack" is called "The failure";
- where there is an attacker, as the last line of On Monday the one that measures the
  reader's own model, with a link to the page that says how it is brought;
- a slide of each kind in `SLIDES`, marked by the directive `slide` or in the header of
  a cell, `slide: {}`; see book/_ext/foible_book/marks.py;
- three to five exercises, each with a folded code cell that solves it. An exercise
  begins with a `###` heading, a numbered line, or an admonition titled "Exercise ...";
  folded means tagged `hide-cell` or `hide-input`; before them, three questions.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from foible.threat import parts
from lint.manuscript import UNSEEN, Cell, Page, Picture, masked

CHAPTERS = tuple(f"book/{part}/" for part in parts())
DEMO = "The talk's demo, replayed"
EXERCISES = "Exercises"
MONDAY = "On Monday"
OWN_MODEL = re.compile(r"\{ref\}`(?:[^`]*<)?your_model>?`.*`(?:foible|\w+\.\w+)[^`]*`")
ATTACK, FAILURE = "The attack", "The failure"
SECTIONS = (
    "In short",
    MONDAY,
    "What happened",
    "The idea",
    "The victim",
    ATTACK,
    "The evidence",
    "The defence",
    "What it costs",
    DEMO,
    "What this does not show",
    EXERCISES,
    "References",
)
SLIDES = {  # what a deck needs, and the section that a mark of it stands in
    "idea": "The idea",
    "attack": ATTACK,
    "evidence": "The evidence",
    "defence": "The defence",
    "knows": "",
    "costs": "What it costs",
}
SHOWN_IN_THE_TALK = {
    "supply_chain",
    "membership_inference",
    "backdoor",
    "rows_in_files",
    "poisoning",
    "model_stealing",
}
OPENING = {"victim", "needs", "figure", "card"}
FOLDED = {"hide-input", "hide-cell"}
CELL_LINES, FUNCTION_LINES, CELL_WIDTH, ALT_LENGTH = 10, 5, 88, 20
UNWRITTEN = "To be written"

NUMBER = r"\d[\d,]*"
TYPED_RESULT = re.compile(
    rf"{NUMBER}(\.\d+)?\s?(%|per ?cent\b)|{NUMBER}\.\d+|\b{NUMBER} (out )?of {NUMBER}"
)
CONVENTION = re.compile(
    r"95\s?% (interval|confidence)|https?:\S+"
    r"|(Python|PyTorch|NumPy|scikit-learn|CC BY|version) [\d.]+|\d+(\.\d+){2,}"
)
QUESTIONS = 3
QUESTION = re.compile(r":{3,}\{question\} ")
EXERCISE = re.compile(r"### |\d+\. |[:`]{3,}\{admonition\} Exercise")
LEAD = re.compile(r"[>\s]*(?:(?:[-*+]|\d+\.|:) +)?")
SENTENCE_END = re.compile(r"(\S*[.?!])[*_)\]”’\"']*( +)(?=[*_(\[“\"]*[A-Z])")
ABBREVIATION = re.compile(
    r"(?<!\w)(e\.g|i\.e|cf|vs|al|etc|resp|approx|Fig|Eq|No|Dr|Mr|Mrs|St|[A-Z])\.$"
)
FIELD = re.compile(r"\{\w+\}")
POINTS = re.compile(r"`(\w+)`(?: (?:to|and) \{[\w:]+\}`(\w+)`)? points?\b")
ORIGINS = ("between", "real", "published")
WIDEST = 30  # as `foible.findings` asks of a share
RAW = ("raw", "eval-rst", "role")
HTML = re.compile(r'<a href="\.\./[\w./-]+">|</a>|<!--.*?-->', re.DOTALL)
EMPHASIS = re.compile(r"(?<!\*)\*[^*]+\*(?!\*)")


@dataclass(frozen=True, order=True)
class Defect:
    """One thing that is wrong with a page."""

    path: Path
    line: int
    wrong: str
    remedy: str

    def __str__(self) -> str:
        """What an editor makes a link of, and a person understands."""
        return f"{self.path}:{self.line}: {self.wrong}; {self.remedy}"


class Found(NamedTuple):
    """A defect whose file is known from where it was found."""

    line: int
    wrong: str
    remedy: str


def defects(page: Page) -> list[Defect]:
    """All that is wrong with a chapter."""
    found = list(_header(page)) or [
        *_opening(page),
        *_label(page),
        *_sections(page),
        *_own_model(page),
        *_slides(page),
        *_exercises(page),
        *_has_code(page),
        *_of_any_page(page),
    ]
    return [Defect(page.path, *defect) for defect in sorted(found)]


def page_defects(page: Page) -> list[Defect]:
    """All that is wrong with a page, whether it is a chapter or not."""
    return [Defect(page.path, *defect) for defect in sorted(_of_any_page(page))]


def sentence_ends(line: str) -> list[tuple[int, int]]:
    """The spaces between the sentences of a line, in which all but prose is masked."""
    begin = len(LEAD.match(line)[0])  # type: ignore[index]
    if line.lstrip().startswith(("|", "#", "```", ":::", "~~~")):
        return []
    said = EMPHASIS.sub(lambda match: "X" * len(match[0]), line)
    return [
        end.span(2)
        for end in SENTENCE_END.finditer(said, begin)
        if not ABBREVIATION.search(end[1])
    ]


def unwritten(page: Page) -> list[Defect]:
    """The marks that a new chapter comes with, one for each part still to write."""
    return [
        Defect(
            page.path, mark.line, "a part is to be written", "write it; see the mark"
        )
        for mark in page.directives
        if mark.name == "admonition" and mark.argument.startswith(UNWRITTEN)
    ]


def _of_any_page(page: Page) -> Iterator[Found]:
    yield from _code(page)
    yield from _pictures(page)
    yield from _sentences(page)
    yield from _markup(page)
    yield from _typed_results(page)
    yield from _wide_points(page)


# The order of things


def _header(page: Page) -> Iterator[Found]:
    jupytext = (page.front.get("jupytext") or {}).get("text_representation") or {}
    kernel = page.front.get("kernelspec") or {}
    complete = (
        jupytext.get("extension") == ".md"
        and jupytext.get("format_name") == "myst"
        and {"name", "display_name"} <= set(kernel)
    )
    if not complete:
        yield Found(
            1,
            "the header of a notebook is missing or not complete",
            "copy jupytext and kernelspec from another chapter",
        )


def _opening(page: Page) -> Iterator[Found]:
    """What the first screen and the front page show of the chapter."""
    given = page.front.get("foible") or {}
    if missing := sorted(OPENING - set(given)):
        wrong = f"the front matter says no {', '.join(missing)} under 'foible:'"
        yield Found(1, wrong, "copy 'foible:' from another chapter, and mend it")


def _label(page: Page) -> Iterator[Found]:
    title = next((n for n, tag, _ in page.headings if tag == "h1"), None)
    if title is None:
        yield Found(1, "there is no title", "write one, as '# Title'")
    elif f"({page.stem})=" not in page.lines[:title] or page.label != page.stem:
        wrong = f"the title has no label {page.stem}"
        yield Found(title, wrong, f"put ({page.stem})= above it")


def _sections(page: Page) -> Iterator[Found]:
    sections = _wanted(page)
    found = [(title, line) for line, _, title in page.headings if title in sections]
    titles = [title for title, _ in found]
    for section in sections:
        needed = section != DEMO or page.stem in SHOWN_IN_THE_TALK
        if section not in titles and needed:
            yield Found(1, f"there is no section '{section}'", f"write '## {section}'")
    for (after, _), (title, line) in pairwise(found):
        if sections.index(title) < sections.index(after):
            yield Found(line, f"'{title}' comes after '{after}'", "change their order")


def _wanted(page: Page) -> tuple[str, ...]:
    """The sections of a chapter of this page's part."""
    part = parts().get(page.path.parent.name)
    named = {ATTACK: FAILURE} if part and not part.attacker else {}
    return tuple(named.get(section, section) for section in SECTIONS)


def _own_model(page: Page) -> Iterator[Found]:
    """On Monday ends with what a reader types about a model of their own."""
    part = parts().get(page.path.parent.name)
    start = next((n for n, _, title in page.headings if title == MONDAY), None)
    if start is None or (part and not part.attacker):
        return
    later = (n for n, tag, _ in page.headings if n > start and tag == "h2")
    lines = page.lines[start : next(later, len(page.lines) + 1) - 1]
    last = next((line for line in reversed(lines) if line), "")
    if not OWN_MODEL.search(last):
        wrong = f"'{MONDAY}' ends without the line that measures a reader's model"
        remedy = (
            "say it, as `foible.audit(...)` or another call, with {ref}`your_model`"
        )
        yield Found(start, wrong, remedy)


def _slides(page: Page) -> Iterator[Found]:
    """What the chapter's deck lacks."""
    marks = [(d.line, d.options) for d in page.directives if d.name == "slide"]
    marks += [
        (cell.fence, cell.metadata["slide"] or {})
        for cell in page.cells
        if "slide" in cell.metadata
    ]
    of_section = {section: kind for kind, section in SLIDES.items() if section}
    of_section[FAILURE] = of_section[ATTACK]
    shown = set()
    for line, given in marks:
        around = [t for n, tag, t in page.headings if n < line and tag == "h2"]
        kind = given.get("kind") or of_section.get(around[-1] if around else "")
        shown.add(kind)
        if kind is None:
            yield Found(line, "a slide of no kind", f"say one of {', '.join(SLIDES)}")
    for kind in SLIDES:
        if kind not in shown:
            wrong = f"no slide shows the part '{kind}'"
            yield Found(1, wrong, f"mark what shows it, with kind: {kind} if need be")


def _exercises(page: Page) -> Iterator[Found]:
    start = next((n for n, _, title in page.headings if title == EXERCISES), None)
    if start is None:
        return
    later = (n for n, tag, _ in page.headings if n > start and tag == "h2")
    end = next(later, len(page.lines) + 1)
    asked = sum(map(bool, map(QUESTION.match, page.lines[start:end])))
    if asked != QUESTIONS:
        wrong = f"there are {asked} questions before the exercises"
        yield Found(start, wrong, "ask three in a fold, each a {question}")
    code = {n for cell in page.cells for n in range(cell.fence, cell.end + 1)}
    begins = [
        n
        for n in range(start + 1, end)
        if n not in code and EXERCISE.match(page.lines[n - 1])
    ]
    if not 3 <= len(begins) <= 5:
        wrong = f"there are {len(begins)} exercises"
        yield Found(start, wrong, "write three to five, each with a '###' heading")
    for begin, stop in pairwise([*begins, end]):
        tags = {t for c in page.cells if begin < c.fence < stop for t in c.tags}
        if not FOLDED & tags:
            wrong = "this exercise has no solution"
            remedy = "add a code cell tagged hide-cell that solves it"
            yield Found(begin, wrong, remedy)


# The code


def _has_code(page: Page) -> Iterator[Found]:
    if not page.cells:
        yield Found(1, "there is no code cell", "show the attack by running it")


def _code(page: Page) -> Iterator[Found]:
    for cell in page.cells[1:]:
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                line = cell.line + node.lineno - 1
                yield Found(line, "an import", "move it to the first code cell")
    for cell in page.cells:
        yield from _too_long(cell)
        yield from _too_wide(cell)
        for node in ast.walk(cell.tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "print":
                line = cell.line + node.lineno - 1
                yield Found(line, "a print", "end the cell with the thing to look at")


def _too_long(cell: Cell) -> Iterator[Found]:
    lines = len([line for line in cell.source.splitlines() if line.strip()])
    only_imports = all(
        isinstance(n, ast.Import | ast.ImportFrom) for n in cell.tree.body
    )
    if lines > CELL_LINES and not only_imports:
        wrong = f"a cell of {lines} lines"
        yield Found(cell.fence, wrong, f"cut it into cells of at most {CELL_LINES}")
    for node in ast.walk(cell.tree):
        if isinstance(node, ast.FunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > FUNCTION_LINES:
                line = cell.line + node.lineno - 1
                wrong = f"the function {node.name} has {length} lines"
                remedy = f"move it to the package, or cut it to {FUNCTION_LINES}"
                yield Found(line, wrong, remedy)


def _too_wide(cell: Cell) -> Iterator[Found]:
    if cell.tags & (UNSEEN | FOLDED):
        return
    for number, line in enumerate(cell.source.splitlines(), cell.line):
        if len(line) > CELL_WIDTH:
            wrong = f"a line of {len(line)} characters scrolls on the page"
            yield Found(number, wrong, f"break it before {CELL_WIDTH}")


# The pictures


def _pictures(page: Page) -> Iterator[Found]:
    for picture in page.pictures:
        if picture.label is not None:
            yield from _figure(picture, page.label)
        if not _describes(picture):
            wrong = "an alt text that does not describe"
            yield Found(picture.line, wrong, "say what one would see")
        if typed := re.search(r"\d[\d.,]*", FIELD.sub("", picture.alt)):
            wrong = f"a number in an alt text, '{typed[0]}'"
            yield Found(picture.line, wrong, "quote a finding, as {obeyed}, or say it")
    figures = {picture.line for picture in page.pictures}
    for cell in page.cells:
        if cell.fence not in figures and any(map(_plots, ast.walk(cell.tree))):
            wrong = "a plot that is not a figure"
            yield Found(cell.fence, wrong, "give the cell mystnb: figure: and image:")


def _figure(figure: Picture, label: str) -> Iterator[Found]:
    wanted = f"fig-{label.replace('_', '-')}-"
    if not re.fullmatch(rf"{wanted}[a-z0-9-]+", figure.label or ""):
        wrong = f"a figure named '{figure.label}'"
        yield Found(figure.line, wrong, f"name it {wanted}<what>")
    opening = masked((figure.caption or "").strip().partition("\n")[0])
    if not re.match(r"[^?!]+?\.(\s|$)", opening):
        wrong = "a caption that does not open with a sentence"
        yield Found(figure.line, wrong, "begin with the message")


def _describes(picture: Picture) -> bool:
    """Whether the alt text says more than the path, the label or the caption."""
    alt, caption = picture.alt.strip(), (picture.caption or "").strip()
    opening = caption.partition("\n")[0]
    others = (picture.path, Path(picture.path).stem, picture.label, caption, opening)
    said = {str(other).casefold().rstrip(".") for other in others}
    return len(alt) >= ALT_LENGTH and alt.casefold().rstrip(".") not in said


def _plots(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"plot", "imshow", "scatter", "hist", "bar"}
    )


# The prose


def _sentences(page: Page) -> Iterator[Found]:
    for number, line in page.prose:
        if sentence_ends(line):
            wrong = "more than one sentence on a line"
            yield Found(number, wrong, "begin a line with each; 'make fix' does it")
    for number, line in enumerate(page.lines, 1):
        if line != line.rstrip():
            yield Found(number, "blanks at the end of the line", "run 'make fix'")


def _markup(page: Page) -> Iterator[Found]:
    """What would reach readers as it is, past all that makes pages."""
    remedy = "say it in MyST: a directive, a role, or a class as [words]{.name}"
    for block in page.blocks:
        for line, token in [(block.line, block.token), *block.children]:
            said = token.content.strip()
            if token.type in ("html_block", "html_inline") and not HTML.fullmatch(said):
                yield Found(line, f"raw HTML, '{said.splitlines()[0][:40]}'", remedy)
        if block.directive and block.directive.name in RAW:
            yield Found(block.line, f"the directive '{block.directive.name}'", remedy)


def _typed_results(page: Page) -> Iterator[Found]:
    for line, said in page.prose:
        for match in TYPED_RESULT.finditer(CONVENTION.sub("", said)):
            yield Found(
                line,
                f"a typed result, '{match[0]}'",
                "state a finding and quote it, or mark a number of others as {cited}",
            )


def _wide_points(page: Page) -> Iterator[Found]:
    """What the prose calls points must not be nearly anything."""
    said = {name for match in POINTS.findall(page.text) for name in match}
    for (line, name), (_, call) in zip(page.findings, page.stated, strict=True):
        given = {part.arg: part.value for part in call.keywords}
        ranges = [given[which] for which in ORIGINS if which in given]
        widest = max(map(_width, ranges), default=0)
        if name in said and widest > WIDEST + 1e-9 and "wide" not in given:
            wrong = f"a range of {widest:g} points for '{name}'"
            yield Found(line, wrong, "narrow it, or say why not, as wide='...'")


def _width(ends: ast.expr) -> float:
    """How far two ends lie apart; 0 where a cell computes them."""
    try:
        low, high = ast.literal_eval(ends)
    except ValueError:
        return 0
    return float(high - low)
