"""Does the chapter contract see each defect that it forbids?"""

import importlib.util
import sys
from pathlib import Path

import pytest

PATH = Path(__file__).parents[1] / "scripts" / "check_chapters.py"
spec = importlib.util.spec_from_file_location("check_chapters", PATH)
check_chapters = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = check_chapters
spec.loader.exec_module(check_chapters)

SOUND = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  name: python3
---

(backdoor)=
# A door at the back

It opens for {glue:text}`share` of the stamps, and for {cited}`84.8 %` of [theirs](https://a.b/1.5).

```{code-cell}
from foible.attacks import backdoor
```

## What happened

In 2019 somebody wrote `0.5 %` and $p = 0.5$ {cite:p}`gu2017badnets`.

## The idea

```{math}
:label: eq-backdoor
p = 0.25
```

## The victim

:::{note}
:class: margin
A victim.
:::

## The attack

```{literalinclude} ../../code/foible/attacks/backdoor.py
:pyobject: stamp
```

## The evidence

```{code-cell}
---
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

## The defence

```{code-cell}
backdoor.judge()
```

## What it costs

Time.

## The talk's demo, replayed

As then.

## What this does not show

More.

## Exercises

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
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_a_sound_chapter_has_no_defect(chapter):
    assert check_chapters.defects(chapter(SOUND)) == []


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
    "order": (
        "## The idea",
        "## The evidence",
        "'The victim' comes after 'The evidence'",
        "## The victim",
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
    "alt is name": (
        "A curve that rises from a tenth to nearly one.",
        "fig-backdoor-dose",
        "alt text",
        None,
    ),
    "few exercises": ("### Another stamp\n", "", "2 exercises", "## Exercises"),
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
    "in a caption": ("Few stamps", "The 1.5 stamps", "'1.5'", None),
}


@pytest.mark.parametrize(
    ("old", "new", "words", "place"), DEFECTS.values(), ids=DEFECTS
)
def test_a_planted_defect_is_found_with_its_line(chapter, old, new, words, place):
    text = SOUND.replace(old, new, 1)
    assert text != SOUND
    path = chapter(text)

    found = check_chapters.defects(path)

    lines = text.splitlines()
    fitting = [defect for defect in found if words in defect.wrong]
    assert fitting, found
    assert str(fitting[0]).startswith(f"{path}:{fitting[0].line}: ")
    assert place is None or lines[fitting[0].line - 1].startswith(place)


def test_only_a_cell_of_imports_may_be_long(chapter):
    imports = "\n".join(f"import x{n}" for n in range(11))
    longer = SOUND.replace("from foible.attacks import backdoor", imports)
    path = chapter(longer.replace("backdoor.judge()\n", f"{ELEVEN_LINES}\n"))

    found = check_chapters.defects(path)

    assert [defect.wrong for defect in found] == ["a cell of 11 lines"]


def test_only_the_six_chapters_of_the_talk_need_its_demo(chapter):
    text = SOUND.replace("## The talk's demo, replayed\n", "")
    text = text.replace("backdoor", "evasion")

    assert check_chapters.defects(chapter(text, "evasion")) == []


def test_the_command_lists_the_defects_and_fails(
    chapter, tmp_path, capsys, monkeypatch
):
    attacks = tmp_path / "book" / "attacks"
    attacks.mkdir(parents=True)
    (attacks / "backdoor.md").write_text(SOUND.replace("Time.", "It takes 12 %."))
    monkeypatch.chdir(tmp_path)

    status = check_chapters.main(tmp_path)

    first, last = capsys.readouterr().out.splitlines()
    assert status == 1
    assert first.startswith("book/attacks/backdoor.md:")
    assert last == "1 chapters, 1 defects"
