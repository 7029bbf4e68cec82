"""While a store is opened, the garbage collector leaves the other objects of Home Assistant alone."""

import gc
from pathlib import Path

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.errors import StoreInUse
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage.reconciled import Reconciled
from custom_components.voice_privacy.storage.vault import Vault
from tests.storage.utterances import DAY, make_utterance


@pytest.fixture(autouse=True)
def counts_what_is_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the store ask the real collector, which other tests spare it."""
    monkeypatch.setattr("custom_components.voice_privacy.recordings.store.gc", gc)


async def test_the_collector_is_kept_from_other_objects_only_while_a_store_opens(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = Path(hass.config.cache_path("voice_privacy"))
    frozen: list[int] = []
    reconcile = Vault.reconcile

    def reconcile_and_look(*args: object) -> Reconciled:
        frozen.append(gc.get_freeze_count())
        return reconcile(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(Vault, "reconcile", reconcile_and_look)
    # The test plugin has frozen what was there before.
    gc.unfreeze()
    store = RecordingStore(hass, folder)
    await store.async_open()
    assert frozen[0] > 10_000
    assert gc.get_freeze_count() == 0
    kept = await store.async_keep(make_utterance(1), DAY)
    with pytest.raises(StoreInUse):
        await RecordingStore(hass, folder).async_open()
    assert gc.get_freeze_count() == 0
    await store.async_close()
    await store.async_open()
    assert list(store.recordings) == [kept.recording_id]
    assert store.recordings[kept.recording_id].started_monotonic == kept.started_monotonic
    await store.async_close()


async def test_what_somebody_else_keeps_from_the_collector_stays_kept(hass: HomeAssistant) -> None:
    store = RecordingStore(hass, Path(hass.config.cache_path("voice_privacy")))
    gc.freeze()
    try:
        kept = gc.get_freeze_count()
        await store.async_open()
        assert gc.get_freeze_count() >= kept * 0.99
    finally:
        gc.unfreeze()
        await store.async_close()
