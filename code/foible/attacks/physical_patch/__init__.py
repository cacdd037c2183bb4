"""How does a sticker mislead whoever looks at it, from wherever they look?

A sticker is some squares of coloured tape at a `Place` on a sign. How pictures of the
sign depend on it is an `Exposure`, which costs a photograph a view and then hardly
anything. A sticker that misleads from many views is made by climbing the mean over them
(`by_expectation`), where on the sign it works best is `searched`, and whoever trains
against stickers makes them anew at each step (`Remade`).
"""

from foible.attacks.physical_patch.climbing import by_expectation
from foible.attacks.physical_patch.exposures import Exposure, reach
from foible.attacks.physical_patch.judges import (
    Car,
    Trial,
    judge_covers,
    judge_defences,
    judge_stickers,
    judge_widths,
)
from foible.attacks.physical_patch.remaking import Remade
from foible.attacks.physical_patch.searching import Rehearsal, misled, searched
from foible.attacks.physical_patch.sights import (
    approaches,
    farther,
    through_another_camera,
)
from foible.attacks.physical_patch.stickers import Place, black, drawn, printed
