"""Assist pipeline runs: identify the source of the audio that an engine receives.

Home Assistant does not tell a speech-to-text engine whose audio it gets. The source is read from Assist's
internal bookkeeping; if that has changed, the source is unknown and the audio is only passed on.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
import logging
from typing import Any, Final

from homeassistant.components.assist_pipeline import (
    Pipeline,
    PipelineEvent,
    async_get_pipeline,
    async_get_pipelines,
)
from homeassistant.components.assist_pipeline.const import OPTION_PREFERRED
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import chat_session, entity_registry as er

from ..core.error_place import type_and_place
from ..wake_listening.entity_references import reference_of

_LOGGER = logging.getLogger(__name__)

SOURCE_API: Final = "api"
"""Speech sent to Home Assistant's speech-to-text API without a pipeline."""

SOURCE_UNKNOWN: Final = "unknown"
"""A run that cannot be read."""

SOURCE_NOBODY: Final = "nobody"
"""A run without a satellite and without a user."""

_SATELLITE: Final = "satellite:"
_USER: Final = "user:"
_TASK_SUFFIX: Final = "_pipeline"


@callback
def source_of_entity(hass: HomeAssistant, entity_id: str) -> str:
    """Return the source of an assist_satellite entity; it does not change when the entity is renamed."""
    return f"{_SATELLITE}{reference_of(hass, entity_id)}"


def source_of_user(user_id: str) -> str:
    """Return the source of a user's apps and browsers."""
    return f"{_USER}{user_id}"


@callback
def entity_of_source(hass: HomeAssistant, source: str) -> er.RegistryEntry | None:
    """Return the assist_satellite entity of a source, or None."""
    if not source.startswith(_SATELLITE):
        return None
    return er.async_get(hass).entities.get_entry(source.removeprefix(_SATELLITE))


def is_satellite(source: str) -> bool:
    """Return whether a source is an assist_satellite entity."""
    return source.startswith(_SATELLITE)


# --- identifying the speaker ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """Source of the audio that an engine receives, with its conversation and run."""

    source: str
    """Result of source_of_entity or source_of_user, or SOURCE_API or SOURCE_UNKNOWN."""

    conversation_id: str | None = None
    run: Any = None
    """Assist's internal run object, or None if it was not found."""

    @property
    def ids(self) -> tuple[object, object]:
        """Ids of the pipeline and of the run; None for what is unknown."""
        return getattr(getattr(self.run, "pipeline", None), "id", None), getattr(self.run, "id", None)

    @property
    def wake_engine(self) -> str | None:
        """Entity id of the wake word engine whose detection began the run, or None."""
        processor = getattr(self.run, "_processor", None)
        entity_id = getattr(processor, "wake_word_entity_id", None)
        return entity_id if isinstance(entity_id, str) else None

    def follow(self, on_event: Callable[[PipelineEvent], None]) -> CALLBACK_TYPE | None:
        """Call on_event with every further event of the run; return what ends that, or None if it is not possible.

        It must be ended: Home Assistant's runs are cycles, which stay in memory until Python collects them.
        """
        before = getattr(self.run, "event_callback", None)
        if before is None:
            return None
        following = [on_event]

        @callback
        def both(event: PipelineEvent) -> None:
            try:
                before(event)
            finally:
                # Even if that fails, as it does for a device that has dropped out: the run may be over.
                heard(event)

        @callback
        def heard(event: PipelineEvent) -> None:
            try:
                for handle in following:
                    handle(event)
            except Exception as err:  # noqa: BLE001
                # A failure here must not affect the run.
                _LOGGER.error("Handling a pipeline event failed: %s", type_and_place(err))

        self.run.event_callback = both
        return following.clear


@callback
def identify_run(hass: HomeAssistant) -> RunIdentity:
    """Return the source, conversation and run of the audio that the current task processes."""
    session = chat_session.current_session.get()
    if session is None:
        return RunIdentity(source=_source_of_task(hass) or SOURCE_API)
    conversation_id = session.conversation_id
    try:
        run = _run_of(hass, conversation_id)
    except Exception as err:  # noqa: BLE001
        # This reads Assist's internals, which may change with any release.
        _LOGGER.warning("Assist's pipeline runs cannot be read: %s", type(err).__name__)
        run = None
    source = (run and _source_of_run(hass, run)) or _source_of_task(hass)
    if source is None:
        # A run that names neither a satellite nor a user is known to be neither.
        source = SOURCE_UNKNOWN if run is None else SOURCE_NOBODY
    return RunIdentity(source=source, conversation_id=conversation_id, run=run)


@callback
def run_id_of(hass: HomeAssistant, begun: PipelineEvent | None) -> str | None:
    """Return the id of the run that began with an event, or None if Home Assistant does not have it any more."""
    if begun is None or begun.data is None:
        return None
    try:
        data: Any = hass.data["assist_pipeline"]
        runs: Mapping[str, Any] = data.pipeline_debug[begun.data["pipeline"]]
        return next((run_id for run_id, run in runs.items() if begun in run.events), None)
    except Exception:  # noqa: BLE001
        # This reads Assist's internals; without the id there is only no link to the run.
        return None


@callback
def is_in_memory(hass: HomeAssistant, pipeline_id: str | None, run_id: str | None) -> bool:
    """Return whether Home Assistant still has the events of a run: it keeps the newest ten of each pipeline."""
    try:
        return run_id in hass.data["assist_pipeline"].pipeline_debug[pipeline_id]
    except Exception:  # noqa: BLE001
        return False


def _run_of(hass: HomeAssistant, conversation_id: str) -> Any:
    """Return the newest active run of a conversation; run ids sort by time."""
    data: Any = hass.data["assist_pipeline"]
    runs: Mapping[str, Mapping[str, Any]] = data.pipeline_runs._pipeline_runs  # noqa: SLF001
    found = [
        run
        for pipeline_id, of_pipeline in runs.items()
        for run_id, run in of_pipeline.items()
        if (debug := data.pipeline_debug.get(pipeline_id, {}).get(run_id)) is not None
        and any((event.data or {}).get("conversation_id") == conversation_id for event in debug.events)
    ]
    return max(found, key=lambda run: str(run.id), default=None)


def _source_of_run(hass: HomeAssistant, run: Any) -> str | None:
    """Return the source of a run: a satellite, or a signed-in user."""
    if (satellite_id := run.satellite_id) is not None:
        return source_of_entity(hass, satellite_id)
    return source_of_user(user_id) if (user_id := run.context.user_id) is not None else None


def _source_of_task(hass: HomeAssistant) -> str | None:
    """Return the satellite source that the current task is named after, or None."""
    task = asyncio.current_task()
    name = task.get_name() if task is not None else ""
    entity_id = name.removesuffix(_TASK_SUFFIX)
    if entity_id == name or not entity_id.startswith("assist_satellite."):
        return None
    return source_of_entity(hass, entity_id)


@callback
def pipeline_select_of(hass: HomeAssistant, source: str) -> str | None:
    """Return the select entity that sets a satellite's pipeline, or None."""
    entity = entity_of_source(hass, source)
    component: Any = hass.data.get("assist_satellite")
    satellite = component.get_entity(entity.entity_id) if entity and component else None
    return getattr(satellite, "pipeline_entity_id", None)


@callback
def pipelines_of_source(hass: HomeAssistant, source: str) -> list[Pipeline]:
    """Return the pipelines that a satellite may use now; none if its integration is not loaded.

    The first is the one that Home Assistant takes. There are more if several have the name that was selected:
    a select knows names only.
    """
    entity = entity_of_source(hass, source)
    if entity is None or hass.states.get(entity.entity_id) is None:
        return []
    select = pipeline_select_of(hass, source)
    state = hass.states.get(select) if select else None
    if state is None or state.state == OPTION_PREFERRED:
        return [async_get_pipeline(hass)]
    named = [pipeline for pipeline in async_get_pipelines(hass) if pipeline.name == state.state]
    return named or [async_get_pipeline(hass)]
