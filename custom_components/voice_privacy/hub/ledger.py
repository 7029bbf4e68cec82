"""What enters the ledger: recordings that were kept, played, exported or deleted, toggles and privacy levels."""

from collections.abc import Collection
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback

from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.ledger import LedgerEvent
from ..core.levels import SETTING_LEVEL, SETTING_NEW_ROOMS, SETTING_OVERRIDES, PrivacyLevel
from ..core.models import AuditAction
from ..recordings.ledger_store import LedgerStore
from .access_log import AccessLog
from .events import HubEvent, HubEventType, Notices

_OF_HUB: Final = {HubEventType.DELETED: LedgerEvent.DELETED, HubEventType.KEPT: LedgerEvent.KEPT}
_OF_LOG: Final = {
    AuditAction.EXPORTED: LedgerEvent.EXPORTED,
    AuditAction.LISTENED: LedgerEvent.PLAYED,
}
_OF_SETTINGS: Final = {
    SETTING_OVERRIDES,
    *(f"{toggle}_{value}" for toggle in (*HouseToggle, *SatelliteToggle) for value in ("on", "off")),
    *(f"{setting}_{level}" for setting in (SETTING_LEVEL, SETTING_NEW_ROOMS) for level in PrivacyLevel),
}
"""Events of settings: a toggle or a privacy level with its new value, and the rules."""


@callback
def follow(ledger: LedgerStore, notices: Notices, access_log: AccessLog) -> CALLBACK_TYPE:
    """Write events into the ledger; return a function that ends it."""

    @callback
    def on_event(event: HubEvent) -> None:
        if (name := _OF_HUB.get(event.type)) is not None:
            ledger.add(name, (("recording", recording_id) for recording_id in event.recording_ids))

    @callback
    def on_action(
        action: AuditAction, recording_ids: Collection[str], subject: str | None, value: str | None
    ) -> None:
        if (name := _OF_LOG.get(action)) is not None:
            ledger.add(name, (("recording", recording_id) for recording_id in recording_ids))
            return
        satellite_id, _, setting = (subject or "").rpartition(".")
        # Rules have a number of them for their value, which says nothing.
        changed = setting if setting == SETTING_OVERRIDES else f"{setting}_{value}"
        if action is AuditAction.CHANGED and changed in _OF_SETTINGS:
            ledger.add(changed, [("satellite", satellite_id)] if satellite_id else [])

    access_log.on_action = on_action
    return notices.listen_to_events(on_event)
