"""What is a model file, and what does opening it do?

A model file is either a program or a table. A pickle is a program: its opcodes build
the model by calling functions that the file names, and reading it runs it
[sultanik2021never]. Safetensors and NumPy's own format are tables: names, shapes and
numbers. In between stand loaders that read a program and let only some calls
through: an allow list, skops, PyTorch's ``weights_only``. What it costs to open a file
only a process of its own can bound: `load_apart`.

The same forest can be written in every one of these formats, so the loaders can be
compared on one model; and any model's pickle can be read as a heap of arrays, without
running it (`contents`). What the weights of a network may carry besides the network is
in `artefacts.passengers`. This is the only module that imports `pickle`.
"""

from foible.artefacts.apart import Ended, apart
from foible.artefacts.forests import Arrays, arrays, forest
from foible.artefacts.inside import blanked, contents, opcodes, reopened
from foible.artefacts.loading import (
    ALLOWED,
    LOADERS,
    Loader,
    as_listed,
    load,
    load_apart,
)
from foible.artefacts.skops_files import REVIEWED
from foible.artefacts.writing import (
    Call,
    Format,
    append_call,
    dump,
    load_table,
    save_table,
)
