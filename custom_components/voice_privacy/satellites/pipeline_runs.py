"""Assist pipelines: who is speaking, and proxy engines in and out.

Home Assistant tells a speech-to-text engine nothing about whose audio it gets. What is known of a run is
read from Assist's own bookkeeping; where that has changed, the run counts as unknown and is passed on.
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
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import chat_session, entity_registry as er

_LOGGER = logging.getLogger(__name__)

SOURCE_API: Final = "api"
"""Speech sent to Home Assistant's speech-to-text API, without a pipeline."""

SOURCE_UNKNOWN: Final = "unknown"

_SATELLITE: Final = "satellite:"
_USER: Final = "user:"
_TASK_SUFFIX: Final = "_pipeline"


@callback
def source_of_entity(hass: HomeAssistant, entity_id: str) -> str:
    """Return the source that stands for an assist_satellite entity; renaming it changes nothing."""
    entity = er.async_get(hass).async_get(entity_id)
    return f"{_SATELLITE}{entity.id if entity else entity_id}"


def source_of_user(user_id: str) -> str:
    """Return the source that stands for the apps and browsers of a user."""
    return f"{_USER}{user_id}"


@callback
def entity_of_source(hass: HomeAssistant, source: str) -> er.RegistryEntry | None:
    """Return the assist_satellite entity that a source stands for."""
    if not source.startswith(_SATELLITE):
        return None
    return er.async_get(hass).entities.get_entry(source.removeprefix(_SATELLITE))


def is_satellite(source: str) -> bool:
    """Return whether a source stands for an assist_satellite entity."""
    return source.startswith(_SATELLITE)


# --- who is speaking ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RunIdentity:
    """Whose audio an engine has been given."""

    source: str
    """As of source_of_entity or source_of_user, SOURCE_API or SOURCE_UNKNOWN."""

    conversation_id: str | None = None
    run: Any = None
    """Assist's own object of the run, where it was found."""

    def follow(self, on_event: Callable[[PipelineEvent], None]) -> bool:
        """Call with every further event of the run; return False when that cannot be done."""
        before = getattr(self.run, "event_callback", None)
        if before is None:
            return False

        @callback
        def both(event: PipelineEvent) -> None:
            try:
                before(event)
            finally:
                # Even where that failed, as it does for a device that has dropped: the run may be over.
                heard(event)

        @callback
        def heard(event: PipelineEvent) -> None:
            try:
                on_event(event)
            except Exception as err:  # noqa: BLE001
                # The run must not suffer for it.
                _LOGGER.error("An event of a run is lost: %s", type(err).__name__)

        self.run.event_callback = both
        return True


@callback
def identify_run(hass: HomeAssistant) -> RunIdentity:
    """Find out whose audio is processed in the current task."""
    session = chat_session.current_session.get()
    if session is None:
        return RunIdentity(source=_source_of_task(hass) or SOURCE_API)
    conversation_id = session.conversation_id
    try:
        run = _run_of(hass, conversation_id)
    except Exception as err:  # noqa: BLE001
        # Assist's bookkeeping is its own business, and changes when it likes.
        _LOGGER.warning("Assist's runs cannot be read: %s", type(err).__name__)
        run = None
    source = (run and _source_of_run(hass, run)) or _source_of_task(hass) or SOURCE_UNKNOWN
    return RunIdentity(source=source, conversation_id=conversation_id, run=run)


def _run_of(hass: HomeAssistant, conversation_id: str) -> Any:
    """Return the newest active run of a conversation; ids of runs sort by time."""
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
    """Return who speaks in a run: a satellite, or a signed-in user."""
    if (satellite_id := run.satellite_id) is not None:
        return source_of_entity(hass, satellite_id)
    return source_of_user(user_id) if (user_id := run.context.user_id) is not None else None


def _source_of_task(hass: HomeAssistant) -> str | None:
    """Return the satellite that the current task is named after."""
    task = asyncio.current_task()
    name = task.get_name() if task is not None else ""
    entity_id = name.removesuffix(_TASK_SUFFIX)
    if entity_id == name or not entity_id.startswith("assist_satellite."):
        return None
    return source_of_entity(hass, entity_id)


@callback
def pipeline_select_of(hass: HomeAssistant, source: str) -> str | None:
    """Return the select entity that says which pipeline a satellite speaks to, if it has one."""
    entity = entity_of_source(hass, source)
    component: Any = hass.data.get("assist_satellite")
    satellite = component.get_entity(entity.entity_id) if entity and component else None
    return getattr(satellite, "pipeline_entity_id", None)


@callback
def pipeline_of_source(hass: HomeAssistant, source: str) -> Pipeline | None:
    """Return the pipeline that a satellite speaks to now; None where its integration is not there."""
    entity = entity_of_source(hass, source)
    if entity is None or hass.states.get(entity.entity_id) is None:
        return None
    select = pipeline_select_of(hass, source)
    state = hass.states.get(select) if select else None
    named = [pipeline for pipeline in async_get_pipelines(hass) if state and pipeline.name == state.state]
    return named[0] if named else async_get_pipeline(hass)


# --- proxy engines in and out ---------------------------------------------------------------------
