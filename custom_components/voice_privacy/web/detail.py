"""Details of one opened recording: why it was made, what became of it, and its level."""

import re
from typing import Any, Final

from ..core.models import RecordingContent, RecordingInfo
from ..core.run_outcome import RunOutcome
from ..core.sound_figures import figures_of_recording
from ..core.wake_trace import WakeTrace
from ..hub.permissions import Right
from ..satellites.pipeline_runs import is_in_memory
from .serializers import Json
from .ws_command import Call

_DEBUG_PAGE: Final = "/config/voice-assistants/debug/"
"""Page of Home Assistant that shows the newest runs of a pipeline; it opens at the newest one."""

_PIPELINE_ID: Final = re.compile(r"[A-Za-z0-9_-]+", re.ASCII)


def tells_clips(call: Call) -> bool:
    """Return whether the caller's feedback may be, and tell, the label of a clip.

    A reviewer who may also listen would otherwise find out which recording a clip is.
    """
    return call.knows_clips or not call.allows(Right.REVIEW)


def feedback_json(call: Call, recording_id: str, content: RecordingContent) -> Json | None:
    """Return the feedback on a recording, or None."""
    feedback = call.hub.feedback.given(recording_id, content, knows_clips=tells_clips(call))
    if feedback is None:
        return None
    return {"label": feedback.label.value, "correction": feedback.correction}


def detail_json(call: Call, info: RecordingInfo, content: RecordingContent) -> Json:
    """Return what only the details of a recording show; for administrators also its place in review."""
    detail: Json = {
        "why": None if content.trace is None else _why_json(content.trace),
        "run": None if content.run is None else _run_json(call, content.run),
    }
    return detail | (_review_json(call, info) if call.knows_clips else {})


def sound_json(content: RecordingContent) -> Json:
    """Return level and clipping of a recording, computed from its audio and never stored. Takes some milliseconds."""
    figures = figures_of_recording(content.audio)
    return {
        "level": round(figures.level, 1),
        "peak": round(figures.peak, 1),
        "clipped": round(figures.clipped, 6),
        "problem": None if figures.problem is None else figures.problem.value,
    }


def _why_json(trace: WakeTrace) -> Json:
    return {
        "heard_by": None if trace.heard_by is None else trace.heard_by.value,
        "engine": trace.engine_name,
        "scores": list(trace.scores),
        "filter_score": trace.filter_score,
    }


def _run_json(call: Call, run: RunOutcome) -> Json:
    """Return what became of a run, for administrators with the page that shows it as long as there is one."""
    page: str | None = None
    if (
        call.connection.user.is_admin
        and run.pipeline_id is not None
        and _PIPELINE_ID.fullmatch(run.pipeline_id)
        and is_in_memory(call.hass, run.pipeline_id, run.run_id)
    ):
        page = f"{_DEBUG_PAGE}{run.pipeline_id}"
    return {"status": run.status.value, "code": run.code, "message": run.message, "debug": page}


def _review_json(call: Call, info: RecordingInfo) -> dict[str, Any]:
    """Return the clip of a recording, or why it has none."""
    place = call.hub.feedback.place_in_review(info)
    if place.clip is None:
        return {"clip": None, "not_reviewed": place.reason.value if place.reason else None}
    return {
        "clip": {
            "review_id": place.clip.review_id,
            "label": place.clip.label.value if place.clip.label else None,
            "barred": place.clip.barred,
            "findings": list(place.clip.findings),
        }
    }
