"""Does `make` notice an environment that is not whole, and does it heal by itself?

A small book asks for two wheels that are made here and lie in a folder; pip looks
nowhere else.
"""

import base64
import hashlib
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import environment
import lock

ROOT = Path(__file__).parents[1]
SIZES = "# To download on Linux: 1 MB, and torch, 2 MB (CPU) or 3 MB (default, CUDA).\n"
LOCKED = (ROOT / "constraints.txt").read_text(encoding="utf-8")


def wheel(folder, name, version, files=40):
    """A wheel of empty modules, and its line in a lock."""
    path = folder / f"{name}-{version}-py3-none-any.whl"
    info = f"{name}-{version}.dist-info"
    texts = {f"{name}/m{n}.py": f"N = {n}\n" for n in range(files)}
    texts[f"{name}/__init__.py"] = f"VERSION = {version!r}\n"
    texts[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    )
    texts[f"{info}/WHEEL"] = (
        "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    rows = [f"{p},sha256={digest(t)},{len(t)}" for p, t in texts.items()]
    texts[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(path, "w") as archive:
        for name_in, text in texts.items():
            archive.writestr(name_in, text)
    return locked(path)


def digest(text):
    hashed = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(hashed).rstrip(b"=").decode()


def locked(path):
    name, version, *_ = path.name.split("-")
    return f"{name}=={version} \\\n    --hash=sha256:{sha256(path)}\n"


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def folder(tmp_path):
    """A book with a Makefile, a lock of two packages and the wheels for it."""
    book = tmp_path / "a book"
    (book / "scripts").mkdir(parents=True)
    (book / "code" / "foible").mkdir(parents=True)
    (book / "code" / "foible" / "__init__.py").touch()
    (book / "wheels").mkdir()
    shutil.copy(ROOT / "Makefile", book)
    shutil.copy(ROOT / "scripts" / "environment.py", book / "scripts")
    lines = [wheel(book / "wheels", name, "1.0") for name in ("spam", "eggs")]
    (book / "constraints.txt").write_text("".join(lines))
    return book


def started(folder, **settings):
    """`make environment`, as a process that leads a group of its own."""
    names = ("MAKEFLAGS", "MAKELEVEL", "PYTHON", "PYTHONPATH", "TORCH_INDEX")
    clean = {name: text for name, text in os.environ.items() if name not in names}
    only = {
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": "wheels",
        "PIP_CONFIG_FILE": "/dev/null",
    }
    return subprocess.Popen(
        ["make", "environment", f"PYTHON={settings.pop('PYTHON', sys.executable)}"],
        cwd=folder,
        env=clean | only | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def made(folder, **settings):
    """The exit of `make environment`, and its lines."""
    process = started(folder, **settings)
    try:
        said, _ = process.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise
    return process.returncode, said.splitlines()


def imports(folder, *names):
    """What the environment's Python says of the versions of these packages."""
    code = f"import foible, {', '.join(names)}; print({names[0]}.VERSION)"
    command = [folder / ".venv" / "bin" / "python", "-I", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.slow
def test_what_goes_missing_is_noticed_at_once_and_made_again(folder):
    assert made(folder)[0] == 0
    first = os.readlink(folder / ".venv")
    assert imports(folder, "spam", "eggs") == "1.0"
    assert made(folder) == (0, [])  # nothing to do, nothing to say

    site = next((folder / ".venv").glob("lib/python*/site-packages"))
    (site / "spam" / "m7.py").unlink()
    exit, said = made(folder)
    assert exit == 0
    assert said[0].startswith("making the environment anew: lib/python3")
    assert said[0].endswith("spam/m7.py is gone")
    assert imports(folder, "spam", "eggs") == "1.0"

    shutil.rmtree(site / "eggs-1.0.dist-info")
    assert made(folder)[0] == 0
    assert (site / "eggs-1.0.dist-info").is_dir()

    (site / "mine.py").touch()  # what the reader adds does no harm
    assert made(folder) == (0, [])

    line = wheel(folder / "wheels", "spam", "2.0")
    (folder / "constraints.txt").write_text(line)
    assert made(folder)[0] == 0
    assert imports(folder, "spam") == "2.0"
    assert not (folder / first).exists()


@pytest.mark.slow
def test_a_clone_that_moved_makes_its_scripts_anew(folder):
    assert made(folder)[0] == 0
    moved = folder.rename(folder.parent / "moved")

    assert made(moved)[0] == 0

    script = (moved / ".venv" / "bin" / "pip").read_text()
    assert str(moved) in script
    assert str(folder) not in script


@pytest.mark.slow
def test_an_old_environment_that_is_a_folder_makes_room(folder):
    (folder / ".venv" / "bin").mkdir(parents=True)

    assert made(folder)[0] == 0
    assert made(folder) == (0, [])
    assert [path.name for path in folder.glob(".venv-*")] == [
        os.readlink(folder / ".venv")
    ]


@pytest.mark.slow
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_interrupted_at_any_moment_it_heals_the_next_time(folder, how):
    draw = random.Random(how)
    for _ in range(5):
        process = started(folder)
        try:
            process.communicate(timeout=draw.uniform(0.1, 4))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, how)
            process.communicate(timeout=60)

        exit, said = made(folder)

        assert exit == 0, said
        assert imports(folder, "spam", "eggs") == "1.0"
        assert len([*folder.glob(".venv-*")]) == 1
        shutil.rmtree(folder / os.readlink(folder / ".venv"))


def test_what_an_interrupted_command_had_started_ends_with_it(monkeypatch):
    monkeypatch.setattr(environment, "QUIET", 0)
    waiting, held = os.pipe()
    orphan = f"import os, time; time.sleep(5); os.write({held}, b'!')"
    code = f"""if True:
        import subprocess, sys, time
        subprocess.Popen([sys.executable, "-c", {orphan!r}], pass_fds=[{held}])
        print("begun", flush=True)
        time.sleep(60)"""
    lines = []

    def interrupted():
        if lines:
            raise KeyboardInterrupt
        return ""

    with pytest.raises(KeyboardInterrupt):
        environment.ran([sys.executable, "-c", code], held, lines, interrupted)
    os.close(held)

    with open(waiting, "rb") as pipe:
        assert pipe.read() == b""  # an orphan would have written, and kept the lock


@pytest.mark.slow
def test_two_at_once_install_once(folder):
    one, two = started(folder), started(folder)
    said = "".join(process.communicate(timeout=120)[0] for process in (one, two))

    assert (one.returncode, two.returncode) == (0, 0)
    assert said.count("another make is installing; waiting for it") == 1
    assert said.count("the environment stands") == 1


@pytest.mark.slow
def test_a_wheel_with_another_digest_is_refused_in_one_line(folder):
    assert made(folder)[0] == 0
    wheel(folder / "wheels", "eggs", "1.0", files=3)
    (folder / "constraints.txt").write_text(
        (folder / "constraints.txt").read_text() + "\n"
    )

    exit, said = made(folder)

    assert exit == 2
    assert [line for line in said if line.startswith("no environment: ")] == [said[-2]]
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in said[-2]
    assert imports(folder, "spam", "eggs") == "1.0"  # the old one is still in use


def test_another_python_is_refused_before_anything_is_made(folder, monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 13, 1))

    assert environment.main(folder) == 1

    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("no environment: got Python 3.13.1 (")
    assert "wanted 3.11" in line
    assert "make book PYTHON=" in line
    assert list(folder.glob(".venv*")) == []


def test_a_python_that_is_not_there_is_one_clear_answer(folder):
    exit, said = made(folder, PYTHON="python-of-nobody")

    assert exit == 2
    assert said[0].startswith("python-of-nobody is not here; install Python 3.11")


# ------------------------------------------------------------------ torch


class Index:
    """A pip that installs nothing, and offers these versions of torch."""

    def __init__(self, offered):
        self.offered = offered
        self.asked = []

    def said(self, *words, **_):
        if words[0] == "index":
            return [f"torch (2.14.1)\nAvailable versions: {self.offered}\n"]
        settings = words[words.index("--no-compile") + 1 : -2]
        self.asked.append((settings, Path(words[-1]).read_text()))
        return []


@pytest.fixture
def installed(tmp_path, capsys, monkeypatch):
    """What pip is asked for in an index that offers this, and what is said before."""
    monkeypatch.setattr(sys, "platform", "linux")
    (tmp_path / "tmp").mkdir()

    def install(offered, index=None):
        monkeypatch.delenv("TORCH_INDEX", raising=False)
        if index:
            monkeypatch.setenv("TORCH_INDEX", index)
        pip = Index(offered)
        environment.install(tmp_path, LOCKED, pip)
        return pip.asked, capsys.readouterr().out

    return install


def test_the_cpu_build_is_taken_where_pip_is_offered_one(installed):
    ((settings, asked),), said = installed("2.14.1, 2.13.0+cpu, 2.13.0")

    assert settings == ()
    assert "torch==2.13.0+cpu \\\n    --hash" in asked
    assert not re.search(r"^(nvidia|cuda|triton)", asked, re.MULTILINE)
    assert "CUDA" not in said


def test_torch_alone_comes_from_another_index(installed):
    (first, second), said = installed("2.13.0+cpu", index="https://torch.invalid/cpu")

    assert first[0] == ("--index-url", "https://torch.invalid/cpu")
    assert first[1].startswith("torch==2.13.0+cpu \\\n    --hash=sha256:")
    assert first[1].count("==") == 1
    assert second[0] == ()
    assert not re.search(r"^torch==", second[1], re.MULTILINE)
    assert "MB to download" in said


def test_without_one_the_size_of_the_default_build_is_said_before(installed):
    ((_, asked),), said = installed("2.14.1, 2.13.0")

    large = re.search(r"or (\d+) MB \(default", LOCKED)[1]
    assert "torch==2.13.0 \\\n" in asked
    assert re.search(r"^nvidia-cublas==", asked, re.MULTILINE)
    assert f"of these {large} MB are torch with CUDA" in said
    assert "TORCH_INDEX" in said


def test_a_long_download_shows_how_far_it_is(tmp_path):
    pip = environment.Pip(tmp_path, held=0)
    (pip.scratch / "pip-unpack-1").mkdir()
    part = pip.scratch / "pip-unpack-1" / "torch.whl"
    part.write_bytes(b"0" * 2_000_000)

    assert pip.state(["Collecting a", "Processing b"]) == "2 packages found"
    state = pip.state(["  Downloading https://a.invalid/torch.whl (527.1 MB)\n"])
    assert state == "torch.whl: 2 of 527 MB"
    unpacking = ["Installing collected packages: a, b", "  Attempting uninstall: a"]
    assert pip.state(unpacking) == "all is downloaded; unpacking"


# ------------------------------------------------------------------ the lock


def pins(text):
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", text, re.MULTILINE))


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_holds_what_is_asked_for_and_a_digest_of_everything():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = (ROOT / "requirements.txt").read_text() + "\n".join(project["dependencies"])
    entries = [found[0] for found in environment.ENTRY.finditer(LOCKED)]
    held = pins(LOCKED)

    assert (
        len(entries)
        == len(held)
        == LOCKED.count("==") - LOCKED.count("sys_platform ==")
    )
    assert all("--hash=sha256:" in entry for entry in entries)
    wanted = {plain(name): version for name, version in pins(asked).items()}
    assert {name: held[name] for name in wanted} == wanted


def test_torch_is_locked_in_both_builds():
    torch = next(e[0] for e in environment.ENTRY.finditer(LOCKED) if e[1] == "torch")

    # PyPI has three for Python 3.11, of Linux and macOS; PyTorch's index two besides.
    assert len(lock.DIGEST.findall(torch)) == 5


def test_an_entry_names_the_digests_of_the_wheels_that_fit():
    one = {
        "url": "https://a.invalid/a-1-cp311-cp311-manylinux_2_28_x86_64.whl",
        "size": 7e6,
    }
    two = {
        "url": "https://a.invalid/a-1-cp312-cp312-manylinux_2_28_x86_64.whl",
        "size": 9e6,
    }
    wheels = [w | {"hashes": {"sha256": c * 64}} for w, c in ((one, "a"), (two, "b"))]
    package = {"name": "a", "version": "1", "wheels": wheels}
    mac = package | {"marker": "python_version < '3.12' and sys_platform == 'darwin'"}

    assert lock.entry(package) == f"a==1 \\\n    --hash=sha256:{'a' * 64}\n"
    assert lock.entry(mac).startswith("a==1 ; sys_platform == 'darwin' \\\n")
    assert lock.megabytes([package, mac]) == 7


def test_the_cpu_digests_of_before_are_kept_while_the_version_stays(monkeypatch):
    monkeypatch.delenv("TORCH_INDEX", raising=False)
    wheels = [
        {"url": "t-1-cp311-cp311-manylinux_x86_64.whl", "hashes": {"sha256": "a" * 64}}
    ]
    before = (
        f"torch==1 \\\n    --hash=sha256:{'a' * 64} \\\n    --hash=sha256:{'c' * 64}\n"
    )
    torch = {"name": "torch", "version": "1", "wheels": wheels}

    assert lock.cpu_builds(torch, before) == {"c" * 64}
    with pytest.raises(SystemExit, match="TORCH_INDEX"):
        lock.cpu_builds(torch | {"version": "2"}, before)
