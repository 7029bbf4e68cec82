"""Repair flows for issues that can be fixed with one click."""

from functools import partial
from typing import Final, override

from homeassistant.components.assist_pipeline import async_get_pipelines
from homeassistant.components.repairs import RepairsFlow, RepairsFlowResult
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir

from .const import CONF_ACCEPT_LICENSE, CONF_PIPELINES, CONF_TAKEN_FROM, DOMAIN
from .coordinator import (
    ISSUE_MODELS_MISSING,
    ISSUE_NOT_RESTORED,
    ISSUE_PIPELINE_NOT_CHOSEN,
    VoicePrivacyConfigEntry,
)
from .core.errors import NotLoaded, StoreError, WakeModelError
from .hub.hub import VoicePrivacyHub
from .hub.wake_words import async_refused_models
from .issues.data_flow import ISSUE_DATA_FLOW
from .issues.rivals import ISSUE_GIVE_BACK, ISSUE_RIVAL
from .satellites.core_wyoming import async_entry_at
from .satellites.stt_proxies import is_proxy
from .satellites.take_over import TakeOverFailed, async_give_back, async_take_over, taken_from
from .wake_listening.model_downloads import async_fetch_models, async_fetch_second_ears

_MODEL_ERRORS: Final = (
    "model_disk_full",
    "model_download_failed",
    "model_hash_mismatch",
    "model_not_written",
)


class _RetryFlow(RepairsFlow):
    """Base of flows that explain a problem and retry on submit."""

    def __init__(self, issue_id: str, entry_id: str) -> None:
        self._issue_id = issue_id
        self._entry_id = entry_id

    async def async_step_init(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Start with the explanation."""
        return await self.async_step_confirm()

    async def async_step_confirm(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Show the explanation; on submit, retry and show an error if it failed."""
        entry: VoicePrivacyConfigEntry | None = self.hass.config_entries.async_get_entry(self._entry_id)
        if entry is None or entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        errors: dict[str, str] = {}
        hub = entry.runtime_data.hub
        if user_input is not None:
            if (error := await self._async_retry(hub)) is None:
                return self.async_create_entry(data={})
            errors["base"] = error
        step_id, placeholders = await self._async_explain(hub)
        return self.async_show_form(step_id=step_id, errors=errors, description_placeholders=placeholders)

    async def _async_explain(self, hub: VoicePrivacyHub) -> tuple[str, dict[str, str]]:
        """Return the step that explains the problem, and its placeholders."""
        return "confirm", self._placeholders(hub)

    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        """Return the placeholders of the explanation."""
        return {}

    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        """Retry; return the key of an error, or None on success."""
        raise NotImplementedError


class _StoreFlow(_RetryFlow):
    """Flow that opens the sealed store again."""

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        return {"reason": str(hub.kept.error)}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        await hub.async_open_store()
        return "still_failing" if hub.kept.error else None


class _NotRestoredFlow(_RetryFlow):
    """Flow that removes rows of a restored backup whose recordings cannot be opened."""

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        return {"count": str(hub.kept.not_restored)}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        try:
            await hub.kept.async_remove_not_restored()
        except StoreError:
            return "still_failing"
        hub.changed()
        return None


class _ModelsFlow(_RetryFlow):
    """Flow that downloads the wake word models again, or says which of the user's own cannot be used."""

    async def async_step_refused(self, user_input: dict[str, str] | None = None) -> RepairsFlowResult:
        """Take the answer to the explanation of models that cannot be used."""
        return await self.async_step_confirm(user_input)

    @override
    async def _async_explain(self, hub: VoicePrivacyHub) -> tuple[str, dict[str, str]]:
        if models := await async_refused_models(hub):
            return "refused", {"models": models}
        return "confirm", self._placeholders(hub)

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        err = hub.listening.model_error
        return {"code": err.code if isinstance(err, WakeModelError) else "unknown"}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        try:
            fetch = async_fetch_models
            entry = self.hass.config_entries.async_get_entry(self._entry_id)
            if entry is not None and not entry.data.get(CONF_ACCEPT_LICENSE, True):
                fetch = partial(async_fetch_models, licensed=False)
            await fetch(self.hass, hub.wake_words_wanted, lambda _: None)
            await async_fetch_second_ears(self.hass, hub.wake_words_wanted)
        except WakeModelError as err:
            return err.code if err.code in _MODEL_ERRORS else "unknown"
        try:
            await hub.async_load_models()
        except NotLoaded:
            return "unknown"
        return "unknown" if hub.listening.model_error else None


class _ChoosePipelineFlow(_RetryFlow):
    """Flow that adds a satellite's pipeline to the chosen ones and installs its proxy."""

    pipeline_id: str

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self._issue_id)
        return dict(issue.translation_placeholders or {}) if issue else {}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        chosen = entry.options.get(CONF_PIPELINES, [])
        if self.pipeline_id not in chosen:
            options = {**entry.options, CONF_PIPELINES: [*chosen, self.pipeline_id]}
            self.hass.config_entries.async_update_entry(entry, options=options)
        await entry.runtime_data.proxies.async_sync()
        pipelines = {pipeline.id: pipeline for pipeline in async_get_pipelines(self.hass)}
        engine = pipelines[self.pipeline_id].stt_engine if self.pipeline_id in pipelines else None
        return None if engine is None or is_proxy(self.hass, engine) else "still_failing"


class _TakeOverFlow(_RetryFlow):
    """Flow that makes core's integration let go of a satellite that is ours, too."""

    satellite_id: str

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        satellite = hub.satellites.get(self.satellite_id)
        return {"name": satellite.config.name if satellite else self.satellite_id}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        subentry = entry.subentries.get(self.satellite_id)
        theirs = await async_entry_at(self.hass, subentry.data) if subentry is not None else None
        if subentry is None or theirs is None:
            return None
        try:
            satellite = await async_take_over(self.hass, entry, theirs.entry_id, try_connection=False)
        except TakeOverFailed:
            return "still_failing"
        data = {**subentry.data, CONF_TAKEN_FROM: taken_from(satellite)}
        self.hass.config_entries.async_update_subentry(entry, subentry, data=data)
        return None


class _AcceptFlow(_RetryFlow):
    """Flow that names where a pipeline's sound and text go now, and accepts it."""

    pipeline_id: str

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        flow = hub.data_flow.flows.get(self.pipeline_id)
        return {"pipeline": flow.name if flow else self.pipeline_id}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        await hub.data_flow.async_accept(self.pipeline_id)
        return None


class _GiveBackFlow(_RetryFlow):
    """Flow that enables core's entry again for a satellite that was removed here."""

    wyoming_entry_id: str

    @override
    def _placeholders(self, hub: VoicePrivacyHub) -> dict[str, str]:
        theirs = self.hass.config_entries.async_get_entry(self.wyoming_entry_id)
        return {"name": theirs.title if theirs else self.wyoming_entry_id}

    @override
    async def _async_retry(self, hub: VoicePrivacyHub) -> str | None:
        entry = self.hass.config_entries.async_get_known_entry(self._entry_id)
        try:
            await async_give_back(self.hass, entry, self.wyoming_entry_id, None, is_muted=lambda: False)
        except TakeOverFailed:
            return "still_failing"
        return None


async def async_create_fix_flow(
    hass: HomeAssistant, issue_id: str, data: dict[str, str | int | float | None] | None
) -> RepairsFlow:
    """Return the repair flow for an issue."""
    flows: dict[str, type[_RetryFlow]] = {
        ISSUE_MODELS_MISSING: _ModelsFlow,
        ISSUE_NOT_RESTORED: _NotRestoredFlow,
    }
    if issue_id.startswith(ISSUE_PIPELINE_NOT_CHOSEN):
        choose = _ChoosePipelineFlow(issue_id, str((data or {}).get("entry_id")))
        choose.pipeline_id = str((data or {}).get("pipeline_id"))
        return choose
    if issue_id.startswith(f"{ISSUE_DATA_FLOW}_"):
        accept = _AcceptFlow(issue_id, str((data or {}).get("entry_id")))
        accept.pipeline_id = str((data or {}).get("pipeline_id"))
        return accept
    if issue_id.startswith(f"{ISSUE_RIVAL}_"):
        take_over = _TakeOverFlow(issue_id, str((data or {}).get("entry_id")))
        take_over.satellite_id = str((data or {}).get("satellite_id"))
        return take_over
    if issue_id.startswith(f"{ISSUE_GIVE_BACK}_"):
        give_back = _GiveBackFlow(issue_id, str((data or {}).get("entry_id")))
        give_back.wyoming_entry_id = str((data or {}).get("wyoming_entry_id"))
        return give_back
    flow = flows.get(issue_id, _StoreFlow)
    return flow(issue_id, str((data or {}).get("entry_id")))
