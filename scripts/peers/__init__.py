"""How do our attacks and defences do beside other people's, on the same victims?

Every line is one task: the same victim, the same rows, the same budget, and a number
that both reach, with the seconds that it took each. `make peers` installs the peers
into an environment of their own; no page of the book needs them.

    make peers                              every family that the package has
    make peers FAMILIES=evasion             this one only

The tables go to the terminal, and between the marks in the README.md beside this.
Known traps of the peers that would make them look worse than they are are gone round,
and named where that is done; times are those of the attack, without imports.
"""
