"""Search for what was said outside of our store, and removal on request; each place by itself.

Much of this is Home Assistant's internals. A place that has changed or fails costs only itself, and what was
removed is searched again before anybody is told.
"""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
import errno
import logging
import os
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.core import HomeAssistant, State, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import DATA_INSTANCE

from ..const import DOMAIN
from ..core.elsewhere import REMOVABLE, SPEAKING, Finding, Place
from .elsewhere_recorder import async_count_calls, async_count_states, async_remove_calls, async_remove_states
from .spoken_replies import async_clear_replies, cached_replies
from .unreachable_copies import is_in_the_cloud

_LOGGER = logging.getLogger(__name__)

_TELLING_LOGGERS: Final = (
    "homeassistant.components.assist_pipeline",
    "homeassistant.components.assist_satellite",
    "homeassistant.components.conversation",
    "homeassistant.components.recorder",
    "homeassistant.components.tts",
    "homeassistant.components.websocket_api",
    "homeassistant.components.wyoming",
    "homeassistant.core",
    "homeassistant.helpers.intent",
)
"""Loggers that write what is said, or events that contain it, at the level DEBUG; also those below them."""

_TRANSCRIPTS: Final = frozenset(
    {
        "conversation_input",
        "conversation_response",
        "intent_input",
        "intent_output",
        "last_command",
        "last_transcript",
        "recognized_text",
        "spoken_text",
        "stt_output",
        "stt_text",
        "transcript",
        "transcription",
        "tts_input",
        "tts_text",
        "utterance",
    }
)
"""Attributes in which integrations publish what was said or answered."""

_DEPTH: Final = 4
_MAX_FILES: Final = 100_000
_RUN: Final = re.compile(r"\d{9,}")
"""Name of the folder of one run below `debug_recording_dir`: nanoseconds of the monotonic clock. A date is shorter."""

_TRACES: Final = "trace"
_TRACE_STORE: Final = "trace_store"
_RESTORED: Final = "trace_traces_restored"
"""Where Home Assistant keeps traces, their file, and whether those of the file are in memory by now."""

type _Remover = Callable[[], Awaitable[object]]


class Elsewhere:
    """Search and removal. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Search this Home Assistant."""
        self._hass = hass
        self._finders: Mapping[Place, Callable[[], Awaitable[Finding]]] = {
            Place.ATTRIBUTES: self._async_find_attributes,
            Place.CLOUD_ENGINES: self._async_find_cloud,
            Place.CORRUPT_DATABASES: self._async_find_corrupt,
            Place.DEBUG_LOGGERS: self._async_find_loggers,
            Place.DEBUG_RECORDINGS: self._async_find_recordings,
            Place.EVENTS: self._async_find_events,
            Place.SPOKEN_REPLIES: self._async_find_replies,
            Place.TRACES: self._async_find_traces,
        }
        self._removers: Mapping[Place, _Remover] = {
            Place.ATTRIBUTES: self._async_remove_attributes,
            Place.CORRUPT_DATABASES: self._async_remove_corrupt,
            Place.DEBUG_LOGGERS: self._async_quiet_loggers,
            Place.DEBUG_RECORDINGS: self._async_remove_recordings,
            Place.EVENTS: lambda: async_remove_calls(hass),
            Place.SPOKEN_REPLIES: lambda: async_clear_replies(hass),
            Place.TRACES: self._async_remove_traces,
        }
        assert self._removers.keys() == REMOVABLE

    async def async_search(self, places: Collection[Place] = tuple(Place)) -> list[Finding]:
        """Return what is found in each place; a place that fails does not stop the others."""
        findings = []
        for place in Place:
            if place not in places:
                continue
            try:
                findings.append(await self._finders[place]())
            except Exception as err:  # noqa: BLE001
                # The message may contain what was said.
                _LOGGER.warning("The place %s cannot be searched: %s", place, type(err).__name__)
                findings.append(Finding(place=place, count=None))
        return findings

    async def async_remove(self, places: Collection[Place]) -> list[Finding]:
        """Remove what is in these places, as far as possible; return what a new search finds in them."""
        for place in Place:
            if place not in places or place not in REMOVABLE:
                continue
            try:
                await self._removers[place]()
            except Exception as err:  # noqa: BLE001
                _LOGGER.warning("The place %s cannot be emptied: %s", place, type(err).__name__)
        return await self.async_search(places)

    # --- files -----------------------------------------------------------------------------------

    def _recording_folder(self) -> Path | None:
        config: Mapping[str, Any] = self._hass.data.get("assist_pipeline.config") or {}
        folder = config.get("debug_recording_dir")
        return Path(folder) if folder else None

    async def _async_find_recordings(self) -> Finding:
        if (folder := self._recording_folder()) is None:
            return Finding(place=Place.DEBUG_RECORDINGS, count=0)
        files = await self._hass.async_add_executor_job(lambda: list(_debug_recordings(folder)))
        # The setting itself is named, too: it writes more.
        return Finding(place=Place.DEBUG_RECORDINGS, count=len(files), names=(str(folder),))

    async def _async_remove_recordings(self) -> None:
        if (folder := self._recording_folder()) is not None:
            await self._hass.async_add_executor_job(
                lambda: _unlink(list(_debug_recordings(folder)), with_folders=True)
            )

    async def _async_find_corrupt(self) -> Finding:
        files = await self._hass.async_add_executor_job(_corrupt_databases, self._database())
        names = tuple(file.name for file in files)
        return Finding(place=Place.CORRUPT_DATABASES, count=len(files), names=names)

    async def _async_remove_corrupt(self) -> None:
        database = self._database()
        await self._hass.async_add_executor_job(lambda: _unlink(_corrupt_databases(database)))

    def _database(self) -> Path:
        """Return the path of the recorder's database; of Home Assistant's own name if it is no file."""
        instance = self._hass.data.get(DATA_INSTANCE)
        url = getattr(instance, "db_url", "")
        if isinstance(url, str) and url.startswith("sqlite:///") and (path := url.removeprefix("sqlite:///")):
            return Path(self._hass.config.path(path))
        return Path(self._hass.config.path("home-assistant_v2.db"))

    async def _async_find_replies(self) -> Finding:
        return Finding(place=Place.SPOKEN_REPLIES, count=cached_replies(self._hass))

    # --- the recorder ----------------------------------------------------------------------------

    async def _async_find_events(self) -> Finding:
        return Finding(place=Place.EVENTS, count=await async_count_calls(self._hass))

    async def _async_find_attributes(self) -> Finding:
        entities = self._telling_entities()
        count = await async_count_states(self._hass, entities) if entities else 0
        return Finding(place=Place.ATTRIBUTES, count=count, names=tuple(entities))

    async def _async_remove_attributes(self) -> None:
        if entities := self._telling_entities():
            await async_remove_states(self._hass, entities)

    @callback
    def _telling_entities(self) -> list[str]:
        """Return the entities of other integrations whose states contain what was said."""
        registry = er.async_get(self._hass)

        def is_ours(state: State) -> bool:
            entry = registry.async_get(state.entity_id)
            return entry is not None and entry.platform == DOMAIN

        found = (state for state in self._hass.states.async_all() if _tells(state.attributes))
        return sorted(state.entity_id for state in found if not is_ours(state))

    # --- memory ----------------------------------------------------------------------------------

    async def _async_find_loggers(self) -> Finding:
        below = tuple(f"{name}." for name in _TELLING_LOGGERS)
        # The others below them have the levels of those.
        own_level = sorted(
            name
            for name, logger in list(logging.root.manager.loggerDict.items())
            if name.startswith(below) and isinstance(logger, logging.Logger) and logger.level
        )
        names = tuple(
            name
            for name in (*_TELLING_LOGGERS, *own_level)
            if logging.getLogger(name).isEnabledFor(logging.DEBUG)
        )
        return Finding(place=Place.DEBUG_LOGGERS, count=len(names), names=names)

    async def _async_quiet_loggers(self) -> None:
        """Raise the level of these loggers until the next restart."""
        names = (await self._async_find_loggers()).names
        levels = dict.fromkeys(names, "info")
        if levels and self._hass.services.has_service("logger", "set_level"):
            await self._hass.services.async_call("logger", "set_level", levels, blocking=True)
        for name in names:
            logging.getLogger(name).setLevel(logging.INFO)

    async def _async_find_traces(self) -> Finding:
        names = [key for key, traces in (await self._async_traces()).items() for _ in _said(traces)]
        return Finding(place=Place.TRACES, count=len(names), names=tuple(sorted(set(names))))

    async def _async_traces(self) -> dict[str, list[Any]]:
        """Return the traces of each automation and script as they are saved, also those from before a restart."""
        found: dict[str, list[Any]] = {}
        if _RESTORED not in self._hass.data and (store := self._hass.data.get(_TRACE_STORE)) is not None:
            found = await store.async_load() or {}
        traces: Mapping[str, Any] = self._hass.data.get(_TRACES) or {}
        return found | {key: [*buckets.all_traces(), *found.get(key, ())] for key, buckets in traces.items()}

    async def _async_remove_traces(self) -> None:
        """Remove traces from memory and from the file that Home Assistant writes when it stops."""
        left = {}
        for key, traces in (await self._async_traces()).items():
            said = list(_said(traces))
            left[key] = [trace for trace in traces if not any(trace is one for one in said)]
        for buckets in (self._hass.data.get(_TRACES) or {}).values():
            for bucket in (buckets.runs, buckets.not_triggered):
                for trace in _said(list(bucket.values())):
                    bucket.pop(trace.run_id, None)
        if (store := self._hass.data.get(_TRACE_STORE)) is not None:
            await store.async_save(left)

    async def _async_find_cloud(self) -> Finding:
        names = tuple(
            pipeline.name
            for pipeline in async_get_pipelines(self._hass)
            if any(
                engine and is_in_the_cloud(self._hass, engine)
                for engine in (pipeline.stt_engine, pipeline.conversation_engine, pipeline.tts_engine)
            )
        )
        return Finding(place=Place.CLOUD_ENGINES, count=len(names), names=names)


def _debug_recordings(folder: Path) -> Iterator[Path]:
    """Yield the files that Assist has written below a folder; nothing else of it is ours to touch.

    Raises OSError if a folder cannot be read, or there are too many files to look at: then nobody knows.
    """

    def fail(err: OSError) -> None:
        if not isinstance(err, FileNotFoundError):
            raise err

    seen = 0
    for name, _, files in os.walk(folder, onerror=fail):
        seen += len(files)
        if seen > _MAX_FILES:
            raise OSError(errno.EFBIG, "too many files")
        parts = Path(name).relative_to(folder).parts
        # In the folder of a pipeline at least.
        if len(parts) > 1 and _RUN.fullmatch(parts[-1]):
            yield from (Path(name, file) for file in files if file.endswith(".wav"))


def _corrupt_databases(database: Path) -> list[Path]:
    """Return what the recorder has left of databases that it has replaced. Raises OSError if nobody can tell."""
    pattern = re.compile(re.escape(database.name) + r"(-wal|-shm)?\.corrupt\..+")
    if not database.parent.exists():
        return []
    entries = sorted(database.parent.iterdir())
    return [path for path in entries if pattern.fullmatch(path.name) and not path.is_dir()]


def _unlink(files: Collection[Path], *, with_folders: bool = False) -> None:
    """Remove files, each by itself, and their folders if those are empty then. Raises the last OSError."""
    failure: OSError | None = None
    for file in files:
        try:
            file.unlink(missing_ok=True)
        except OSError as err:
            failure = err
    if with_folders:
        for folder in {file.parent for file in files}:
            try:
                folder.rmdir()
            except OSError:
                # It contains something else, which stays.
                continue
    if failure is not None:
        raise failure


def _tells(value: object, depth: int = _DEPTH) -> bool:
    """Return whether attributes contain what was said, by their names."""
    if depth == 0:
        return False
    if isinstance(value, list | tuple):
        return any(_tells(inner, depth - 1) for inner in value)
    return isinstance(value, Mapping) and any(
        (_is_transcript(key) and bool(inner)) or _tells(inner, depth - 1) for key, inner in value.items()
    )


def _is_transcript(name: object) -> bool:
    """Return whether an attribute is called like a transcript, however it is spelled."""
    return isinstance(name, str) and re.sub(r"[\s_-]+", "_", name.strip()).lower() in _TRANSCRIPTS


def _said(traces: Collection[Any]) -> Iterator[Any]:
    """Yield the traces that contain a sentence, in memory or as they are saved."""
    for trace in traces:
        if _was_said(trace if isinstance(trace, Mapping) else trace.as_extended_dict()):
            yield trace


def _was_said(value: object, depth: int = 12) -> bool:
    """Return whether a trace was started by a sentence, or contains a call with what was said or answered."""
    if depth == 0:
        return False
    if isinstance(value, Mapping):
        if value.get("platform") == "conversation" and value.get("sentence"):
            return True
        if any(_calls(value, domain, action, shown) for domain, action, shown in SPEAKING):
            return True
        return any(_was_said(inner, depth - 1) for inner in value.values())
    return isinstance(value, list) and any(_was_said(inner, depth - 1) for inner in value)


def _calls(step: Mapping[str, Any], domain: str, action: str, shown: str) -> bool:
    """Return whether a step of a trace is a call of an action with what was said or answered."""
    data = step.get("service_data")
    if (step.get("domain"), step.get("service")) != (domain, action):
        return False
    # Before it is rendered, its data may be missing.
    return not isinstance(data, Mapping) or shown in data or (not shown.isidentifier() and shown in str(data))
