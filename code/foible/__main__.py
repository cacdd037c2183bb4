"""Runs the command: `python -m foible audit`."""

import sys

from foible.checkup._command import main

sys.exit(main())
