"""A kernel that stays as it was before each cell, so that an edit runs only the rest.

Before each cell the process forks: the old one stays as it is and waits, the new one
goes on. Who wants to run other cells from there asks the one that waits, which forks
again. A fork has all of a process's memory, so it goes on as a cold run would; what it
does not have, or shares with the others, is looked after here:

- the temporary folder, which is the chapter's own, is copied, and put back
- `random`, which a fork gives another state, gets its own again
- nothing is kept while a cell's thread or child runs, or while a file, a socket or
  shared memory is open, or a timer is set: the next cells run from an earlier state
- nothing is kept any more of a chapter that writes outside its temporary folder. (What
  a program that it starts writes is seen in the chapter's own folder alone.)

It is Jupyter's own kernel, but that it listens to no port and has no thread: it gets
the cells through a pipe, and gives back the messages that Jupyter's would send.
"""

import asyncio
import contextvars
import fcntl
import json
import math
import os
import random
import shutil
import signal
import stat
import sys
import traceback
from contextlib import suppress
from multiprocessing.connection import Connection, Listener
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream
from ipykernel.kernelapp import IPKernelApp
from jupyter_client.session import Session

MOST = 50_000_000  # bytes of files that are copied before a cell
TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF)
OF_FILES = {"os.chmod", "os.chown", "os.utime"}  # even of those that links lead to
OF_NAMES = {
    f"os.{act}" for act in ["link", "mkdir", "remove", "rename", "rmdir", "symlink"]
}
STARTS = {"os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


# ------------------------------------------------------- a kernel without a thread


class Messages(Session):
    """Keeps what the kernel would send, as it would send it."""

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.sent: list[bytes] = []

    def send(self, stream: Any, msg_or_type: Any, *given: Any, **named: Any) -> Any:
        """Keep a message; where it goes does not count."""
        for elsewhere in ("ident", "buffers", "track"):
            named.pop(elsewhere, None)
        message = msg_or_type
        if not isinstance(message, dict):
            message = self.msg(msg_or_type, *given, **named)
        self.sent.append(self.pack(message))
        return message


class AtOnce(IOPubThread):
    """Does at once what another thread would do."""

    thread = None  # type: ignore[assignment]

    def __init__(self) -> None:
        self.io_loop = self  # type: ignore[assignment]

    def schedule(self, do: Any) -> None:
        """Do it."""
        do()

    def call_later(self, *_: Any) -> None:
        """Leave it: what is printed is sent before the next output, or at the end."""


class Stream(OutStream):
    """What cells print, with what their children print into the same file."""

    def __init__(self, session: Session, thread: Any, name: str, **_: Any) -> None:
        super().__init__(session, thread, name, watchfd=False)  # type: ignore[no-untyped-call]
        self.number = {"stdout": 1, "stderr": 2}[name]
        self._original_stdstream_copy = os.dup(self.number)  # as a file's number
        self.begin()

    def begin(self) -> None:
        """Get a file of its own, which no other process writes into."""
        self._master_pid = os.getpid()
        self.seen = 0
        file = os.memfd_create(self.name)
        os.dup2(file, self.number)
        os.close(file)

    def write(self, string: str) -> int | None:  # type: ignore[override]
        """Print, after what has been printed; a child writes into the file."""
        if os.getpid() != self._master_pid:
            return os.write(self.number, string.encode())
        self._read()
        return super().write(string)

    def flush(self) -> None:
        """Send what has been printed."""
        if os.getpid() == self._master_pid:
            self._read()
            super().flush()  # type: ignore[no-untyped-call]

    def _read(self) -> None:
        there = os.fstat(self.number).st_size
        if there > self.seen:
            text = os.pread(self.number, there - self.seen, self.seen)
            self.seen = there
            super().write(text.decode(errors="replace"))


class App(IPKernelApp):
    """Jupyter's kernel as it is set up, but for its ports."""

    def _session_default(self) -> Session:
        return Messages(parent=self)

    def _nothing(self) -> None:
        pass

    init_connection_file = init_sockets = init_heartbeat = _nothing
    init_poller = log_connection_info = _nothing

    def write_connection_file(self, **_: Any) -> None:
        """None: nobody connects."""

    def init_io(self) -> None:
        """Streams that send at once."""
        self.iopub_thread = AtOnce()
        self.outstream_class = f"{__name__}.{Stream.__name__}"
        super().init_io()  # type: ignore[no-untyped-call]
        self.streams = sys.stdout, sys.stderr  # whatever a cell puts in their places

    def init_kernel(self) -> None:
        """The kernel, without streams to listen to."""
        self.kernel = self.kernel_class.instance(  # type: ignore[attr-defined]
            parent=self,
            session=self.session,
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
            shell_channel_thread=SimpleNamespace(parent_thread=None),
        )
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


# ---------------------------------------------------------------- what can be kept


class Watch:
    """What a fork would not have, or would share."""

    def __init__(self, kept: Path, own: set[int]) -> None:
        self.kept = kept
        self.temporary = Path(os.environ["TMPDIR"])
        self.elsewhere = kept / "elsewhere"
        self.own = own
        self.runs = False  # does a cell?
        self.started = False
        self.beside = self._beside()
        home = os.environ["MPLCONFIGDIR"]
        self.ours = tuple(f"{os.path.realpath(folder)}/" for folder in (kept, home))
        self.ours += ("/dev/", "/proc/", "/memfd:")
        sys.addaudithook(self.hear)

    def hear(self, event: str, given: tuple[Any, ...]) -> None:
        """Hear of what a cell does to files, before it does."""
        if not self.runs:
            return
        if event in STARTS:
            self.started = True
        elif event == "os.truncate" or (event == "open" and given[2] & WRITING):
            self.changes(given[:1])
        elif given[-1:] != (-1,):  # in a folder that is open, as by rmtree
            return
        elif event in OF_FILES:
            self.changes(given)
        elif event in OF_NAMES:
            names = given[event == "os.symlink" :]  # what a link says is no place
            self.changes(names, followed=False)

    def changes(self, names: tuple[Any, ...], followed: bool = True) -> None:
        """Forget what was kept when a name leads outside the temporary folder."""
        for name in names:
            if isinstance(name, str | bytes | os.PathLike):
                folder, last = os.path.split(os.path.abspath(os.fsdecode(name)))
                place = os.path.join(os.path.realpath(folder), last)
                if followed:
                    place = os.path.realpath(place)
                if not f"{place}/".startswith(self.ours) and "__pycache__" not in place:
                    self.forget()

    def forget(self) -> None:
        """Leave no state of this chapter: a cell has changed what it did not keep."""
        if self.elsewhere.exists():
            return
        os.close(os.open(self.elsewhere, os.O_CREAT | os.O_WRONLY))
        for path in self.kept.glob("*-*-*"):
            with suppress(ProcessLookupError, ValueError):
                pid = int(path.name.rpartition("-")[2])
                os.kill(pid, signal.SIGKILL)

    def before(self) -> None:
        """A cell is about to run."""
        self.runs = True
        self.started = False
        self.beside = self._beside()

    def after(self) -> None:
        """A cell has run; what it started may have written beside the chapter."""
        self.runs = False
        if self.started and self.beside != self._beside():
            self.forget()

    def allows(self, conn: Connection) -> bool:
        """Whether a fork would go on as this process would."""
        task = Path("/proc/self/task")
        own = self.own | {conn.fileno()}
        return not (
            len(os.listdir(task)) > 1
            or (task / str(os.getpid()) / "children").read_text()
            or not all(map(_of_environment, _open() - own))
            or any(map(_shared, Path("/proc/self/maps").read_text().splitlines()))
            or any(any(signal.getitimer(timer)) for timer in TIMERS)
            or self.elsewhere.exists()
            or sum(map(_size, self.temporary.rglob("*"))) > MOST
        )

    @staticmethod
    def _beside() -> list[tuple[str, int]]:
        with os.scandir() as found:
            return sorted((it.name, it.stat().st_mtime_ns) for it in found)


def _open() -> set[int]:
    """The numbers of the open files."""
    found = set()
    for name in os.listdir("/proc/self/fd"):
        with suppress(OSError):  # the one that this list was read from
            os.fstat(int(name))
            found.add(int(name))
    return found


def _of_environment(number: int) -> bool:
    """Whether a file is only read and never edited, as a font that matplotlib holds."""
    reads = fcntl.fcntl(number, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY
    place = os.readlink(f"/proc/self/fd/{number}")
    return reads and place.startswith(f"{os.path.realpath(sys.prefix)}{os.sep}")


def _size(path: Path) -> float:
    """The bytes of a file; what is none cannot be copied."""
    found = path.lstat()
    kinds = stat.S_ISREG, stat.S_ISDIR, stat.S_ISLNK
    return found.st_size if any(kind(found.st_mode) for kind in kinds) else math.inf


def _shared(mapping: str) -> bool:
    """Whether memory is written by several, as in a line of /proc/self/maps."""
    rights = mapping.split()[1]
    return rights[1] == "w" and rights[3] == "s"


# ------------------------------------------------------------------ before each cell


class Chapter:
    """A chapter that has come to some cell, in this process."""

    def __init__(self, app: App, kept: Path, conn: Connection) -> None:
        self.app = app
        self.context = contextvars.copy_context()
        self.conn = conn
        self.done: list[list[bytes]] = []  # what each cell has sent
        self.kept = kept
        self.folder = os.open(kept, os.O_PATH)  # a short name, as sockets need it
        self.watch = Watch(kept, _open() - {conn.fileno()})

    def run(self) -> None:
        """Run the cells that are asked for, and leave a state before each."""
        cells, names = self.conn.recv()
        fresh = True
        while len(self.done) < len(cells):
            if fresh and self.watch.allows(self.conn) and self.keep(names):
                cells, names = self.conn.recv()
                for sent in self.done:
                    self.conn.send(sent)
                fresh = False
                continue
            fresh = True
            sent = self.ask(cells[len(self.done)])
            self.conn.send(sent)
            self.done.append(sent)
            if sent and json.loads(sent[-1])["content"]["status"] == "error":
                return

    def keep(self, names: list[str]) -> bool:
        """Fork; is this a process that somebody asked to go on, with other cells?"""
        name = f"{names[len(self.done)]}-{os.getpid()}"
        files = self.kept / f"{name}.files"
        state = random.getstate()
        shutil.copytree(self.watch.temporary, files, symlinks=True)
        listener = Listener(f"/proc/self/fd/{self.folder}/{name}")
        asked = False
        if os.fork():
            self.conn.close()
            self.conn = self.wait(listener)
            shutil.rmtree(self.watch.temporary)
            shutil.copytree(files, self.watch.temporary, symlinks=True)
            asked = True
        os.close(listener._listener._socket.detach())  # type: ignore[attr-defined]
        random.setstate(state)
        for stream in self.app.streams:
            stream.begin()  # type: ignore[union-attr]
        return asked

    def wait(self, listener: Listener) -> Connection:
        """Stay as it is; fork for each who asks. Only forks come back from here."""
        while True:
            conn = listener.accept()
            with suppress(ChildProcessError):
                while os.waitpid(-1, os.WNOHANG) != (0, 0):
                    continue
            if not os.fork():
                return conn
            conn.close()

    def ask(self, cell: str) -> list[bytes]:
        """Run a cell; what it sends, the reply last."""
        if not cell.strip():
            return []
        self.app.session.sent = []
        self.watch.before()
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.run_until_complete(
                loop.create_task(self._asked(cell), context=self.context)
            )
            if asyncio.all_tasks(loop):
                os._exit(1)  # they would go on between two cells
        self.watch.after()
        sent: list[bytes] = self.app.session.sent
        return sent

    async def _asked(self, cell: str) -> None:
        content = {"code": cell, "silent": False, "store_history": True}
        content |= {
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": False,
        }
        message = self.app.session.msg("execute_request", content)
        self.app.kernel.set_parent([], message)
        await self.app.kernel.execute_request(None, [], message)


def main(number: str, kept: str, *arguments: str) -> None:
    """Set up the kernel, and run a chapter for who holds the other end of the pipe."""
    app = App.instance()
    app.initialize(list(arguments))  # type: ignore[no-untyped-call]
    try:
        Chapter(app, Path(kept), Connection(int(number))).run()
    except BrokenPipeError:
        pass  # nobody waits any more
    except BaseException:
        os.write(sys.stderr.fileno(), traceback.format_exc().encode())
    os._exit(0)


if __name__ == "__main__":
    sys.path[0:1] = []  # the folder of this file
    main(*sys.argv[1:])
