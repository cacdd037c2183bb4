"""Runs the command: `python -m foible audit`."""

import sys

from foible.checkup.command import main

sys.exit(main())
