"""Runs the command: `python -m foible audit`."""

import sys

from foible.checkup._command import main

if __name__ == "__main__":
    sys.exit(main())
