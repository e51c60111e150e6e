"""A server under measurement: started on a free port, watched through /proc, and stopped with all its children."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.traffic import Answer, Request, ask

TICK = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")
LOG_LINES = 3
SECOND_THOUGHTS = 10  # seconds


class ServerError(Exception):
    """The server cannot be started, or does not answer as the contract says. One line for the report."""


@dataclass(frozen=True, slots=True)
class Launch:
    """How one server is started. `command` may write what it needs into the folder, which is its working directory."""

    command: Callable[[int, Path], list[str]]
    ready: Request
    cores: Collection[int] = ()
    patience: float = 60
    environment: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Running:
    """A server that has answered. `first_answer` is in seconds from the start of its process."""

    port: int
    pid: int
    first_answer: float

    def ask(self, request: Request) -> Answer:
        return ask(self.port, request)

    def expect(self, request: Request) -> Answer:
        """Ask, and raise ServerError for another status than the contract's."""
        answer = self.ask(request)
        if answer.status != request.status:
            raise ServerError(f"answers {request.method} with {answer.status} instead of {request.status}")
        return answer

    def memory(self) -> float:
        """Resident MiB of the process and its children; pages that they share are counted in each."""
        return sum(resident(pid) for pid in family(self.pid)) / 2**20

    def seconds(self) -> float:
        """Processor time of the process and its children so far."""
        return sum(processor_time(pid) for pid in family(self.pid))


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    members = [pid]
    for member in members:
        with suppress(OSError):
            for task in Path(f"/proc/{member}/task").iterdir():
                members += [int(child) for child in (task / "children").read_text().split()]
    return members


def resident(pid: int) -> int:
    """Bytes of a process in memory; none when it is gone."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    return 0


def processor_time(pid: int) -> float:
    """Seconds that a process has spent, in user and system mode; none when it is gone."""
    with suppress(OSError):
        # The name may hold spaces; what follows its closing parenthesis does not.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * TICK
    return 0


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def running(launch: Launch) -> Iterator[Running]:
    """The server, while the block runs. Raises ServerError when it does not answer in time or not rightly."""
    with TemporaryDirectory(prefix="bench-") as name:
        folder, port = Path(name), free_port()
        command = launch.command(port, folder)
        with (folder / "output.log").open("wb") as log:
            began = time.perf_counter()
            process = _start(command, folder, log.fileno(), launch)
        try:
            _wait(process, port, launch, folder)
            yield Running(port, process.pid, time.perf_counter() - began)
        finally:
            _stop(process)


def _start(command: list[str], folder: Path, log: int, launch: Launch) -> subprocess.Popen[bytes]:
    if launch.cores:
        command = ["taskset", "-c", ",".join(map(str, sorted(launch.cores))), *command]
    environment: Mapping[str, str] = {**os.environ, **dict(launch.environment)}
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        raise ServerError(f"cannot be started: {error.strerror}: {Path(command[0]).name}") from None


def _wait(process: subprocess.Popen[bytes], port: int, launch: Launch, folder: Path) -> None:
    deadline = time.perf_counter() + launch.patience
    answer, refusals = None, 0
    while time.perf_counter() < deadline:
        if process.poll() is not None:
            raise ServerError(f"ends at start: {_last_words(folder)}")
        with suppress(OSError, http.client.HTTPException):
            answer = ask(port, launch.ready, timeout=launch.patience)
            if answer.status == launch.ready.status:
                return
            # Another answer may come from a server that is not ready yet, but seldom for long.
            deadline = min(deadline, time.perf_counter() + SECOND_THOUGHTS) if refusals == 0 else deadline
            refusals += 1
        time.sleep(0.002)
    if answer:
        body = " ".join(answer.body.decode(errors="replace").split())[:100]
        raise ServerError(f"answers {answer.status} instead of {launch.ready.status}: {body}")
    raise ServerError(f"no answer in {launch.patience:.0f} s")


def _last_words(folder: Path) -> str:
    lines = (folder / "output.log").read_text(errors="replace").split("\n")
    return " / ".join([line.strip() for line in lines if line.strip()][-LOG_LINES:])[:300].replace(str(folder), "")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, which is this server's own; a server that does not end by itself is killed."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=10)
            break
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlive their parent
