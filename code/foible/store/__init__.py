"""How are models kept that took long to make, and found when they are wanted again?

A file a model, named after all that decides what the model is: the recipe, the seed,
the rows, and the versions of the libraries. So a thousand shadows after 64 are 936 to
make, and a run that was killed goes on where it stood. A file is numbers and nothing
else, in NumPy's own format, and of an estimator what skops writes: opening it runs no
program, as opening a pickle would.
"""

from foible.store.fingerprints import fingerprint
from foible.store.keeping import Finished, Kept, kept
