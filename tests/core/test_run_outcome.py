"""What became of a run: told by its events, whatever is in them, and read back from any version."""

from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.run_outcome import RunOutcome, RunStatus, RunWatch

BEGUN = ("run-start", {"pipeline": "01pipeline", "language": "en"})
ENDED = ("run-end", None)

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def answered(kind: str, code: str | None = None) -> tuple[str, Any]:
    """Return the event of an answer by a conversation agent."""
    data = {} if code is None else {"code": code}
    return "intent-end", {"intent_output": {"response": {"response_type": kind, "data": data}}}


def outcome_of(*events: tuple[str, Any]) -> RunOutcome | None:
    """Return what a watch knows after some events."""
    watch = RunWatch()
    for kind, data in events:
        watch.heard(kind, data)
    return watch.outcome


@pytest.mark.parametrize(
    ("events", "status", "code"),
    [
        ([BEGUN], RunStatus.UNFINISHED, None),
        ([BEGUN, ENDED], RunStatus.DONE, None),
        ([BEGUN, answered("action_done"), ENDED], RunStatus.DONE, None),
        ([BEGUN, answered("error", "no_intent_match"), ENDED], RunStatus.NOT_UNDERSTOOD, "no_intent_match"),
        ([BEGUN, answered("error", "no_valid_targets"), ENDED], RunStatus.NOT_DONE, "no_valid_targets"),
        ([BEGUN, answered("error"), ENDED], RunStatus.NOT_DONE, None),
        ([BEGUN, ("error", {"code": "stt-no-text-recognized"}), ENDED], RunStatus.NO_SPEECH, None),
        ([BEGUN, ("error", {"code": "intent-failed"}), ENDED], RunStatus.ERROR, "intent-failed"),
        ([BEGUN, answered("query_answer"), ("error", {"code": "tts-failed"})], RunStatus.ERROR, "tts-failed"),
        ([BEGUN, ("error", None), ENDED], RunStatus.ERROR, None),
        ([BEGUN, ("error", {"code": 7, "message": []}), ENDED], RunStatus.ERROR, None),
    ],
)
def test_events_tell_what_became_of_a_run(
    events: list[tuple[str, Any]], status: RunStatus, code: str | None
) -> None:
    outcome = outcome_of(*events)
    assert outcome is not None
    assert (outcome.status, outcome.code, outcome.pipeline_id) == (status, code, "01pipeline")


def test_a_message_is_cleaned_and_in_no_text_of_ours() -> None:
    outcome = outcome_of(BEGUN, ("error", {"code": "x", "message": " se\u202ecret\x00  words "}))
    assert outcome is not None
    assert outcome.message == "secret words"
    assert "secret" not in repr(outcome)


def test_without_a_beginning_nothing_is_known() -> None:
    assert outcome_of(ENDED, ("error", {"code": "x"}), answered("error")) is None
    watch = RunWatch()
    watch.named("run")
    assert watch.outcome is None
    watch.not_run()
    watch.named("run")
    assert watch.outcome == RunOutcome(status=RunStatus.NOT_RUN, run_id="run")


@given(events=st.lists(st.tuples(st.sampled_from(["run-start", "error", "intent-end", "run-end"]), ANYTHING)))
def test_no_event_breaks_it(events: list[tuple[str, Any]]) -> None:
    outcome = outcome_of(*events)
    if outcome is not None:
        assert RunOutcome.from_stored(outcome.as_stored()) == outcome


@given(stored=ANYTHING | st.fixed_dictionaries({"status": st.sampled_from(RunStatus), "code": ANYTHING}))
def test_what_cannot_be_read_is_unknown(stored: object) -> None:
    outcome = RunOutcome.from_stored(stored)
    assert outcome is None or RunOutcome.from_stored(outcome.as_stored()) == outcome
    assert RunOutcome.from_stored({"status": "of a later version"}) is None
