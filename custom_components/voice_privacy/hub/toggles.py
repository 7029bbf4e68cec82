"""Changes of toggles: order of memory, satellites, disk, access log and review pool."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from functools import partial
from typing import Any, Protocol

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback

from ..const import DOMAIN
from ..core.errors import HeldByLevel, MuteNotHeld
from ..core.house_settings import CONSENT, HouseToggle, SatelliteToggle
from ..core.in_flight import InFlightCaptures
from ..core.levels import PrivacyLevel
from ..core.models import Requester
from ..core.privacy import forbids
from ..core.review import PoolReceipt
from ..satellites.base import Satellite
from .access_log import AccessLog
from .settings import SettingsStore


class ToggledHouse(Protocol):
    """Callbacks into the hub that apply a toggle."""

    async_sync_proxies: Callable[[], Awaitable[None]]
    """Makes the mute of other integrations' satellites hold in every pipeline."""

    @callback
    def settings_changed(self, satellite: Satellite | None, *, muted: bool) -> None:
        """Apply changed toggles to one satellite, or to all; muted is True for the mute toggle."""

    async def async_withdraw(self, satellite_id: str | None, by: Requester) -> PoolReceipt:
        """Remove the clips of a satellite, or of the house, from the review pool. Raises StoreError."""


class HubToggles:
    """Applies changed toggles in memory, at the satellites, on disk and in the access log, in that order."""

    def __init__(
        self,
        hass: HomeAssistant,
        settings: SettingsStore,
        access_log: AccessLog,
        captures: InFlightCaptures,
        *,
        house: ToggledHouse,
    ) -> None:
        """Set up; house receives the callbacks that apply a toggle."""
        self._hass = hass
        self._settings = settings
        self._access_log = access_log
        self._captures = captures
        self._house = house

    async def async_set_house(self, toggle: HouseToggle, by: Requester, *, on: bool) -> PoolReceipt:
        """Set a house toggle; see `VoicePrivacyHub.async_set_house`."""

        @callback
        def take_effect() -> None:
            self.forbid_in_flight()
            self._house.settings_changed(None, muted=False)

        return await self._async_turn(
            self._settings.async_set_house(toggle, by, on=on),
            holds=lambda: self._settings.house(toggle) is on,
            take_effect=take_effect,
            log=lambda: self._access_log.add_change(by, toggle.value, on),
            withdraw=partial(self._house.async_withdraw, None, by) if toggle in CONSENT and not on else None,
        )

    async def async_set_satellite(
        self, satellite: Satellite, toggle: SatelliteToggle, by: Requester, *, on: bool
    ) -> PoolReceipt:
        """Set a satellite toggle; see `VoicePrivacyHub.async_set_satellite`."""
        satellite_id = satellite.satellite_id
        if (
            toggle is SatelliteToggle.MUTED
            and not on
            and self._settings.level_of(satellite_id).level is PrivacyLevel.OFF
        ):
            # The mute by hand stays as well: whoever removes it must see that the microphone is on.
            raise HeldByLevel(name=satellite.config.name)

        @callback
        def take_effect() -> None:
            self.forbid_in_flight()
            self._house.settings_changed(satellite, muted=toggle is SatelliteToggle.MUTED)

        receipt = await self._async_turn(
            self._settings.async_set_satellite(satellite_id, toggle, by, on=on),
            holds=lambda: self._settings.satellite(satellite_id, toggle) is on,
            take_effect=take_effect,
            log=lambda: self._access_log.add_change(by, toggle.value, on, satellite_id),
            withdraw=partial(self._house.async_withdraw, satellite_id, by)
            if toggle in CONSENT and not on
            else None,
        )
        if toggle is SatelliteToggle.MUTED:
            await self._house.async_sync_proxies()
        if toggle is SatelliteToggle.MUTED and satellite.mute_is_void:
            raise MuteNotHeld(name=satellite.config.name)
        return receipt

    @callback
    def forbid_in_flight(self) -> None:
        """Apply guest mode and withdrawn consent to utterances whose pipeline is still running."""
        for capture in self._captures.all:
            # A mute after the last word does not affect what was said before it.
            settings = replace(self._settings.of(capture.satellite_id), muted=False)
            capture.memory_only |= settings.level is PrivacyLevel.MEMORY_ONLY
            if (reason := forbids(settings, near_miss=capture.near_miss)) is not None:
                capture.forbid(reason)

    async def _async_turn(
        self,
        change: Coroutine[Any, Any, None],
        *,
        holds: Callable[[], bool],
        take_effect: CALLBACK_TYPE,
        log: CALLBACK_TYPE,
        withdraw: Callable[[], Coroutine[Any, Any, PoolReceipt]] | None,
    ) -> PoolReceipt:
        """Apply a change, to completion even if the requesting task is cancelled.

        Args:
            change: changes the toggle in memory and on disk; a more private value applies at once.
            holds: returns whether the toggle has the requested value.
            take_effect: applies the toggle to satellites and utterances.
            log: adds the access log entry.
            withdraw: removes clips from the review pool, if consent to review is withdrawn.

        Raises NotSaved if the change could not be written, and whatever withdraw raises.
        """

        async def carry_out() -> PoolReceipt:
            saving = self._hass.async_create_task(change, f"{DOMAIN}_settings", eager_start=True)
            if applied := holds():
                take_effect()
            receipt = PoolReceipt()
            try:
                await saving
            finally:
                if holds():
                    if not applied:
                        take_effect()
                    log()
                if withdraw is not None:
                    receipt = await withdraw()
            return receipt

        return await asyncio.shield(
            self._hass.async_create_task(carry_out(), f"{DOMAIN}_toggle", eager_start=True)
        )
