"""Conversion of models to JSON data for the page and the card."""

from base64 import b64encode
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from homeassistant.core import HomeAssistant

from ..coordinator import SatelliteSnapshot, VoicePrivacyCoordinator
from ..core.house_settings import Change, HouseToggle, RetentionSetting
from ..core.levels import InForce
from ..core.models import DeletionReceipt, RecordingContent, RecordingInfo, Requester
from ..core.retention_policy import MEGABYTE, RetentionPolicy, whole_megabytes
from ..core.review import Label, PoolReceipt, ReviewItem
from ..core.stream_health import SatelliteState
from ..hub.access_log import AccessLogEntry
from ..hub.hub import VoicePrivacyHub
from ..hub.targets import devices_of
from ..review.learner import WAKES_NEEDED
from ..satellites.base import Satellite
from ..satellites.link import link_of
from ..wake.evaluation import MIN_FALSE_WAKES
from ..wake.model_files import phrase_of
from .waveform import peaks_of

type Json = dict[str, Any]
type NameOf = Callable[[str], str | None]
"""Function that returns the name of a user by id, or of an automation or script by entity id."""


def recording_json(info: RecordingInfo, retention: RetentionPolicy, *, exact: bool) -> Json:
    """Return the metadata of a recording that is known without opening it; its size only if exact."""
    period = retention.period_of(info)
    return {
        "id": info.recording_id,
        "sequence": info.sequence,
        "satellite_id": info.satellite_id,
        "started_at": info.started_at.isoformat(),
        "day": info.local_date.isoformat(),
        "seconds": round(info.duration, 2),
        "size": info.size if exact else None,
        "kind": info.listed_kind.value,
        "deletes_at": None if period is None else (info.started_at + period).isoformat(),
    }


def content_json(content: RecordingContent, phrase_of: Callable[[str], str] = phrase_of) -> Json:
    """Return the sealed content of a recording, with a waveform instead of audio. Takes about 1 ms."""
    return {
        "transcript": content.transcript,
        "reply": content.reply,
        "language": content.language,
        "started_by": content.started_by.value,
        "wake_word": phrase_of(content.wake_word) if content.wake_word else None,
        "score": content.score,
        "threshold": content.threshold,
        "peaks": b64encode(peaks_of(content.audio)).decode(),
    }


def receipt_json(receipt: DeletionReceipt, *, size: int | None, left: int) -> Json:
    """Return a receipt with the freed bytes, or None if they must not be known, and the number left."""
    return {**receipt.as_dict(), "size": size, "left": left}


def pool_receipt_json(receipts: Iterable[PoolReceipt]) -> Json:
    """Return the sum of receipts for clips that left the review pool."""
    told = list(receipts)
    return {
        "taken_out": sum(receipt.taken_out for receipt in told),
        "left": sum(receipt.left for receipt in told),
        "unlearned": any(receipt.unlearned for receipt in told),
    }


def pool_item_json(item: ReviewItem, info: RecordingInfo | None, retention: RetentionPolicy) -> Json:
    """Return a clip of the review pool for the owner; it expires with its recording at the latest."""
    ends_at = item.expires_at
    if info is not None and (period := retention.period_of(info)) is not None:
        ends_at = min(ends_at, info.started_at + period)
    return {
        "review_id": item.review_id,
        "recording_id": item.recording_id,
        "satellite_id": item.satellite_id,
        "started_at": info.started_at.isoformat() if info else None,
        "kind": item.kind.value,
        "expires_at": ends_at.isoformat(),
        "findings": list(item.findings),
        "barred": item.barred,
        "allowed": item.allowed,
        "label": item.label.value if item.label else None,
    }


def learned_json(hub: VoicePrivacyHub) -> Json:
    """Return the learned weights' evaluations, and how many labeled clips there are and are needed."""
    clips = hub.review.labeled_clips()
    wakes = sum(item.label is not Label.FALSE_WAKE for item in clips)
    phrase_of = hub.taught.phrase_of
    not_learnable = [phrase_of(word) for word in hub.words_not_learnable]
    return {
        "learning": hub.review.learner.learning,
        "wakes": wakes,
        "false_wakes": len(clips) - wakes,
        "wakes_needed": WAKES_NEEDED,
        "false_wakes_needed": MIN_FALSE_WAKES,
        **({"not_learnable": not_learnable} if not_learnable else {}),
        "learned": [
            {
                "phrase": phrase_of(word),
                "better": result.evaluation.better,
                "used": word in hub.review.learner.used,
                **asdict(result.evaluation),
            }
            for word, result in sorted(hub.review.learner.learned.items())
        ],
    }


def preview_json(recordings: Iterable[RecordingInfo], *, exact: bool = True) -> Json:
    """Return a summary of the recordings that a deletion covers; its size only if exact."""
    satellites: dict[str, int] = {}
    first = last = None
    count = size = 0
    for info in recordings:
        count += 1
        size += info.size
        satellites[info.satellite_id] = satellites.get(info.satellite_id, 0) + 1
        first = first or info.started_at
        last = info.started_at
    return {
        "count": count,
        "size": size if exact else None,
        "satellites": satellites,
        "first": first.isoformat() if first else None,
        "last": last.isoformat() if last else None,
    }


def log_entry_json(entry: AccessLogEntry, name_of: NameOf) -> Json:
    """Return an entry of the access log."""
    return {
        "when": entry.when.isoformat(),
        "until": entry.until.isoformat(),
        "times": entry.times,
        "deed": entry.action.value,
        "count": entry.count,
        "subject": entry.subject,
        "value": entry.value,
        **_requester_json(entry.by, name_of),
    }


def house_json(
    coordinator: VoicePrivacyCoordinator,
    name_of: NameOf,
    shown: Collection[str],
    *,
    whole: bool,
    exact: bool,
    may_know: Callable[[str], bool],
) -> Json:
    """Return the state of the house and of some satellites.

    Args:
        coordinator: Source of the snapshot.
        name_of: Returns the name of a user, automation or script.
        shown: Ids of the satellites that the caller may see.
        whole: True to include totals of the whole house, who changed its settings, and whether anything was ever kept.
        exact: True to return sizes in bytes; they make recordings recognizable.
        may_know: Returns whether the caller may know the state of an entity.
    """
    hub, snapshot = coordinator.hub, coordinator.data
    devices = devices_of(coordinator.hass, coordinator.config_entry.entry_id)
    satellites = {
        satellite_id: snapshot.satellites[satellite_id]
        for satellite_id in shown
        if satellite_id in snapshot.satellites
    }
    summaries = [snapshot.summary] if whole else [satellite.summary for satellite in satellites.values()]
    size = sum(summary.size for summary in summaries)

    def changed(of: HouseToggle | RetentionSetting) -> Json | None:
        return _change_json(hub.settings.last_change(of), name_of, shown) if whole else None

    return {
        "house": {
            "toggles": {
                toggle.value: {"on": on, "changed": changed(toggle)}
                for toggle, on in snapshot.toggles.items()
            },
            "recordings": sum(summary.recordings for summary in summaries),
            "false_wakes": sum(summary.false_wakes for summary in summaries),
            "size": size if exact else whole_megabytes(size) * MEGABYTE,
            "review": list(snapshot.review),
            "retention": _retention_json(snapshot.retention)
            | {"changed": {setting.value: changed(setting) for setting in RetentionSetting}},
            "store_error": hub.kept.error.code if hub.kept.error else None,
            "settings_lost": hub.settings.lost,
            **({"ever_kept": hub.kept.ever_kept} if whole else {}),
            "today": snapshot.start_of_today.date().isoformat(),
        },
        "satellites": [
            _satellite_json(
                hub,
                hub.satellites[satellite_id],
                satellite,
                snapshot.names[satellite_id],
                devices,
                lambda change: _change_json(change, name_of, shown),
                exact=exact,
            )
            | {
                "pipeline": coordinator.pipelines_not_chosen.get(satellite_id),
                "level": _level_json(coordinator.hass, satellite.level, may_know)
                | {"longest": satellite.longest.value},
                "link": link_of(coordinator.hass, hub.satellites[satellite_id]).value,
            }
            for satellite_id, satellite in satellites.items()
        ],
    }


def _level_json(hass: HomeAssistant, level: InForce, may_know: Callable[[str], bool]) -> Json:
    """Return the privacy level in force and why; the entity of an override only if the caller may know it."""
    reasons = []
    for reason in level.reasons:
        state = hass.states.get(reason.entity_id) if reason.entity_id else None
        known = bool(reason.entity_id) and may_know(reason.entity_id)
        reasons.append(
            {
                "cause": reason.cause.value,
                "name": (state.name if state else reason.entity_id) if known else None,
                "state": state.state if known and state else None,
            }
        )
    return {"level": level.level.value, "reasons": reasons}


def _retention_json(policy: RetentionPolicy) -> Json:
    """Return the chosen retention of the house."""
    return {
        "keep_recordings": policy.house.value,
        "keep_false_wakes": policy.false_wakes.value,
        "keep_transcripts": policy.transcripts.value,
        "storage_limit": policy.limit_mb,
    }


def _satellite_json(
    hub: VoicePrivacyHub,
    satellite: Satellite,
    snapshot: SatelliteSnapshot,
    name: str,
    devices: Mapping[str, str],
    changed: Callable[[Change | None], Json | None],
    *,
    exact: bool,
) -> Json:
    """Return the state of a satellite; changed converts the last change of a toggle."""
    satellite_id = satellite.satellite_id
    last = hub.wakes.last(satellite_id)
    available = hub.listening.wake_words_available
    return {
        "id": satellite_id,
        "device_id": devices.get(satellite_id),
        "name": name,
        "state": snapshot.state.value,
        "silence_reason": snapshot.silence_reason,
        "mute_confirmed": snapshot.mute_confirmed,
        "toggles": {
            toggle.value: {
                "on": on,
                "changed": changed(hub.settings.last_change(toggle, satellite_id)),
            }
            for toggle, on in snapshot.toggles.items()
        },
        "keep_recordings": hub.settings.retention.of_satellite(satellite_id).value,
        "recordings": snapshot.summary.recordings,
        "false_wakes": snapshot.summary.false_wakes,
        "size": snapshot.summary.size if exact else None,
        "wakes_today": snapshot.wakes_today,
        "false_wakes_today": snapshot.false_wakes_today,
        "is_scored": snapshot.is_scored,
        "wake_words": [
            {
                "id": word.wake_word,
                "phrase": hub.taught.phrase_of(word.wake_word),
                "threshold": word.threshold,
                "available": satellite.has_other_engine or word.wake_word in available,
            }
            for word in snapshot.wake_words
        ],
        "last_wake": None
        if last is None
        else {
            "when": last.when.isoformat(),
            "wake_word": last.wake.phrase,
            "score": last.wake.score,
            "threshold": last.wake.threshold,
            "started_by": last.wake.started_by.value,
        },
        "recording_since": last.when.isoformat()
        if last is not None and snapshot.state is SatelliteState.RECORDING
        else None,
    }


def _change_json(change: Change | None, name_of: NameOf, shown: Collection[str]) -> Json | None:
    """Return when a setting was last changed and by whom; the satellite of a voice command only if shown."""
    if change is None:
        return None
    by = change.by
    if by.satellite_id not in shown:
        by = replace(by, satellite_id=None)
    return {"when": change.when.isoformat(), **_requester_json(by, name_of)}


def _requester_json(by: Requester, name_of: NameOf) -> Json:
    """Return a requester with the name of its user or automation, if it has one."""
    known_as = by.user_id or by.automation
    return {
        "by": by.kind.value,
        "user": (name_of(known_as) or by.automation) if known_as else None,
        "satellite_id": by.satellite_id,
    }
