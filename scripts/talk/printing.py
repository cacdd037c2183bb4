"""How does a deck become a PDF? Chromium prints it, a slide a page."""

import shutil
import subprocess
import tempfile
from pathlib import Path

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--virtual-time-budget=10000",
)
SECONDS = 120


def pdf(page: Path, target: Path) -> str:
    """Print the page, and say what was made, or what is missing."""
    chromium = shutil.which("chromium")
    if chromium is None:
        return "no talk.pdf: that needs Chromium (on Debian: apt-get install chromium)"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        subprocess.run(  # noqa: S603 (our own)
            [
                chromium,
                *FLAGS,
                f"--user-data-dir={profile}",
                f"--print-to-pdf={target.absolute()}",
                page.absolute().as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=SECONDS,
        )
    return str(target)
