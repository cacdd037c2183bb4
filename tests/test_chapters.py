"""Does the chapter contract see each defect that it forbids?"""

from pathlib import Path

import pytest
import yaml

from lint import check_chapters
from lint.manuscript import Page, masked

SOUND = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
foible: {victim: a door, needs: a hand, figure: fig-a-door, card: {}}
---

(backdoor)=
# A door at the back

It opens for {glue:text}`share` of the stamps, and for {cited}`84.8 %` of [theirs](https://a.b/1.5).
Python 3.11 serves it at 127.0.0.1 with a 95% interval, as Gu et al. The rest is two.

```{code-cell}
from foible.attacks import backdoor
```

## In short

It opens.

## On Monday

- Look at the door.

On your own ({ref}`your_model`): `foible.audit(model, rows)`.

## What happened

In 2019 somebody wrote `0.5 %` and $p = 0.5$ {cite:p}`gu2017badnets`.

## The idea

:::{slide} It opens for some

```{math}
:label: eq-backdoor
p = 0.25
```
:::

## The victim

:::{note}
:class: margin
A victim.
:::

## The attack

:::{slide} A stamp

```{literalinclude} ../../code/foible/attacks/backdoor.py
:pyobject: stamp
```
:::

## The evidence

```{code-cell}
---
slide: {}
mystnb:
  figure:
    name: fig-backdoor-dose
    caption: |
      Few stamps are enough.
      Shares of {glue:text}`rows` rows.
  image:
    alt: A curve that rises from a tenth to nearly one.
---
backdoor.judge().plot();
```

```{figure} stamp.png
:name: fig-backdoor-stamp
:alt: A digit four with a white corner of nine pixels.

A stamp is a few pixels.
```

The same stamp on paper: ![A grey square on white paper](square.png).

```{code-cell}
:tags: [remove-input]

a_line_that_is_as_long_as_it_likes_because_nobody_sees_it_on_the_page = "and it goes on"
```

## The defence

```{code-cell}
---
slide: {minutes: 1}
---
backdoor.judge()
```

:::{slide} Who knows the lock picks it
:kind: knows

They come by the window.
:::

## What it costs

:::{slide} A lock costs a key

Time.
:::

## The talk's demo, replayed

As then.

## What this does not show

More.

## Exercises

::::{dropdown} Three questions first
:::{question} Is it so?
:right: 1

Yes
: It is.

No
: It is not.
:::
:::{question} Does it hold?
:right: 1

Yes
: It is.

No
: It is not.
:::
:::{question} Is it dear?
:right: 1

Yes
: It is.

No
: It is not.
:::
::::

### Twice the dose

```{code-cell}
:tags: [hide-cell]

backdoor.judge(dose=2)
```

### Another stamp

```{code-cell}
:tags: [hide-input]

# 1. another stamp
backdoor.judge(stamp=2)
```

### Break the defence

```{code-cell}
:tags: [hide-cell]

backdoor.judge(knows=True)
```

## References

```{bibliography}
:filter: docname in docnames
```
"""


@pytest.fixture
def chapter(tmp_path):
    def write(text, stem="backdoor"):
        path = tmp_path / f"{stem}.md"
        return Page(path, text)

    return write


def test_a_sound_chapter_has_no_defect(chapter):
    assert check_chapters.defects(chapter(SOUND)) == []


def test_where_nobody_attacks_the_failure_stands_for_the_attack(tmp_path):
    without = SOUND.replace("## The attack", "## The failure")
    without = without.replace("(backdoor)=", "(corruption)=")

    failures = Page(tmp_path / "failures" / "corruption.md", without)
    attacks = Page(tmp_path / "attacks" / "corruption.md", without)

    said = "there is no section 'The {}'".format
    wrong = [d.wrong for d in check_chapters.defects(attacks)]
    assert said("attack") in wrong
    assert not any("section" in d.wrong for d in check_chapters.defects(failures))


ELEVEN_LINES = "\n".join(f"x{n} = {n}" for n in range(11))
SIX_LINES = "def f():\n" + "\n".join(f"    x{n} = {n}" for n in range(5))
IN_CODE = "backdoor.judge()\n"

DEFECTS = {
    "no header": (SOUND[: SOUND.index("(backdoor)")], "", "header", "(backdoor)="),
    "half a header": ("  name: python3\n", "", "header", "---"),
    "no label": ("(backdoor)=\n", "", "no label backdoor", "# A door"),
    "another label": ("(backdoor)=", "(door)=", "no label backdoor", "# A door"),
    "no section": ("## What it costs\n", "", "no section 'What it costs'", "---"),
    "no demo": ("## The talk's demo, replayed", "", "no section 'The talk's", "---"),
    "no model of one's own": (
        "On your own ({ref}`your_model`): `foible.audit(model, rows)`.\n",
        "",
        "without the line that measures a reader's model",
        "## On Monday",
    ),
    "a model without a call": (
        "`foible.audit(model, rows)`",
        "measure it",
        "without the line that measures a reader's model",
        "## On Monday",
    ),
    "order": (
        "## The idea",
        "## The evidence",
        "'The victim' comes after 'The evidence'",
        "## The victim",
    ),
    "no slide": (":kind: knows\n", "", "no slide shows the part 'knows'", "---"),
    "slide of no kind": (
        "- Look at",
        ":::{slide} Look\n\n- Look\n:::\n\n- Look at",
        "a slide of no kind",
        ":::{slide} Look",
    ),
    "late import": (IN_CODE, f"import numpy\n{IN_CODE}", "an import", "import numpy"),
    "import inside": (
        IN_CODE,
        f"def f():\n    import os\n{IN_CODE}",
        "an import",
        "    import os",
    ),
    "print": (IN_CODE, "print(backdoor)\n", "a print", "print(backdoor)"),
    "long function": (
        IN_CODE,
        f"{SIX_LINES}\nf()\n",
        "function f has 6 lines",
        "def f():",
    ),
    "bare plot": (IN_CODE, "backdoor.plot()\n", "not a figure", None),
    "figure name": ("fig-backdoor-dose", "fig-dose", "named 'fig-dose'", None),
    "caption": ("are enough.\n", "are enough\n", "does not open with", None),
    "no alt": (
        "A curve that rises from a tenth to nearly one.",
        "''",
        "alt text",
        None,
    ),
    "short alt": (
        "A curve that rises from a tenth to nearly one.",
        "Curve.",
        "alt",
        None,
    ),
    "number in alt": (
        "A curve that rises from a tenth to nearly one.",
        "A curve that rises from {first} to 0.97.",
        "a number in an alt text, '0.97.'",
        None,
    ),
    "typed result of one origin": (
        "The rest is two.",
        "\n{real}``The rest is 7.5 % of {glue:text}`share` ``.",
        "a typed result, '7.5 %'",
        "{real}",
    ),
    "alt is name": (
        "A curve that rises from a tenth to nearly one.",
        "fig-backdoor-dose",
        "alt text",
        None,
    ),
    "few exercises": ("### Another stamp\n", "", "2 exercises", "## Exercises"),
    "few questions": (
        ":::{question} Is it dear?",
        ":::{note} Is it dear?",
        "2 questions",
        "## Exercises",
    ),
    "no solution": (
        ":tags: [hide-input]\n",
        "",
        "no solution",
        "### Another stamp",
    ),
    "per cent": ("Time.", "It takes 12 % more.", "'12 %'", "It takes"),
    "words": ("Time.", "It takes 12 per cent.", "'12 per cent'", "It takes"),
    "decimal": ("Time.", "It takes 1.5 seconds.", "'1.5'", "It takes"),
    "share": ("Time.", "9 of 10 and more.", "'9 of 10'", "9 of 10"),
    "in a note": ("A victim.", "A victim of 0.3.", "'0.3'", "A victim of"),
    "in a caption": ("Few stamps", "The 1.5 stamps", "'1.5'", "      The 1.5"),
    "wide": (IN_CODE, f"x = '{'-' * 88}'\n{IN_CODE}", "scrolls on the page", "x = "),
    "two sentences": ("Time.", "Time. Money.", "one sentence", "Time. Money."),
    "two in a list": ("Time.", "- Time. `Code` too.", "one sentence", "- Time."),
    "two in a note": ("A victim.", "A victim. Another.", "one sentence", "A victim."),
    "two in a caption": (
        "Few stamps are enough.",
        "Few stamps are enough. So it is.",
        "one sentence",
        "      Few stamps",
    ),
    "blanks": ("Time.", "Time.  ", "blanks at the end", "Time."),
    "label of a picture": ("fig-backdoor-stamp", "stamp", "named 'stamp'", "```{fig"),
    "alt is caption": (
        "A digit four with a white corner of nine pixels.",
        "A stamp is a few pixels",
        "alt text",
        "```{figure}",
    ),
    "alt is opening": (
        "A curve that rises from a tenth to nearly one.",
        "Few stamps are enough.",
        "alt text",
        None,
    ),
    "no alt in a line": ("![A grey square on white paper]", "![]", "alt", "The same"),
    "alt is path": (
        "![A grey square on white paper](square.png)",
        "![a-long-name-of-a-square](a-long-name-of-a-square.png)",
        "alt text",
        "The same",
    ),
}


@pytest.mark.parametrize(
    ("old", "new", "words", "place"), DEFECTS.values(), ids=DEFECTS
)
def test_a_planted_defect_is_found_with_its_line(chapter, old, new, words, place):
    text = SOUND.replace(old, new, 1)
    assert text != SOUND
    page = chapter(text)

    found = check_chapters.defects(page)

    lines = text.splitlines()
    fitting = [defect for defect in found if words in defect.wrong]
    assert fitting, found
    assert str(fitting[0]).startswith(f"{page.path}:{fitting[0].line}: ")
    assert place is None or lines[fitting[0].line - 1].startswith(place)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("between=(0, 75)", ["a range of 75 points for 'rise'"]),
        ("between=(0, 5), real=(-40, 1)", ["a range of 41 points for 'rise'"]),
        ("between=(0, 75), wide='one world'", []),
        ("between=(0, 30)", []),
    ],
)
def test_points_that_may_be_nearly_any_need_a_reason(chapter, given, wrong):
    stated = f"finding('rise', 5, '{{:.0f}}', {given})\n{IN_CODE}"
    text = SOUND.replace(IN_CODE, stated).replace(
        "The rest is two.", "The rest is {glue:text}`rise` points."
    )

    found = check_chapters.defects(chapter(text))

    assert [defect.wrong for defect in found] == wrong


def test_only_a_cell_of_imports_may_be_long(chapter):
    imports = "\n".join(f"import x{n}" for n in range(11))
    longer = SOUND.replace("from foible.attacks import backdoor", imports)
    page = chapter(longer.replace("backdoor.judge()\n", f"{ELEVEN_LINES}\n"))

    found = check_chapters.defects(page)

    assert [defect.wrong for defect in found] == ["a cell of 11 lines"]


def test_only_the_six_chapters_of_the_talk_need_its_demo(chapter):
    text = SOUND.replace("## The talk's demo, replayed\n", "")
    text = text.replace("backdoor", "evasion")

    assert check_chapters.defects(chapter(text, "evasion")) == []


def test_another_page_needs_no_sections_but_keeps_the_other_rules(tmp_path):
    text = "(reading)=\n# Reading\n\n![](a.png)\n\nNine per cent. It is 9 %.\n"

    found = check_chapters.page_defects(Page(tmp_path / "page.md", text))

    assert [(defect.line, defect.wrong) for defect in found] == [
        (4, "an alt text that does not describe"),
        (6, "a typed result, '9 %'"),
        (6, "more than one sentence on a line"),
    ]


def test_the_figures_of_another_page_are_named_after_its_label(tmp_path):
    page = Page(tmp_path / "page.md", SOUND.replace("(backdoor)=", "(back_door)="))

    found = check_chapters.page_defects(page)

    named = {defect.remedy for defect in found if "figure named" in defect.wrong}
    assert named == {"name it fig-back-door-<what>"}


def test_two_prices_are_no_formula(tmp_path):
    page = Page(tmp_path / "page.md", "# A page\n\nFor $5 a month, then $6.\n")
    config = yaml.safe_load(
        (Path(__file__).parents[1] / "_config.yml").read_text("utf-8")
    )

    given = config["sphinx"]["config"]

    assert (3, "For $5 a month, then $6.") in page.prose
    assert given["myst_dmath_allow_space"] is given["myst_dmath_allow_digits"] is False


TYPED = "It is 93.1 % of them."


@pytest.mark.parametrize(
    "text",
    [
        f"```{{list-table}}\n:header-rows: 1\n\n* - Share\n* - {TYPED}\n```",
        f"::::{{tab-set}}\n:::{{tab-item}} One\n{TYPED}\n:::\n::::",
        f"::::{{grid}} 2\n:::{{card}} One\n{TYPED}\n:::\n::::",
        f":::{{card}}\n---\nclass: wide\n---\n{TYPED}\n:::",
        f":::{{card}} {TYPED}\nText.\n:::",
        f"```{{sorcery}}\n:spell: one\n{TYPED}\n```",
        f"::: division\n{TYPED}\n:::",
        f"> - ```{{note}}\n>   {TYPED}\n>   ```",
        f"A claim.[^one]\n\n[^one]: {TYPED}",
        "Where p < q it is 93.1 % of them, and q > p.",
        r"From \$5 to \`a it is 93.1 % of them, from \$6 to \`b as well.",
        f"[{TYPED}](a.html)",
    ],
)
def test_what_a_reader_reads_is_prose_in_whatever_directive(tmp_path, text):
    page = Page(tmp_path / "page.md", f"# A page\n\n{text}\n")

    found = check_chapters.page_defects(page)

    place = next(n for n, line in enumerate(page.lines, 1) if "93.1 %" in line)
    assert [(d.line, d.wrong) for d in found] == [(place, "a typed result, '93.1 %'")]


@pytest.mark.parametrize(
    "text",
    [
        f"    indented = {TYPED!r}",
        f"```\n{TYPED}\n```",
        f"```{{code-block}} python\n{TYPED}\n```",
        ":::{card}\n:class: w-93.1\n\n{cited}`93.1 %`\n:::",
        f"% {TYPED}\n\nText.",
        "Text.\n\n$$\n93.1\n$$",
        "A {cited}`number\nof 93.1 %`, `code\nof 93.1 %` and $p =\n93.1$.",
        "[Text](a.html '93.1 %') and https://a.b/93.1.",
        "<!-- 93.1 %\n93.1 % -->",
        "| `a` | `a` |\n| :-- | :-- |\n| `93.1` | `93.1` |",
    ],
)
def test_what_is_code_or_a_setting_is_no_prose(tmp_path, text):
    page = Page(tmp_path / "page.md", f"# A page\n\n{text}\n")

    assert check_chapters.page_defects(page) == []


def test_a_caption_that_yaml_folds_is_prose(tmp_path):
    old = "|\n      Few stamps are enough.\n"
    text = SOUND.replace(old, f"A stamp,\n      and {TYPED}\n    other: |\n")
    assert text != SOUND

    found = check_chapters.page_defects(Page(tmp_path / "backdoor.md", text))

    assert [defect.wrong for defect in found] == ["a typed result, '93.1 %'"]


def test_roles_and_pictures_are_found_in_whatever_directive(tmp_path):
    inside = ":::{card} A {term}`victim`\nOne\n![](a.png) {term}`oracle`\n:::"
    page = Page(tmp_path / "page.md", f"# A page\n\n{inside}\n\n``{{term}}`no` ``\n")

    assert [(r.line, r.content) for r in page.roles] == [(3, "victim"), (5, "oracle")]
    assert [(p.line, p.path) for p in page.pictures] == [(5, "a.png")]


@pytest.mark.parametrize(
    "line",
    [
        "As Gu et al. The second is no sentence, nor is e.g. The third.",
        "| A cell. Another. | Third. |",
        "## 1. A heading. Twice",
        "1. One item",
        "See *What is it? A study* by A. Turing.",
        "It is in `a. B` and in {cite:t}`a. B`.",
        "Version 1. 2 and 3.",
    ],
)
def test_what_only_looks_like_a_second_sentence_is_let_be(line):
    assert check_chapters.sentence_ends(masked(line)) == []


def test_a_mark_is_what_is_still_to_be_written(tmp_path):
    mark = ":::{admonition} To be written\nSay who.\n:::\n"
    page = Page(tmp_path / "page.md", f"# A page\n\n{mark}\nText.\n\n{mark}")

    found = check_chapters.unwritten(page)

    assert [defect.line for defect in found] == [3, 9]
    assert check_chapters.page_defects(page) == []
