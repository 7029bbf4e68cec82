"""What enters the ledger: recordings that were kept, played, exported or deleted, and toggles."""

from collections.abc import Collection
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback

from ..core.house_settings import HouseToggle, SatelliteToggle
from ..core.ledger import LedgerEvent
from ..core.models import AuditAction
from ..recordings.ledger_store import LedgerStore
from .access_log import AccessLog
from .events import HubEvent, HubEventType, Notices

_OF_HUB: Final = {HubEventType.DELETED: LedgerEvent.DELETED, HubEventType.KEPT: LedgerEvent.KEPT}
_OF_LOG: Final = {
    AuditAction.EXPORTED: LedgerEvent.EXPORTED,
    AuditAction.LISTENED: LedgerEvent.PLAYED,
}
_TOGGLES: Final = {toggle.value for toggle in (*HouseToggle, *SatelliteToggle)}


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
        satellite_id, _, toggle = (subject or "").rpartition(".")
        if action is AuditAction.CHANGED and toggle in _TOGGLES and value in ("on", "off"):
            ledger.add(f"{toggle}_{value}", [("satellite", satellite_id)] if satellite_id else [])

    access_log.on_action = on_action
    return notices.listen_to_events(on_event)
