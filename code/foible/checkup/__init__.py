"""What do the book's attacks find in a model of one's own?

`audit` tries those that fit the model and the rows it is given, within a time and a
number of questions, and gives a `Checkup`: what was tried of each, how strongly,
against which baseline, and what it does not show. `opened` is how the command line
comes by a model: no file is opened that could run something.
"""

from foible.checkup.opening import opened
from foible.checkup.results import Check
from foible.checkup.running import audit
from foible.checkup.subject import Subject
from foible.checkup.watching import OutOfTime, Watch
from foible.checkup.whole import Checkup

__all__ = ["Check", "Checkup", "OutOfTime", "Subject", "Watch", "audit", "opened"]
