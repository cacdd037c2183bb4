"""Which errors can Foible raise, and what should the reader do about each?

Exception
└── FoibleError               anything that Foible itself refuses
    ├── BadInput              rows, labels or settings that cannot be used
    ├── BudgetExceeded        an attacker asked for more answers than they may buy
    ├── DataMissing           a data set that is not where it should be
    ├── DataDamaged           a data file whose bytes are not the published ones
    ├── ArtefactRefused       a loader or a check that would not accept a model file
    ├── ServiceRefused        a prediction service that cannot be reached, or may not be
    │   └── NoAnswer          a service's answer that can be none to what was asked
    └── FindingMoved          a result outside the range that its chapter promises

Warning
├── WeakEvidence              evidence that exists but may mislead
└── ModelRemade               a kept model whose file was damaged, and is made again
"""


class FoibleError(Exception):
    """Anything that Foible itself refuses to do."""


class BadInput(FoibleError, ValueError):
    """Rows, labels or settings that cannot be used."""


class BudgetExceeded(FoibleError):
    """An attacker asked for more answers than they may buy."""


class DataMissing(FoibleError, FileNotFoundError):
    """A data set that is not where it should be."""


class DataDamaged(FoibleError):
    """A data file whose bytes are not the published ones."""


class ArtefactRefused(FoibleError):
    """A loader or a check would not accept a model file."""


class ServiceRefused(FoibleError, ConnectionError):
    """A prediction service that cannot be reached, or may not be."""


class NoAnswer(ServiceRefused):
    """A service's answer that can be none to what was asked."""


class FindingMoved(FoibleError, AssertionError):
    """A result outside the range that its chapter promises."""


class WeakEvidence(UserWarning):
    """Evidence that exists but may mislead."""


class ModelRemade(UserWarning):
    """A kept model whose file was damaged, and that is made again."""
