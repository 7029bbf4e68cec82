"""Real MariaDB and PostgreSQL servers for the recorder, in folders of their own, for this machine only."""

from collections.abc import Callable, Iterator
import contextlib
import os
from pathlib import Path
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from typing import Any, Final

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

WANTED: Final = os.environ.get("STORE_SERVERS", "if installed")
"""`no` leaves the servers out, `required` fails where one is not installed."""

ENGINES: Final = ("sqlite",) if WANTED == "no" else ("sqlite", "mariadb", "postgresql")

_PATH: Final = os.pathsep.join(
    [
        *map(str, sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)),
        "/usr/sbin",
        os.environ.get("PATH", os.defpath),
    ]
)
_START_SECONDS: Final = 30
_UNPRIVILEGED: Final = "nobody"
"""Who runs the servers when root runs the tests: neither of them wants to be root."""


def _program(name: str) -> str:
    """Return where a server's program is; skip or fail the test without it."""
    if (found := shutil.which(name, path=_PATH)) is None:
        missing = f"{name} is not installed; scripts/setup --servers does it"
        if WANTED == "required":
            pytest.fail(missing)
        pytest.skip(missing)
    return found


def _identity() -> dict[str, Any]:
    """Return the arguments that have a process run as somebody who is not root."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam(_UNPRIVILEGED)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _prepare(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False, **_identity())
    if done.returncode:
        pytest.fail(f"{command[0]} failed: {done.stdout.decode()} {done.stderr.decode()}")


@contextlib.contextmanager
def _server(make_command: Callable[[Path], list[str]], stop: signal.Signals, url: str) -> Iterator[str]:
    """Run a server in a new folder until it answers at a URL, in which {folder} stands for the folder."""
    # Not below pytest's own folder: only its owner may look into that.
    with tempfile.TemporaryDirectory(prefix="voice_privacy_") as name:
        folder = Path(name)
        if identity := _identity():
            os.chown(folder, identity["user"], identity["group"])
        command = make_command(folder)
        with (folder / "server.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **_identity())
        try:
            url = url.format(folder=folder)
            _wait_until_it_answers(process, url, folder / "server.log")
            yield url
        finally:
            process.send_signal(stop)
            process.wait(_START_SECONDS)


def _wait_until_it_answers(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    engine = create_engine(url)
    deadline = time.monotonic() + _START_SECONDS
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{process.args!r} does not answer: {log.read_text(errors='replace')}")
            # A server that is starting announces nothing.
            time.sleep(0.05)
        else:
            break
    engine.dispose()


def _mariadb(folder: Path, port: int) -> list[str]:
    data = folder / "data"
    install = _program("mariadb-install-db")
    _prepare(
        [install, "--no-defaults", f"--datadir={data}", "--auth-root-authentication-method=normal"], folder
    )
    return [
        _program("mariadbd"),
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={folder / 'socket'}",
        f"--pid-file={folder / 'pid'}",
        # Not the socket file: pytest-socket lets the driver, which is written in Python, connect to none.
        "--bind-address=127.0.0.1",
        f"--port={port}",
        # Nobody cuts this server's power.
        "--innodb-flush-log-at-trx-commit=0",
        "--innodb-doublewrite=0",
        "--innodb-buffer-pool-size=32M",
        "--innodb-log-file-size=16M",
    ]


def _postgresql(folder: Path) -> list[str]:
    data = folder / "data"
    _prepare(
        [_program("initdb"), "--pgdata", str(data), "--username=root", "--auth=trust", "--encoding=UTF8"],
        folder,
    )
    settings = (f"unix_socket_directories={folder}", "listen_addresses=", "fsync=off")
    return [
        _program("postgres"),
        "-D",
        str(data),
        *(part for setting in settings for part in ("-c", setting)),
    ]


@contextlib.contextmanager
def mariadb() -> Iterator[str]:
    """Run MariaDB and yield the URL of its own database, as the recorder would be given it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"mysql+pymysql://root@127.0.0.1:{port}/mysql?charset=utf8mb4"
    with _server(lambda folder: _mariadb(folder, port), signal.SIGTERM, url) as found:
        yield found


@contextlib.contextmanager
def postgresql() -> Iterator[str]:
    """Run PostgreSQL and yield the URL of its own database, as the recorder would be given it."""
    with _server(_postgresql, signal.SIGINT, "postgresql+psycopg2://root@/postgres?host={folder}") as found:
        yield found


@contextlib.contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """Make an empty database on a server, yield its URL, and drop it."""
    engine = create_engine(server_url, isolation_level="AUTOCOMMIT")
    name = "recorder"
    mysql = engine.dialect.name == "mysql"
    drop = f"DROP DATABASE IF EXISTS {name}" + ("" if mysql else " WITH (FORCE)")
    create = f"CREATE DATABASE {name}" + (
        " CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci" if mysql else ""
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(drop)
        connection.exec_driver_sql(create)
    yield engine.url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.exec_driver_sql(drop)
    engine.dispose()
