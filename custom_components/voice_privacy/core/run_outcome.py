"""What became of a run of an Assist pipeline, as its events tell."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final, Self

from .cleaning import MAX_NAME, MAX_TRANSCRIPT, clean_name, clean_text, dig

_NO_TEXT: Final = "stt-no-text-recognized"
_NO_MATCH: Final = "no_intent_match"


class RunStatus(StrEnum):
    """End of a run."""

    DONE = "done"
    ERROR = "error"
    """The pipeline failed; it says why with a code and a message."""

    NOT_DONE = "not_done"
    """The conversation agent understood, but could not do it; it says why with a code."""

    NOT_RUN = "not_run"
    """There was no pipeline with speech-to-text."""

    NOT_UNDERSTOOD = "not_understood"
    NO_SPEECH = "no_speech"
    """Speech-to-text found no words."""

    UNFINISHED = "unfinished"
    """It was cancelled, or took too long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    """What became of a run, and where Home Assistant keeps its events for a while."""

    status: RunStatus
    code: str | None = None
    """Error code of the pipeline or of the conversation agent."""

    message: str | None = field(default=None, repr=False)
    """Error message of the pipeline, which may repeat what was said."""

    pipeline_id: str | None = None
    run_id: str | None = None
    """Id of the run among the newest runs of its pipeline, which Home Assistant keeps in memory."""

    def as_stored(self) -> dict[str, Any]:
        """Return what is sealed, without fields that are unknown."""
        stored: dict[str, Any] = {
            "status": self.status,
            "code": self.code,
            "message": self.message,
            "pipeline_id": self.pipeline_id,
            "run_id": self.run_id,
        }
        return {name: value for name, value in stored.items() if value is not None}

    @classmethod
    def from_stored(cls, stored: object) -> Self | None:
        """Return what was sealed by this or another version, or None if it cannot be read."""
        if not isinstance(stored, dict):
            return None
        try:
            status = RunStatus(stored["status"])
        except KeyError, ValueError:
            return None
        return cls(
            status=status,
            code=clean_name(stored.get("code")),
            message=_message(stored.get("message")),
            pipeline_id=clean_name(stored.get("pipeline_id")),
            run_id=clean_name(stored.get("run_id")),
        )


class RunWatch:
    """Follows the events of one run."""

    def __init__(self) -> None:
        """Start before the run."""
        self.outcome: RunOutcome | None = None
        """What is known so far; None if no run has begun."""

    def not_run(self) -> None:
        """Note that there is nothing to run."""
        self.outcome = RunOutcome(status=RunStatus.NOT_RUN)

    def began(self, pipeline_id: object, run_id: object = None) -> None:
        """Note the beginning of the run."""
        self.outcome = RunOutcome(
            status=RunStatus.UNFINISHED, pipeline_id=clean_name(pipeline_id), run_id=clean_name(run_id)
        )

    def named(self, run_id: str | None) -> None:
        """Note the id of the run."""
        if self.outcome is not None:
            self.outcome = replace(self.outcome, run_id=clean_name(run_id))

    def heard(self, kind: str, data: object) -> None:
        """Take an event of the run, given its type and its data, which may be anything."""
        if kind == "run-start":
            self.began(dig(data, "pipeline"))
        elif self.outcome is None:
            return
        elif kind == "error":
            self._failed(dig(data, "code"), dig(data, "message"))
        elif kind == "intent-end":
            self._answered(data)
        elif kind == "run-end" and self.outcome.status is RunStatus.UNFINISHED:
            self.outcome = replace(self.outcome, status=RunStatus.DONE)

    def _failed(self, code: object, message: object) -> None:
        assert self.outcome is not None
        if code == _NO_TEXT:
            self.outcome = replace(self.outcome, status=RunStatus.NO_SPEECH)
            return
        self.outcome = replace(
            self.outcome,
            status=RunStatus.ERROR,
            code=clean_text(code, MAX_NAME) or None,
            message=_message(message),
        )

    def _answered(self, data: object) -> None:
        """Take the answer of the conversation agent, which is its own report of an error."""
        assert self.outcome is not None
        if dig(data, "intent_output", "response", "response_type") != "error":
            return
        code = clean_name(dig(data, "intent_output", "response", "data", "code"))
        status = RunStatus.NOT_UNDERSTOOD if code == _NO_MATCH else RunStatus.NOT_DONE
        self.outcome = replace(self.outcome, status=status, code=code)


def _message(text: object) -> str | None:
    return clean_text(text, MAX_TRANSCRIPT, lines=True) or None
