"""Which of the versions that we pin are known to be vulnerable?

    python scripts/advisories.py [--report report.md]        (make advisories)

Asks pip-audit, and with it the advisories that PyPI keeps, about every package of both
locks. A report begins with a title that is the same until something else is found, and
is written only if something is. A package that could not be looked up is an error: an
audit that says nothing must have looked.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

AS_LOCKED = ("--require-hashes", "--disable-pip", "--progress-spinner=off", "-fjson")
LOCKS = ("constraints.txt", "constraints-tools.txt")


def asked(lock: Path) -> list[dict[str, Any]]:
    """What pip-audit says of each package of a lock."""
    done = subprocess.run(  # noqa: S603 (our own)
        [sys.executable, "-m", "pip_audit", *AS_LOCKED, "--requirement", lock],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        dependencies: list[dict[str, Any]] = json.loads(done.stdout)["dependencies"]
    except (ValueError, KeyError):
        sys.exit(f"nothing was looked up: {done.stderr.strip().rpartition(chr(10))[2]}")
    return dependencies


def unseen(packages: list[dict[str, Any]]) -> list[str]:
    """The packages that could not be looked up."""
    return sorted({p["name"] for p in packages if "skip_reason" in p})


def report(packages: list[dict[str, Any]]) -> list[str]:
    """A title and a line of Markdown for each advisory; nothing if there is none."""
    found = {
        (p["name"], p["version"], one["id"]): ", ".join(one["fix_versions"])
        for p in packages
        for one in p.get("vulns", ())
    }
    if not found:
        return []
    names = sorted({name for name, _, _ in found})
    shown = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")
    title = f"{len(found)} advisories about what we pin: {shown}"
    lines = [
        f"- `{name}` {version}: {known}, "
        + (f"mended in {fixed}" if fixed else "not mended yet")
        for (name, version, known), fixed in sorted(found.items())
    ]
    return [title, "", *lines, "", REMEDY]


REMEDY = (
    "Pin a version that is mended: in `requirements.txt` or `pyproject.toml`, or by "
    "taking its lines out of the lock; then `make lock` and `make test`."
)


def main(root: Path, to: Path | None) -> int:
    """Print what is known, and write the report; 1 if not all could be looked up."""
    packages = [package for name in LOCKS for package in asked(root / name)]
    lines = report(packages)
    print("\n".join(lines) or f"nothing is known against {len(packages)} packages")
    if lines and to:
        to.write_text("\n".join([*lines, ""]), encoding="utf-8")
    if names := unseen(packages):
        print(f"not looked up, so nobody knows: {', '.join(names)}")
    return 1 if names else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--report", type=Path)
    sys.exit(main(Path.cwd(), parser.parse_args().report))
