import io

import numpy as np
import pytest
import torch

from foible import torch_files
from foible.errors import ArtefactRefused

ONE = torch.ones(1)
ARRAYS = {"weights": np.arange(6.0).reshape(2, 3), "classes": np.array([0, 1])}


@pytest.mark.parametrize("weights_only", [True, False])
def test_arrays_come_back_from_a_torch_file_as_they_were(weights_only):
    found = torch_files.load(torch_files.save(ARRAYS), weights_only=weights_only)

    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype


@pytest.mark.parametrize(
    "tensor",
    [
        torch.ones(1).expand(10**9),
        torch.eye(3).to_sparse(),
        torch.nn.Parameter(torch.ones(1)),
    ],
    ids=["one number, many times", "sparse", "a parameter"],
)
def test_a_tensor_that_is_no_plain_array_is_refused(tensor):
    file = io.BytesIO()
    torch.save({"weights": tensor}, file)

    with pytest.raises(ArtefactRefused, match="no plain tensor"):
        torch_files.load(file.getvalue(), weights_only=True)
