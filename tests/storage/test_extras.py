"""What is sealed beside the words: old and new files are read, feedback survives any failure, nothing lies open."""

from collections.abc import Iterator
from dataclasses import replace
import json
from pathlib import Path

import pytest

from custom_components.voice_privacy.core.errors import RecordingNotFound, StoreError
from custom_components.voice_privacy.core.feedback import Feedback, Label
from custom_components.voice_privacy.core.models import RecordingContent
from custom_components.voice_privacy.core.run_outcome import RunOutcome, RunStatus
from custom_components.voice_privacy.core.wake_trace import HeardBy, WakeTrace
from custom_components.voice_privacy.storage import sealed_file
from custom_components.voice_privacy.storage.key_file_format import MIRRORS
from custom_components.voice_privacy.storage.sealed_file import SealedFile, seal
from custom_components.voice_privacy.storage.vault import AUDIO_FOLDER, Vault

from .residue import Searcher
from .test_text import Failing, files, opened
from .utterances import DAY, contents_below, make_utterance

TRACE = WakeTrace(
    heard_by=HeardBy.BOTH, scores=tuple(round(0.013 * at, 3) for at in range(25)), filter_score=0.8
)
MESSAGE = "the agent could not handle: turn on that wonderful light in the hall"
RUN = RunOutcome(
    status=RunStatus.ERROR, code="intent-failed", message=MESSAGE, pipeline_id="01p", run_id="01r"
)
CORRECTION = "turn on that other wonderful light in the old kitchen"
FEEDBACK = Feedback(label=Label.WRONG_TRANSCRIPT, correction=CORRECTION)
CUT_OFF = Feedback(label=Label.CUT_OFF)


@pytest.fixture
def vault(tmp_path: Path) -> Iterator[Vault]:
    vault = opened(tmp_path)
    yield vault
    vault.close()


def test_all_is_read_back(vault: Vault) -> None:
    info = vault.keep(make_utterance(1, trace=TRACE, run=RUN), DAY)
    _, content = vault.read(info.recording_id)
    assert (content.trace, content.run, content.feedback) == (TRACE, RUN, None)


def test_an_earlier_file_has_none_of_it_and_is_read(
    vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file without these fields is the one that earlier versions wrote, and gets feedback all the same."""
    with monkeypatch.context() as patch:
        patch.setattr(RecordingContent, "extras", {})
        info = vault.keep(make_utterance(1, trace=TRACE, run=RUN), DAY)
    _, content = vault.read(info.recording_id)
    assert (content.trace, content.run, content.feedback) == (None, None, None)
    vault.write_feedback(info.recording_id, CUT_OFF)
    assert vault.read(info.recording_id)[1] == replace(content, feedback=CUT_OFF)


@pytest.mark.parametrize(
    "extras",
    [
        {"wake": {"heard_by": "a third engine", "scores": "many"}, "run": {"status": "later"}},
        {"wake": 7, "run": [], "feedback": "good"},
        {"wake": None, "feedback": {"label": "splendid", "correction": 9}},
        {"mood": "cheerful", "feedback": {"label": "cut_off", "stars": 5}},
    ],
)
def test_a_later_file_is_read_as_far_as_it_is_understood(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, extras: dict[str, object]
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(RecordingContent, "extras", extras)
        info = vault.keep(make_utterance(1), DAY)
    _, content = vault.read(info.recording_id)
    assert content.audio == make_utterance(1).audio
    assert content.transcript == make_utterance(1).transcript
    assert content.run is None
    assert content.feedback in (None, CUT_OFF)


def test_a_file_without_extras_is_as_earlier_versions_write_it(vault: Vault) -> None:
    info = vault.keep(make_utterance(1), DAY)
    key = vault._keys.key_of(info.recording_id)
    assert key is not None
    _, content = vault.read(info.recording_id)
    raw = seal(key, vault.store_id, info, content)
    plain = SealedFile(raw, key, vault.store_id, info.recording_id, info.sequence)._open_json(
        sealed_file._Part.CONTENT
    )
    assert sorted(plain) == [
        "language",
        "reply",
        "score",
        "started_by",
        "threshold",
        "transcript",
        "wake_word",
    ]


def test_feedback_changes_nothing_else_and_leaves_no_old_key(vault: Vault, tmp_path: Path) -> None:
    before = vault.keep(make_utterance(1, trace=TRACE, run=RUN, transcript=None, reply=None), DAY)
    vault.write_note(before.recording_id, b"a note")
    key = vault._keys.key_of(before.recording_id)
    assert key is not None
    content = vault.read(before.recording_id)[1]

    after = vault.write_feedback(before.recording_id, FEEDBACK)

    assert vault.read(before.recording_id) == (
        replace(after, started_monotonic=None),
        replace(content, feedback=FEEDBACK),
    )
    assert vault.read_notes() == {before.recording_id: b"a note"}
    assert not any(key in raw for raw in contents_below(tmp_path))
    # The same again writes nothing.
    (name,) = files(tmp_path)
    raw = (tmp_path / AUDIO_FOLDER / name).read_bytes()
    assert vault.write_feedback(before.recording_id, FEEDBACK).size == len(raw)
    assert (tmp_path / AUDIO_FOLDER / name).read_bytes() == raw
    with pytest.raises(RecordingNotFound):
        vault.write_feedback("0" * 32, FEEDBACK)


@pytest.mark.parametrize("transcript", ["what was understood", None])
def test_a_correction_and_a_message_are_text(vault: Vault, transcript: str | None) -> None:
    """They repeat what was said, so that they go when transcripts do; what remains stays."""
    info = vault.keep(make_utterance(1, trace=TRACE, transcript=transcript, reply=None), DAY)
    assert info.has_text is (transcript is not None)
    assert not vault.write_feedback(info.recording_id, CUT_OFF).has_text or transcript
    assert vault.write_feedback(info.recording_id, FEEDBACK).has_text
    assert not vault.forget_text(info.recording_id).has_text
    _, content = vault.read(info.recording_id)
    assert (content.trace, content.transcript) == (TRACE, None)
    assert content.feedback == Feedback(label=Label.WRONG_TRANSCRIPT)

    other = vault.keep(make_utterance(2, run=RUN, transcript=transcript, reply=None), DAY)
    assert other.has_text
    assert not vault.forget_text(other.recording_id).has_text
    assert vault.read(other.recording_id)[1].run == replace(RUN, message=None)


@pytest.mark.parametrize("failing", range(1, 5))
def test_a_failing_disk_loses_nothing(tmp_path: Path, failing: int) -> None:
    """Neither the recording nor what was said of it before; and the next attempt succeeds."""
    disk = Failing()
    vault = opened(tmp_path, disk)
    utterance = make_utterance(1, trace=TRACE)
    info = vault.keep(utterance, DAY)
    vault.write_feedback(info.recording_id, CUT_OFF)
    old_key = vault._keys.key_of(info.recording_id)
    assert old_key is not None
    disk.failing_sync = failing
    try:
        vault.write_feedback(info.recording_id, FEEDBACK)
    except StoreError:
        pass
    else:
        assert disk.failing_sync > 0, "no synchronization is left that could fail"
    content = vault.read(info.recording_id)[1]
    assert (content.audio, content.trace) == (utterance.audio, TRACE)
    assert content.feedback in (CUT_OFF, FEEDBACK)
    vault.write_feedback(info.recording_id, FEEDBACK)
    assert vault.read(info.recording_id)[1].feedback == FEEDBACK
    assert not any(old_key in (tmp_path / mirror).read_bytes() for mirror in MIRRORS)
    vault.close()
    vault = opened(tmp_path)
    assert vault.read(info.recording_id)[1].feedback == FEEDBACK
    assert len(files(tmp_path)) == 1
    vault.close()


@pytest.mark.parametrize("failing", range(1, 4))
def test_a_failing_disk_loses_no_note(tmp_path: Path, failing: int) -> None:
    """Whatever key is on disk after the failure of anything but the note itself, it opens the note."""
    disk = Failing()
    vault = opened(tmp_path, disk)
    info = vault.keep(make_utterance(1), DAY)
    vault.write_note(info.recording_id, b"a note")
    disk.failing_sync = failing
    with pytest.raises(StoreError):
        vault.write_feedback(info.recording_id, FEEDBACK)
    assert vault.read_notes() == {info.recording_id: b"a note"}
    vault.close()
    vault = opened(tmp_path)
    assert vault.read_notes() == {info.recording_id: b"a note"}
    vault.close()


def test_none_of_it_lies_open_and_all_of_it_goes(tmp_path: Path) -> None:
    scores = json.dumps(list(TRACE.scores), separators=(",", ":")).encode()
    searcher = Searcher({"scores": scores, "message": MESSAGE.encode(), "correction": CORRECTION.encode()})
    vault = opened(tmp_path)
    info = vault.keep(make_utterance(1, trace=TRACE, run=RUN), DAY)
    vault.write_feedback(info.recording_id, FEEDBACK)
    assert searcher.search_folder(tmp_path) == set()
    (name,) = files(tmp_path)
    key = vault._keys.key_of(info.recording_id)
    assert key is not None
    vault.destroy([info.recording_id])
    vault.sweep(10)
    assert searcher.search_folder(tmp_path) == set()
    assert files(tmp_path) == []
    assert not any(key in raw for raw in contents_below(tmp_path))
    assert name
    vault.close()
