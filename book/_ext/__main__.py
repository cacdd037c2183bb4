"""Run an extension that is a command, too: python book/_ext settings."""

import runpy
import sys

NAMES = ("execution", "findings", "settings")

if __name__ == "__main__":
    name = sys.argv.pop(1) if len(sys.argv) > 1 else ""
    if name not in NAMES:
        sys.exit(f"got {name!r}; wanted one of {', '.join(NAMES)}")
    runpy.run_module(f"foible_book.{name}", run_name="__main__", alter_sys=True)
