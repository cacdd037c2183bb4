import numpy as np
import pytest

from foible import torch_files

ARRAYS = {"weights": np.arange(6.0).reshape(2, 3), "classes": np.array([0, 1])}


@pytest.mark.parametrize("weights_only", [True, False])
def test_arrays_come_back_from_a_torch_file_as_they_were(weights_only):
    found = torch_files.load(torch_files.save(ARRAYS), weights_only=weights_only)

    assert list(found) == list(ARRAYS)
    for name, array in ARRAYS.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
