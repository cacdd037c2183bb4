"""What can somebody do who only gets a package, or a line of one, installed?

A package goes from a name to an index, a version, a file, a folder on disk and at last
into a program. `offers` are what is published before it is installed, `tampering` what
is changed after. The payloads do one thing: they make an empty marker file.
"""

from foible.attacks.dependency.archives import (
    Archive,
    Project,
    marking,
    source,
    wheel,
)
from foible.attacks.dependency.judges import (
    judge_controls,
    judge_knowing,
    judge_requirements,
    judge_tampering,
    judge_wishes,
)
from foible.attacks.dependency.offers import (
    VARIATIONS,
    Seal,
    elsewhere,
    invented,
    misspelt,
    publish,
    released,
    swapped,
)
from foible.attacks.dependency.searching import first_past
from foible.attacks.dependency.tampering import (
    TAMPERINGS,
    add_package,
    add_pth,
    compile_other,
    patch,
    patch_and_record,
    patch_program,
    shadow,
)
from foible.attacks.dependency.worlds import ATTACKS, WAYS, World, drawn
