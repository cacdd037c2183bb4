"""Which version of everything does the book install, and what are its digests?

    python scripts/lock.py        (make lock, which brings uv along)

Resolves `requirements.txt` and what the package asks for, for Python 3.11 on Linux and
macOS, and writes `constraints.txt`: each package in one version, with the SHA-256 of
every wheel that fits. A version that is there already stays unless something asks for
another; to renew one, take its lines out first. `requirements-tools.txt` is locked in
the same way.

torch has two builds of one version. The default index has the one with CUDA; where
`TORCH_INDEX` names an index of CPU builds their digests are written besides, else those
of before are kept.
"""

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Lock = list[dict[str, Any]]  # the packages of a pylock.toml [pep751]

PROJECT = """[project]
name = "book"
version = "0"
requires-python = "==3.11.*"
[tool.uv]
fork-strategy = "fewest"
environments = [
    "sys_platform == 'linux' and python_full_version < '3.12'",
    "sys_platform == 'darwin' and python_full_version < '3.12'",
]
"""
UNIVERSAL = ("--python=3.11", "--universal", "--only-binary=:all:", "--quiet")
FITS = re.compile(r"-(py3|py2\.py3|cp311|cp3\d+-abi3)[\w.]*-")
SYSTEMS = ("linux", "darwin")
ANYWHERE = re.compile(r"any|manylinux|macosx")
ON_LINUX = re.compile(r"any\.whl|manylinux\w+x86_64")
CUDA = re.compile(r"nvidia-|cuda-|triton$")
DIGEST = re.compile(r"--hash=sha256:([0-9a-f]{64})")
HEAD = """# Every package of the book in one version, with the SHA-256 of its wheels for
# Python 3.11: written by `make lock`, installed by scripts/environment.py.
"""
SIZES = (
    "# To download on Linux: {} MB, and torch, {} MB (CPU) or {} MB (default, CUDA).\n"
)
SIZED = re.compile(re.escape(SIZES.strip()).replace(r"\{\}", r"(\d+)"))
TORCH = "\n# torch: its default build, which is on PyPI, and its CPU build\n"
BESIDES = "\n# What the default build of torch brings along on Linux\n"


def resolved(named: list[str], *settings: str, before: Path | None = None) -> Lock:
    """What these files ask for, with what that needs in turn."""
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory() as scratch:
        written, pylock = Path(scratch, "pins.txt"), Path(scratch, "pylock.toml")
        Path(scratch, "pyproject.toml").write_text(PROJECT, encoding="utf-8")
        if before:  # uv prefers what it finds where it is to write
            written.write_text(before.read_text(encoding="utf-8"), encoding="utf-8")
        for asked, out in ((named, written), ([str(written)], pylock)):
            done = subprocess.run(  # noqa: S603 (our own)
                [uv, "pip", "compile", *asked, *UNIVERSAL, *settings, "-o", out],
                cwd=scratch,
                env=os.environ | {"UV_PYTHON_DOWNLOADS": "never"},
                stdout=subprocess.DEVNULL,
                check=False,
            )
            if done.returncode:
                sys.exit("nothing was locked: see above")
        packages: Lock = tomllib.loads(pylock.read_text("utf-8"))["packages"]
    return packages


def entry(package: dict[str, Any], besides: Iterable[str] = ()) -> str:
    """A package as pip reads it: version, where it is wanted, and digests."""
    system = _only_on(package)
    marker = f" ; sys_platform == '{system}'" if system else ""
    digests = {wheel["hashes"]["sha256"] for wheel in _wheels(package)} | {*besides}
    lines = [f"{package['name']}=={package['version']}{marker}"]
    lines += [f"    --hash=sha256:{digest}" for digest in sorted(digests)]
    return " \\\n".join(lines) + "\n"


def megabytes(packages: Lock) -> int:
    """How much pip downloads of these on Linux, in millions of bytes."""
    linux = (
        [wheel["size"] for wheel in _wheels(p) if ON_LINUX.search(wheel["url"])][:1]
        for p in packages
        if _only_on(p) != "darwin"
    )
    return round(sum(map(sum, linux)) / 1e6)


def _only_on(package: dict[str, Any]) -> str:
    """The one system that a package is for, or ""."""
    named = [name for name in SYSTEMS if name in package.get("marker", "")]
    return named[0] if len(named) == 1 else ""


def _wheels(package: dict[str, Any]) -> Lock:
    """The wheels that a CPython 3.11 can use somewhere."""
    return [
        wheel
        for wheel in package["wheels"]
        if FITS.search(name := wheel["url"].rpartition("/")[2])
        and ANYWHERE.search(name)
    ]


def cpu_builds(torch: dict[str, Any], before: str) -> set[str]:
    """The digests of the CPU builds: from their index, else those that we know."""
    version, index = torch["version"], os.environ.get("TORCH_INDEX")
    if index:
        with tempfile.NamedTemporaryFile("w", suffix=".in") as asked:
            asked.write(f"torch=={version}+cpu ; sys_platform == 'linux'\n")
            asked.flush()
            found = resolved([asked.name], "--no-deps", "--index-url", index)
        return {wheel["hashes"]["sha256"] for wheel in _wheels(found[0])}
    kept = re.search(
        rf"^torch=={re.escape(version)} .*?\n(?=\S|\Z)", before, re.M | re.S
    )
    digests = set(DIGEST.findall(kept[0])) if kept else set()
    if besides := digests - {wheel["hashes"]["sha256"] for wheel in _wheels(torch)}:
        return besides
    sys.exit(
        f"got no digests of the CPU builds of torch {version}; say TORCH_INDEX=<url>"
    )


def main(root: Path) -> None:
    """Write both files, and say what they hold."""
    path = root / "constraints.txt"
    before = path.read_text(encoding="utf-8")
    wanted = [str(root / "pyproject.toml"), str(root / "requirements.txt")]
    packages = resolved(wanted, before=path)
    (torch,) = (p for p in packages if p["name"] == "torch")
    besides = [p for p in packages if CUDA.match(p["name"])]
    others = [p for p in packages if p not in (torch, *besides)]
    known = SIZED.search(before)
    sizes = megabytes(others), known[2] if known else 0, megabytes([torch, *besides])
    parts = [HEAD, SIZES.format(*sizes), "\n", *map(entry, others), TORCH]
    parts += [entry(torch, cpu_builds(torch, before)), BESIDES, *map(entry, besides)]
    path.write_text("".join(parts), encoding="utf-8")
    tools = root / "constraints-tools.txt"
    locked = resolved([str(root / "requirements-tools.txt")], before=tools)
    tools.write_text(HEAD + "\n" + "".join(map(entry, locked)), encoding="utf-8")
    print(f"locked {len(packages)} packages, and {len(locked)} of the tools")


if __name__ == "__main__":
    main(Path.cwd())
