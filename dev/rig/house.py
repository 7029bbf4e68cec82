"""A real Home Assistant process in a folder of its own, reachable from this machine only."""

import asyncio
from collections.abc import Iterable, Mapping
import contextlib
import json
import os
from pathlib import Path
import re
import secrets
import shutil
import signal
import socket
import sys
import time
from typing import Any, Final

import aiohttp
from homeassistant.backup_restore import RESTORE_BACKUP_FILE
from homeassistant.const import RESTART_EXIT_CODE

from tests.blocked_modules import without_blocked_modules

from .ha_client import HomeAssistantClient
from .onboarding import create_owner
from .patience import SLOWER

HOST: Final = "127.0.0.1"
REPOSITORY: Final = Path(__file__).parents[2]
COMPONENTS: Final = REPOSITORY / "custom_components"

HOUSE_BIN: Final = "HOUSE_BIN"
"""Environment variable: a folder whose `python` runs Home Assistant, instead of the one that runs the rig."""

_START_TIMEOUT: Final = 120.0
_STOP_TIMEOUT: Final = 30.0
_LOG: Final = "home-assistant.log"
_PORTS: Final = range(10_000, 30_000)

# The smallest configuration with voice and a frontend: it starts without a warning and asks nothing of
# the internet. http: is absent on purpose, since Home Assistant treats it as a trial and reverts it.
_CONFIGURATION: Final = """\
automation: !include automations.yaml
homeassistant:
  name: Demo house
  internal_url: http://{host}:{port}
  time_zone: {time_zone}
  country: GB
  language: en
frontend:
config:
history:
logbook:
media_source:
assist_pipeline:
conversation:
sun:
webhook:
my:
system_health:
recorder:{recorder}
repairs:
logger:
  default: info
  logs:
    custom_components.voice_privacy: debug
input_boolean:
  lamp_power:
    name: Lamp power
template:
  - light:
      - name: Kitchen light
        unique_id: kitchen_light
        state: "{{{{ is_state('input_boolean.lamp_power', 'on') }}}}"
        turn_on:
          action: input_boolean.turn_on
          target:
            entity_id: input_boolean.lamp_power
        turn_off:
          action: input_boolean.turn_off
          target:
            entity_id: input_boolean.lamp_power
"""

KITCHEN_LIGHT: Final = "light.kitchen_light"


def house_binaries() -> Path:
    """Return the folder with the Python that Home Assistant is installed for.

    Raises HouseFailed when HOUSE_BIN names a folder without one.
    """
    if not (named := os.environ.get(HOUSE_BIN)):
        return Path(sys.executable).parent
    binaries = Path(named).absolute()
    if not os.access(binaries / "python", os.X_OK):
        raise HouseFailed(f"{HOUSE_BIN} is {named}: there is no python to run in that folder")
    return binaries


def free_port() -> int:
    """Return a port of this machine that nobody listens on.

    Not one of the system's choice: before Home Assistant listens, and while it restarts, the system may
    give such a port to any connection of anybody's.
    """
    while True:
        port = _PORTS[secrets.randbelow(len(_PORTS))]
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


def _check_port(port: int) -> None:
    """Raise HouseFailed when somebody listens on a port already.

    Home Assistant would fall back to 0.0.0.0:8123, and we would talk to a stranger.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as err:
            raise HouseFailed(f"port {port} is taken: is another Home Assistant running?") from err


class HouseFailed(Exception):
    """Home Assistant did not start or went away."""


class HomeAssistantProcess:
    """One Home Assistant; the folder outlives its processes."""

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        time_zone: str = "UTC",
        has_own_copy: bool = False,
        components: Path = COMPONENTS,
        blocked: bool = False,
        python_path: Path | None = None,
        groups: Mapping[str, dict[str, Any]] | None = None,
        integrations: Iterable[str] = (),
        configuration: str = "",
        recorder_url: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Prepare; start runs a process.

        port: 0 for a free one, the same for all processes of this house.
        has_own_copy: our integration is copied into the folder, so that backups hold it and a restore can
        replace it; else it is a symbolic link.
        components: the folder of custom integrations with ours.
        blocked: Home Assistant cannot import what the Python of its images lacks.
        python_path: folder whose packages hide installed ones of the same name, until it is set to another.
        groups: policies of groups of users that the house starts with, by name.
        integrations: further integrations of Home Assistant's own, without settings.
        configuration: further lines of configuration.yaml.
        recorder_url: database of the recorder; Home Assistant's own SQLite without it.
        environment: further variables of the process.
        """
        self.folder = folder
        self.config = folder / "config"
        self.port = port or free_port()
        self.url = f"http://{HOST}:{self.port}"
        self.token = ""
        """The owner's."""

        self.python_path = python_path
        self.expected_problems: list[str] = []
        """What a test provokes: entries of the log that hold one of these are no problems."""

        self.typed: list[str] = []
        """What tests have typed or searched for, and nothing else in the house contains."""

        self._time_zone = time_zone
        self._has_own_copy = has_own_copy
        self._components = components
        self._environment = dict(environment or {})
        self._blocked = blocked
        self._groups = groups or {}
        self._integrations = tuple(integrations)
        self._more_configuration = configuration
        self._recorder_url = recorder_url
        self._past_logs: list[str] = []
        self._process: asyncio.subprocess.Process | None = None
        self._client: HomeAssistantClient | None = None

    # --- life --------------------------------------------------------------------------------------

    @property
    def client(self) -> HomeAssistantClient:
        """The owner's connection to the running process."""
        if self._client is None:
            raise HouseFailed("Home Assistant is not running")
        return self._client

    @property
    def pid(self) -> int:
        """Number of the running process."""
        if self._process is None:
            raise HouseFailed("Home Assistant is not running")
        return self._process.pid

    async def start(self, *, timeout: float = _START_TIMEOUT) -> None:
        """Run Home Assistant, make its owner the first time, and wait until it has started."""
        _check_port(self.port)
        await asyncio.to_thread(self._write_config)
        await self._run()
        try:
            async with asyncio.timeout(timeout * SLOWER):
                await self._wait_until_reachable()
                await self._log_in()
                await self._wait_until_started()
        except BaseException as err:
            await self.kill()
            if isinstance(err, TimeoutError):
                raise HouseFailed(
                    f"Home Assistant did not start within {timeout} s:\n{self.log_tail()}"
                ) from err
            raise

    async def _run(self) -> None:
        """Run a process."""
        environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST")}
        environment |= self._environment
        if self._blocked:
            environment = without_blocked_modules(environment)
        if self.python_path is not None:
            paths = (str(self.python_path), environment.get("PYTHONPATH"))
            environment["PYTHONPATH"] = os.pathsep.join(path for path in paths if path)
        binaries = house_binaries()
        environment["PATH"] = f"{binaries}:{REPOSITORY / '.tools/uv/bin'}:{environment.get('PATH', '')}"
        with (self.folder / "output.log").open("ab") as output:
            self._process = await asyncio.create_subprocess_exec(
                binaries / "python",
                *("-m", "homeassistant", "--config", self.config, "--log-no-color"),
                # What is installed does: the version that the newest release pins is not on PyPI.
                *("--skip-pip-packages", "aioesphomeapi"),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=environment,
                cwd=self.folder,
                # Ctrl-C is for whoever started the house; it stops Home Assistant in good order.
                start_new_session=True,
            )

    async def wait(self) -> None:
        """Wait until the process has ended."""
        if self._process is not None:
            await self._process.wait()

    async def stop(self) -> float:
        """Ask the process to end; return the seconds that it took."""
        started = time.monotonic()
        await self._disconnect()
        if (process := self._process) is None:
            return 0.0
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_STOP_TIMEOUT * SLOWER):
                await process.wait()
        except TimeoutError:
            await self.kill()
        else:
            self._ended()
        return time.monotonic() - started

    async def kill(self) -> None:
        """End the process as a power cut would."""
        await self._disconnect()
        if (process := self._process) is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            self._ended()

    def kill_now(self) -> None:
        """Kill the process in this instant; what it had said can still be read, until kill cleans up."""
        os.kill(self.pid, signal.SIGKILL)

    async def restore(self, backup_id: str, *, database_only: bool = False) -> None:
        """Have Home Assistant restore one of its own backups and start again."""
        with contextlib.suppress(ConnectionError):
            await self.client.command(
                "backup/restore",
                backup_id=backup_id,
                agent_id="backup.local",
                restore_homeassistant=not database_only,
            )
        await self._wait_for_restart()
        await self._restore_at_start()

    async def restore_archive(self, archive: Path) -> None:
        """Start for the first time, and from a backup that came from elsewhere."""
        order = {
            "path": str(archive),
            "password": None,
            "remove_after_restore": False,
            "restore_database": True,
            "restore_homeassistant": True,
        }
        await asyncio.to_thread(self.config.mkdir, parents=True)
        await asyncio.to_thread((self.config / RESTORE_BACKUP_FILE).write_text, json.dumps(order))
        await self._restore_at_start()

    async def _restore_at_start(self) -> None:
        # Home Assistant restores before anything else, and then wants to be started once more.
        await self._run()
        await self._wait_for_restart()
        await self.start()

    async def _wait_for_restart(self) -> None:
        """Wait until the process has ended because it wants to be started again."""
        assert self._process is not None
        async with asyncio.timeout(_STOP_TIMEOUT * SLOWER):
            code = await self._process.wait()
        await self._disconnect()
        self._ended()
        if code != RESTART_EXIT_CODE:
            raise HouseFailed(f"Home Assistant ended with {code}:\n{self.log_tail()}")

    async def restart(self) -> None:
        """Stop and start."""
        await self.stop()
        await self.start()

    def _ended(self) -> None:
        # The next process begins a new log and keeps only one old one.
        self._past_logs.append(self._read_log())
        self._process = None

    async def _disconnect(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _wait_until_reachable(self) -> None:
        """Try the port until it answers; a process that is starting announces nothing."""
        assert self._process is not None
        async with aiohttp.ClientSession() as session:
            while self._process.returncode is None:
                with contextlib.suppress(aiohttp.ClientError, OSError):
                    async with session.get(f"{self.url}/manifest.json") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.1)
        raise HouseFailed(f"Home Assistant ended with {self._process.returncode}:\n{self.log_tail()}")

    async def _log_in(self) -> None:
        tokens = self.folder / "token"
        if not await asyncio.to_thread(tokens.exists):
            token = await create_owner(self.url)
            await asyncio.to_thread(tokens.write_text, token)
        self.token = await asyncio.to_thread(tokens.read_text)
        self._client = HomeAssistantClient(self.url, self.token)
        await self._client.connect()

    async def _wait_until_started(self) -> None:
        client = self.client
        async with client.events("homeassistant_started") as started:
            if (await client.command("get_config"))["state"] != "RUNNING":
                await started.next(timeout=_START_TIMEOUT)

    # --- files -------------------------------------------------------------------------------------

    def _write_config(self) -> None:
        """Make the folder ready; the port is written at every start, since it may be another."""
        storage = self.config / ".storage"
        if not storage.exists():
            storage.mkdir(parents=True)
            if self._has_own_copy:
                shutil.copytree(
                    self._components,
                    self.config / "custom_components",
                    ignore=shutil.ignore_patterns("__pycache__"),
                )
            else:
                (self.config / "custom_components").symlink_to(self._components)
            models = self.config / "openwakeword"
            models.mkdir()
            for model in (REPOSITORY / ".tools/models").glob("*.onnx"):
                shutil.copy(model, models)
            # The other steps of onboarding would set up integrations that live on the internet.
            self._store("onboarding", 4, 1, {"done": ["core_config", "analytics", "integration"]})
            groups = [{"id": name, "name": name, "policy": policy} for name, policy in self._groups.items()]
            self._store(
                "auth", 1, 1, {"groups": groups, "users": [], "credentials": [], "refresh_tokens": []}
            )
        http = {
            "stable": {
                "server_host": [HOST],
                "server_port": self.port,
                "cors_allowed_origins": ["https://cast.home-assistant.io"],
                "login_attempts_threshold": -1,
                "ip_ban_enabled": True,
                "ssl_profile": "modern",
                "use_x_frame_options": True,
                "created_at": "2026-01-01T00:00:00+00:00",
                "error": None,
                "error_message": None,
            },
            "pending": None,
            "yaml_migration_done": True,
        }
        self._store("http", 2, 2, http)
        configuration = _CONFIGURATION.format(
            host=HOST,
            port=self.port,
            time_zone=self._time_zone,
            recorder=f"\n  db_url: {json.dumps(self._recorder_url)}" if self._recorder_url else "",
        )
        configuration += "".join(f"{integration}:\n" for integration in self._integrations)
        configuration += self._more_configuration
        (self.config / "configuration.yaml").write_text(configuration)
        if not (automations := self.config / "automations.yaml").exists():
            automations.write_text("[]\n")

    def _store(self, key: str, version: int, minor_version: int, data: dict[str, Any]) -> None:
        document = {"version": version, "minor_version": minor_version, "key": key, "data": data}
        (self.config / ".storage" / key).write_text(json.dumps(document))

    @property
    def log(self) -> str:
        """Everything that this house's processes have logged since it was made."""
        return "".join([*self._past_logs, self._read_log() if self._process else ""])

    def _read_log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.config / _LOG).read_text()
        return ""

    def log_tail(self, lines: int = 30) -> str:
        """Return the last lines of the log and of what the process printed."""
        output = self.folder / "output.log"
        printed = output.read_text() if output.exists() else ""
        return "\n".join([*self.log.splitlines()[-lines:], *printed.splitlines()[-lines:]])

    def problems(self, *, level: str = "ERROR", about: str = "voice_privacy") -> list[str]:
        """Return the log entries of at least a level that mention an integration, tracebacks included."""
        levels = {"ERROR": "ERROR|CRITICAL", "WARNING": "WARNING|ERROR|CRITICAL"}[level]
        entries = re.split(r"\n(?=\d{4}-\d\d-\d\d )", self.log)
        return [
            entry
            for entry in entries
            if re.match(rf"\S+ \S+ ({levels}) ", entry)
            and about in entry
            and not any(expected in entry for expected in self.expected_problems)
        ]
