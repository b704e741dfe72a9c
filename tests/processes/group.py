"""A process and its children as a group of its own: a signal reaches all of them, and nobody else."""

import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
NOWHERE = Path(os.devnull)


def dies_with_us(command: list[str], user: str = "") -> list[str]:
    """The command, which the kernel kills should these tests be killed before they can end it; as another user."""
    # By a program, since code between fork and exec isn't safe beside other threads. Start it from the main thread:
    # the kernel looks at the thread that forked, not at the process.
    if not shutil.which("setpriv"):
        return command
    identity = ["--reuid", user, "--regid", str(pwd.getpwnam(user).pw_gid), "--clear-groups"] if user else []
    return ["setpriv", *identity, "--pdeathsig", "KILL", *command]


class Group:
    """What the processes write goes to `log`, after what is in it already. files: open ones that they get."""

    def __init__(
        self,
        command: list[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        user: str = "",
        tree: Path = ROOT,
        files: Sequence[int] = (),
    ) -> None:
        self._log = log
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                dies_with_us(command, user),
                env=environment,
                cwd=tree,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=files,
            )

    @property
    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def members(self) -> list[int]:
        """The processes that live, as Linux tells of them."""
        return [pid for pid in _process_ids() if _group_of(pid) == self.process.pid]

    def send(self, number: signal.Signals) -> None:
        if self.members():
            os.killpg(self.process.pid, number)

    def kill(self) -> None:
        """`kill -9` all of them."""
        self.send(signal.SIGKILL)
        self.wait_for_end()

    def wait_for_end(self) -> None:
        self.process.wait(PATIENCE)
        wait_until(lambda: not self.members(), lambda: f"{self.members()} of {self.process.args!r} go on living")


def wait_until(come_true: Callable[[], object], complaint: Callable[[], str], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not come_true():
        if time.monotonic() > deadline:
            raise AssertionError(f"After {seconds:.0f} s: {complaint()}")
        time.sleep(0.1)


def _process_ids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _group_of(pid: int) -> int | None:
    """None: it has ended, even if nobody has asked for its status yet."""
    try:
        state, _parent, group = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[:3]
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if state in {"Z", "X"} else int(group)
