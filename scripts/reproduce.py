"""Do two builds of the book, from nothing and in two folders, make the same site?

One build runs a chapter at a time, the other several; then every file of the two sites
is compared byte by byte. What a build took is not the same twice, so the page that says
it is left out.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LEFT_OUT = {"book/build.html"}
NOT_SOURCE = shutil.ignore_patterns("_build", ".*", "__pycache__", "*.egg-info")
SHOWN, AROUND = 10, 60


def copy(root: Path, folder: Path) -> Path:
    """The sources of the book in a folder of their own, edits included."""
    return Path(shutil.copytree(root, folder, ignore=NOT_SOURCE))


def build(root: Path, **settings: str) -> str:
    """Build a copy with its own package, and give what the build said."""
    done = subprocess.run(  # noqa: S603 (our own)
        [Path(sys.executable).with_name("jupyter-book"), "build", "."],
        cwd=root,
        env=os.environ
        | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(root / "code"), "NO_COLOR": "1"}
        | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nthe copy in {root} was not built; see above")
    return done.stdout


def differences(one: Path, two: Path) -> dict[str, str]:
    """The files that differ, each with the place where that begins."""
    names = {
        path.relative_to(site).as_posix()
        for site in (one, two)
        for path in site.rglob("*")
        if path.is_file()
    }
    found = {}
    for name in sorted(names - LEFT_OUT):
        there = [site for site in (one, two) if (site / name).exists()]
        if len(there) == 1:
            found[name] = f"only in {there[0]}"
        elif (first := (one / name).read_bytes()) != (
            second := (two / name).read_bytes()
        ):
            found[name] = _beginning(first, second)
    return found


def _beginning(one: bytes, two: bytes) -> str:
    """The surroundings of the first byte that differs, in both."""
    pairs = enumerate(zip(one, two, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(one), len(two)))
    start = max(0, same - AROUND // 2)
    return "\n".join(repr(content[start : start + AROUND]) for content in (one, two))


def main(root: Path) -> int:
    """Build twice, compare, and say which files differ."""
    with tempfile.TemporaryDirectory() as folder:
        sites = []
        for name, jobs in (("one", "1"), ("two", str(max(2, os.cpu_count() or 1)))):
            book = copy(root, Path(folder, name, "book"))
            print(f"building a copy from nothing, {jobs} at a time", flush=True)
            build(book, FOIBLE_JOBS=jobs)
            sites.append(book / "_build" / "html")
        found = differences(*sites)
        files = sum(path.is_file() for path in sites[0].rglob("*"))
    for name, place in list(found.items())[:SHOWN]:
        print(f"{name} differs:\n{place}")
    print(f"{len(found)} of {files} files differ ({', '.join(LEFT_OUT)} left out)")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path.cwd()))
