import subprocess
import sys


def run(program):
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )


def test_torchvision_can_be_imported_and_used():
    done = run(
        "import torch\n"
        "from foible import vision\n"
        "module = vision.torchvision()\n"
        "from torchvision.transforms import v2\n"
        "picture = torch.arange(12.0).reshape(1, 3, 4)\n"
        "print(module.datasets.MNIST.__name__, v2.functional.hflip(picture)[0, 0])\n"
        "print(vision.torchvision() is module)\n"
    )

    assert done.stdout == "MNIST tensor([3., 2., 1., 0.])\nTrue\n", done.stderr


def test_where_the_operators_do_not_load_they_are_declared():
    done = run(
        "import torch\n"
        "from foible import vision\n"
        "def fails(path):\n"
        "    raise OSError('libcudart.so: cannot open shared object file')\n"
        "torch.ops.load_library = fails\n"
        "print(hasattr(torch.ops.torchvision, 'nms'))\n"
        "vision.torchvision()\n"
        "print(hasattr(torch.ops.torchvision, 'nms'))\n"
        "print(vision._declared.cache_info().currsize)\n"
    )

    assert done.stdout == "False\nTrue\n1\n", done.stderr


def test_where_torchvision_imports_by_itself_nothing_is_declared():
    done = run(
        "import torch\n"
        "own = torch.library.Library('torchvision', 'DEF')\n"
        "for name in ('nms', 'qnms'):\n"
        "    own.define(name + '(Tensor a, Tensor b, float iou_threshold) -> Tensor')\n"
        "def fails(path):\n"
        "    raise OSError('the operators are there already')\n"
        "torch.ops.load_library = fails\n"
        "from foible import vision\n"
        "print(vision.torchvision().__name__)\n"
        "print(vision._declared.cache_info().currsize)\n"
    )

    assert done.stdout == "torchvision\n0\n", done.stderr


def test_importing_the_module_does_not_import_torch():
    done = run(
        "import sys\nfrom foible import data, vision\n"
        "print(sorted({'torch', 'torchvision'} & set(sys.modules)))\n"
    )

    assert done.stdout == "[]\n", done.stderr
