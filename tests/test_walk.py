"""Is a site the same, whatever was built, edited, taken back or damaged before it?

A small book with nearly all extensions of the real one is edited at random. The site is
compared with one that was built from the same sources where nothing had been built.
`FOIBLE_STEPS` says how many edits a walk has; CI walks six.
"""

import os
import random
import shutil

import pytest
import yaml
from small_book import HEADER, ROOT, built, written
from test_figures import DRAWN

from reproduce import differences

pytestmark = pytest.mark.slow

STEPS = int(os.environ.get("FOIBLE_STEPS", "6"))
NEEDS_A_CHAPTER = ("foible_book.opening", "foible_book.slides")
MORE = """
(two-more)=
## More of two

A {term}`victim` is where {ref}`one` begins, as {numref}`fig-two-line` shows in
{eq}`eq-two-line`; {finding}`one.share` of it {cite:p}`known`.
"""
GLOSSARY = """# Glossary

```{glossary}
victim
  The model under attack.

oracle
  What answers.
```
"""
REFERENCES = """# References

```{bibliography}
:all:
```
"""
THREE = f"""{HEADER}
(three)=
# Three

See {{ref}}`two-more`, and {{term}}`oracle`.

```{{code-cell}}
from foible import base
base.HALF
```
"""
PAGES = ("index", "attacks/one", "attacks/two", "attacks/three", "glossary")
PAGES += ("references", "figures")


def larger(folder):
    """The small book with the extensions of the real one, and what they show."""
    written(folder)
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    own, given = config["sphinx"]["local_extensions"], config["sphinx"]["config"]
    for name in NEEDS_A_CHAPTER:
        del own[name]
        given["extensions"].remove(name)
    config["sphinx"]["local_extensions"] = dict.fromkeys(own, str(ROOT / "book/_ext"))
    given["html_theme_path"] = [str(ROOT / "book/_theme")]
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    listed = "".join(f"- file: book/{page}\n" for page in PAGES[1:])
    (folder / "_toc.yml").write_text(
        f"format: jb-book\nroot: book/index\nchapters:\n{listed}"
    )
    addresses = "".join(f"  - book/{page}\n" for page in PAGES)
    (folder / "book/addresses.yml").write_text(f"pages:\n{addresses}")
    shutil.copy(ROOT / "book/search.yml", folder / "book")
    shutil.copy(ROOT / "code/foible/style.mplstyle", folder / "code/foible")
    two = folder / "book/attacks/two.md"
    two.write_text(two.read_text() + MORE + DRAWN.format(name="two-line"))
    (folder / "book/attacks/three.md").write_text(THREE)
    (folder / "book/glossary.md").write_text(GLOSSARY)
    (folder / "book/references.md").write_text(REFERENCES)
    (folder / "book/figures.md").write_text("# Figures\n\n```{figure-gallery}\n```\n")
    bibliography = "@misc{known, title = {Known}, author = {A. Body}, year = {2020}}\n"
    (folder / "book/references.bib").write_text(bibliography)
    return folder


EDITS = [  # each can be made twice, and be taken back
    ("book/attacks/two.md", "# Two\n", "# Second\n"),
    ("book/attacks/two.md", "## More of two", "## Yet more"),
    ("book/attacks/two.md", "One line rises.", "A line rises."),
    ("book/attacks/two.md", "A line that rises", "A straight line that rises"),
    ("book/attacks/two.md", "beta.NUMBER", "beta.NUMBER + 1"),
    ("book/attacks/two.md", "fig-two-line", "fig-two-curve"),
    ("book/attacks/one.md", "It holds", "It nearly always holds"),
    ("book/attacks/one.md", "# One\n", "# First\n"),
    ("book/index.md", "Chapter one", "The first chapter"),
    ("book/glossary.md", "What answers.", "Who answers."),
    ("book/references.bib", "2020", "2021"),
    ("book/references.bib", "{Known}", "{Well known}"),
    ("code/foible/base.py", "0.5", "0.6"),
    ("code/foible/beta.py", "4711", "4712"),
    ("_toc.yml", "one\n- file: book/attacks/two", "two\n- file: book/attacks/one"),
]


def walk(folder, steps, seed):
    """Edit at random and build; two edits of five are taken back, with what changed.

    Before some builds what an earlier one left is damaged.
    """
    dice, said = random.Random(seed), []
    for step in range(steps):
        for left in folder.glob("_build/*/") if step else ():
            if left.name != "records" and dice.random() < 0.1:
                damage(left, dice)
        path, old, new = dice.choice(EDITS)
        text = (folder / path).read_text()
        back = new in text
        (folder / path).write_text(
            text.replace(new, old) if back else text.replace(old, new)
        )
        said.append(f"{path}: {old!r} {'taken back' if back else 'edited'}")
        yield said


def damage(folder, dice):
    """Change a byte of a file that a build left."""
    files = sorted(path for path in folder.rglob("*") if path.stat().st_size)
    path = dice.choice([path for path in files if path.is_file()])
    whole = bytearray(path.read_bytes())
    whole[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
    path.write_bytes(whole)


def cold(folder, target):
    """The site of the same sources, built where nothing had been built."""
    left_out = shutil.ignore_patterns("_build", "__pycache__")
    shutil.copytree(folder, target, ignore=left_out)
    outcome = built(target)
    assert outcome.exit == 0, outcome.said
    return target / "_build/html"


@pytest.mark.parametrize("seed", [1])
def test_after_any_edits_the_site_is_a_cold_one(tmp_path, seed):
    book = larger(tmp_path / "book")

    for said in walk(book, STEPS, seed):
        outcome = built(book)
        assert outcome.exit == 0, (said, outcome.said)

    assert differences(book / "_build/html", cold(book, tmp_path / "cold")) == {}, said


@pytest.mark.parametrize("name", ["html", "staging", "pictures", ".doctrees"])
def test_what_was_damaged_is_not_published(tmp_path, name):
    book = larger(tmp_path / "book")
    assert built(book).exit == 0
    shutil.copytree(book / "_build/html", tmp_path / "good")
    shutil.copytree(book / "_build/html", book / "_build/staging", dirs_exist_ok=True)
    for path in (book / "_build" / name).rglob("*"):
        if path.is_file():
            path.write_bytes(b"damaged")

    outcome = built(book)

    assert outcome.exit == 0, outcome.said
    assert differences(book / "_build/html", tmp_path / "good") == {}
