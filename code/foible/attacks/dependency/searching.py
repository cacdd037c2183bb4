"""Which way past a control does somebody find who can try them all at home?"""

from collections.abc import Callable, Iterable


def first_past(ways: Iterable[str], lab: Callable[[str], bool]) -> str:
    """The first of the ways, the cheapest first, that works in the attacker's lab.

    Everybody can install the tools that the victim uses, and try. Empty if none works.
    """
    return next((way for way in ways if lab(way)), "")
