"""Bind the site into one file: `python -m bind pdf`, or `epub`."""

import importlib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "book" / "_ext"))

from bind.leaves import file_name
from foible_book import pages

KINDS = ("pdf", "epub")


def main(arguments: list[str], root: Path) -> int:
    """Bind the last good site as each of these kinds of file."""
    site = root / "_build" / "html"
    if set(arguments) - set(KINDS) or not arguments:
        sys.exit(f"got {' '.join(arguments)!r}; wanted some of {', '.join(KINDS)}")
    if not (site / "book" / "index.html").exists():
        sys.exit(f"{site} holds no site; run `make book` first")
    version, _ = pages.version(root)
    for kind in arguments:
        target = root / "_build" / file_name(version, kind)
        module = importlib.import_module(f"bind.{kind}")
        module.bind(site, target, version)
        module.check(target)
        print(f"{target.relative_to(root)}: {target.stat().st_size / 1e6:.1f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], Path.cwd()))
