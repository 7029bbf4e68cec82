"""Reach of the pipelines' stages now, and what the owner has seen of it: a stage that reaches farther is told."""

import asyncio
from collections.abc import Mapping
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant

from ..core.data_flow import PipelineFlow, Reach, Stage, wider
from ..core.errors import StorageUnreadable
from ..recordings.data_flow import async_flows, preferred_pipeline
from ..recordings.durable_store import DurableStore
from .events import Notices

_LOGGER = logging.getLogger(__name__)

_FILE: Final = "data_flow"
_SAVE_SECONDS: Final = 1.0
_PREFERRED: Final = "preferred"
"""Stands for whichever pipeline is the preferred one, among the ids of pipelines."""

type _Stages = Mapping[Stage, Reach]


class DataFlow:
    """The pipelines' reach, compared with what was accepted. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, notices: Notices) -> None:
        """Set up; async_load reads what was accepted."""
        self._hass = hass
        self._notices = notices
        self._turn = asyncio.Lock()
        self._accepted: dict[str, _Stages] = {}
        self._preferred: str | None = None
        self.flows: Mapping[str, PipelineFlow] = {}
        """Reach of each pipeline's stages at the last look, by pipeline id."""

        self.file = DurableStore(hass, _FILE, self._to_stored)

    async def async_load(self) -> None:
        """Read what was accepted; a file that cannot be read counts as none, so that everything is new."""
        try:
            stored = await self.file.async_read() or {}
            self._accepted = {
                pipeline_id: {Stage(stage): Reach(reach) for stage, reach in stages.items()}
                for pipeline_id, stages in stored.get("accepted", {}).items()
            }
        except AttributeError, StorageUnreadable, TypeError, ValueError:
            _LOGGER.warning("What is known of the pipelines' engines cannot be read")

    async def async_stop(self) -> None:
        """Write what is not written yet."""
        await self.file.async_stop()

    async def async_look(self) -> None:
        """Look at all pipelines; a pipeline that is new is accepted, and so is a stage that reaches less far."""
        async with self._turn:
            self.flows = await async_flows(self._hass)
            self._preferred = preferred_pipeline(self._hass)
            accepted = {
                pipeline_id: {
                    stage: reach
                    if pipeline_id not in self._accepted
                    else min(
                        reach,
                        self._accepted[pipeline_id].get(stage, Reach.THIS_MACHINE),
                        key=lambda one: one.distance,
                    )
                    for stage, reach in flow.stages.items()
                }
                for pipeline_id, flow in self._followed.items()
            }
            self._keep(accepted)
        self._notices.changed()

    @property
    def wider(self) -> dict[str, dict[Stage, Reach]]:
        """Stages that reach farther than what was accepted, by pipeline id."""
        found = {
            pipeline_id: wider(self._accepted.get(pipeline_id, {}), flow.stages)
            for pipeline_id, flow in self._followed.items()
        }
        if (more := found.pop(_PREFERRED, None)) is not None and self._preferred is not None:
            found[self._preferred] |= more
        return {pipeline_id: stages for pipeline_id, stages in found.items() if stages}

    async def async_accept(self, pipeline_id: str) -> None:
        """Accept how far the stages of a pipeline reach now."""
        async with self._turn:
            if (flow := self.flows.get(pipeline_id)) is not None:
                names = (pipeline_id, *([_PREFERRED] if pipeline_id == self._preferred else ()))
                self._keep({**self._accepted, **dict.fromkeys(names, flow.stages)})
        self._notices.changed()

    @property
    def _followed(self) -> dict[str, PipelineFlow]:
        """Every pipeline, and again the one that is preferred: another choice reaches farther, too."""
        preferred = self.flows.get(self._preferred or "")
        return {**self.flows, **({} if preferred is None else {_PREFERRED: preferred})}

    def _keep(self, accepted: Mapping[str, _Stages]) -> None:
        if accepted != self._accepted:
            self._accepted = dict(accepted)
            self.file.write_soon(_SAVE_SECONDS)

    def _to_stored(self) -> dict[str, Any]:
        return {
            "accepted": {
                pipeline_id: {stage.value: reach.value for stage, reach in stages.items()}
                for pipeline_id, stages in self._accepted.items()
            }
        }


async def async_remove_accepted(hass: HomeAssistant) -> None:
    """Delete the file, because the entry is removed."""
    await DurableStore(hass, _FILE, dict).async_remove()
