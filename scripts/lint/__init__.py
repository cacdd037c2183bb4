"""Does the book keep its rules: each page, all pages together, the built site?"""

import sys
from pathlib import Path

# Pages are read as the build reads them.
sys.path.append(str(Path(__file__).parents[2] / "book/_ext"))
