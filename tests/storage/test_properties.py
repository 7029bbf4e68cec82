"""What must hold whatever happens to disk, process and database, in any order.

I1 kept and not deleted: listed and readable, byte for byte. I2 deleted: never listed, never readable.
I3 no plaintext and no destroyed key in any byte of the disk. I4 a crash makes nothing unreadable.
I5 after an opening and its sweep no file or row of a deleted recording is left. I6 nothing is purged
that this key file never issued. Forgetting what was said in a recording, and feedback on it, leave its
audio under I1 and its old key under I3.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
import os
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from custom_components.voice_privacy.core.errors import RecordingNotFound
from custom_components.voice_privacy.core.feedback import Feedback, Label
from custom_components.voice_privacy.core.models import RecordingInfo, Utterance
from custom_components.voice_privacy.storage.key_file_format import HEADER_BYTES, MIRRORS, SLOT_BYTES
from custom_components.voice_privacy.storage.reconciled import Reconciled
from custom_components.voice_privacy.storage.vault import Vault

from .simulated_disk import PowerCut, SimulatedDisk
from .utterances import DAY, find, make_utterance, windows_of

EXAMPLES = int(os.environ.get("STORE_EXAMPLES", "500"))
"""How many lives of a store are tried; 5,000 on demand."""

PHASES = [Phase.generate] if os.environ.get("STORE_SHRINKING") == "0" else list(Phase)
"""Whoever only wants to know whether it fails need not wait for the shortest way to it."""

FOLDER = Path("/store")
RANDOMS = st.integers(0, 2**32 - 1).map(Random)
ROWS = st.sampled_from(["current", "older", "none", "lost"])


class StoreMachine(RuleBasedStateMachine):
    """The life of one store, beside a model of what was acknowledged."""

    def __init__(self) -> None:
        super().__init__()
        self.disk = SimulatedDisk()
        self.vault = Vault(FOLDER, disk=self.disk)
        self.numbers = 0
        self.kept: dict[str, Utterance] = {}
        self.deleted: dict[str, bytes] = {}
        self.in_doubt: dict[str, Utterance] = {}
        self.being_forgotten: set[str] = set()
        self.feedback: dict[str, Feedback] = {}
        self.being_said: dict[str, Feedback] = {}
        self.replaced: list[bytes] = []
        self.keys: dict[str, bytes] = {}
        self.sequences: dict[int, str] = {}
        self.rows: dict[str, RecordingInfo] = {}
        self.older_rows: dict[str, RecordingInfo] = {}

    # --- the life --------------------------------------------------------------------------------

    @initialize(data=st.data())
    def begin(self, data: st.DataObject) -> None:
        steps = data.draw(st.none() | st.integers(0, 30))
        self._with_power(self.vault.open, steps, data.draw(RANDOMS))
        self._open("current", None, Random(0))

    @rule(steps=st.none() | st.integers(0, 40), random=RANDOMS)
    def keep(self, steps: int | None, random: Random) -> None:
        self.numbers += 1
        utterance = make_utterance(self.numbers, samples=random.choice([10, 500]))
        self.in_doubt[utterance.utterance_id] = utterance
        info = self._with_power(lambda: self.vault.keep(utterance, DAY), steps, random)
        if info is None:
            self._open("current", None, random)
            return
        del self.in_doubt[utterance.utterance_id]
        self.kept[info.recording_id] = utterance
        assert self.sequences.setdefault(info.sequence, info.recording_id) == info.recording_id
        assert info.sequence == max(self.sequences), "sequences only rise"
        self._remember_key(info.recording_id)
        self.rows[info.recording_id] = replace(info, started_monotonic=None)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), steps=st.none() | st.integers(0, 12), random=RANDOMS)
    def delete(self, data: st.DataObject, steps: int | None, random: Random) -> None:
        doomed = data.draw(st.lists(st.sampled_from(sorted(self.kept)), min_size=1, unique=True))
        utterances = {recording_id: self.kept.pop(recording_id) for recording_id in doomed}
        self.in_doubt |= utterances
        if self._with_power(lambda: self.vault.destroy(doomed), steps, random) is None:
            self._open("current", None, random)
            return
        for recording_id in doomed:
            del self.in_doubt[recording_id]
            self.deleted[recording_id] = self.keys[recording_id]
            if random.random() < 0.5:
                self.rows.pop(recording_id, None)
        self._check_disk()

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), steps=st.none() | st.integers(0, 14), random=RANDOMS)
    def forget_text(self, data: st.DataObject, steps: int | None, random: Random) -> None:
        recording_id = data.draw(st.sampled_from(sorted(self.kept)))
        self.being_forgotten.add(recording_id)
        info = self._with_power(lambda: self.vault.forget_text(recording_id), steps, random)
        if info is None:
            self._open("current", None, random)
            return
        self._forgotten(recording_id)
        assert not info.has_text
        if random.random() < 0.5:
            self.rows[recording_id] = info
        self._check_disk()

    def _forgotten(self, recording_id: str) -> None:
        """Take what a recording says now and whose key it has, once that is certain."""
        self.being_forgotten.discard(recording_id)
        key = self.vault._keys.key_of(recording_id)
        assert key is not None
        utterance = self.kept[recording_id]
        if utterance.transcript is not None and key == self.keys[recording_id]:
            return
        if key != self.keys[recording_id]:
            self.replaced.append(self.keys[recording_id])
            self.keys[recording_id] = key
        self.kept[recording_id] = replace(utterance, transcript=None, reply=None)

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), steps=st.none() | st.integers(0, 14), random=RANDOMS)
    def give_feedback(self, data: st.DataObject, steps: int | None, random: Random) -> None:
        recording_id = data.draw(st.sampled_from(sorted(self.kept)))
        feedback = self.being_said[recording_id] = Feedback(label=data.draw(st.sampled_from(Label)))
        info = self._with_power(lambda: self.vault.write_feedback(recording_id, feedback), steps, random)
        if info is None:
            self._open("current", None, random)
            return
        self._said(recording_id)
        assert self.feedback[recording_id] == feedback
        if random.random() < 0.5:
            self.rows[recording_id] = replace(info, started_monotonic=None)
        self._check_disk()

    def _said(self, recording_id: str) -> None:
        """Take the feedback on a recording if it has got the key that came with it."""
        feedback = self.being_said.pop(recording_id)
        key = self.vault._keys.key_of(recording_id)
        assert key is not None
        if key != self.keys[recording_id]:
            self.replaced.append(self.keys[recording_id])
            self.keys[recording_id] = key
            self.feedback[recording_id] = feedback

    @rule(steps=st.none() | st.integers(0, 3), random=RANDOMS)
    def sweep(self, steps: int | None, random: Random) -> None:
        if self._with_power(lambda: self.vault.sweep(3), steps, random) is None:
            self._open("current", None, random)

    @rule()
    def remember_rows(self) -> None:
        self.older_rows = dict(self.rows)

    @rule(rows=ROWS, steps=st.none() | st.integers(0, 30), random=RANDOMS)
    def restart(self, rows: str, steps: int | None, random: Random) -> None:
        self.vault.close()
        self._open(rows, steps, random)

    @rule(rows=ROWS, steps=st.none() | st.integers(0, 30), random=RANDOMS)
    def kill(self, rows: str, steps: int | None, random: Random) -> None:
        self.disk.kill()
        self._open(rows, steps, random)

    @rule(rows=ROWS, steps=st.none() | st.integers(0, 30), random=RANDOMS)
    def cut_power(self, rows: str, steps: int | None, random: Random) -> None:
        self.disk.cut_power(random)
        self._open(rows, steps, random)

    @rule(
        mirror=st.sampled_from(MIRRORS), data=st.data(), steps=st.none() | st.integers(4, 12), random=RANDOMS
    )
    def damage_a_mirror(self, mirror: str, data: st.DataObject, steps: int | None, random: Random) -> None:
        """One mirror is missing, rotten or stale."""
        path = FOLDER / mirror
        kind = data.draw(st.sampled_from(["missing", "stale", "haunted", "rotten", "zeroed"]))
        if kind in {"stale", "haunted"}:
            self.keep(None, random)
        stale = self.disk.content(path)
        slot = 0
        if kind in {"stale", "haunted"}:
            slot = self.delete_any(random)
        if kind == "stale" and random.random() < 0.5:
            self.keep(None, random)
        self.vault.close()
        content = bytearray(self.disk.content(path))
        offset = random.choice([random.randrange(72), random.randrange(HEADER_BYTES, HEADER_BYTES + 1024)])
        match kind:
            case "missing":
                self.disk.replace_content(path, None)
            case "stale":
                self.disk.replace_content(path, stale)
            case "haunted":
                # Beside the stale mirror, the other has a rotten byte where the deleted key was.
                other = FOLDER / next(name for name in MIRRORS if name != mirror)
                current = bytearray(self.disk.content(other))
                current[HEADER_BYTES + slot * SLOT_BYTES + 30] = 1
                self.disk.replace_content(other, bytes(current))
                self.disk.replace_content(path, stale)
            case "rotten":
                content[offset] ^= random.randrange(1, 256)
                self.disk.replace_content(path, bytes(content))
            case "zeroed":
                start = offset // 512 * 512
                content[start : start + 512] = bytes(512)
                self.disk.replace_content(path, bytes(content))
        self._open("current", steps, random)

    def delete_any(self, random: Random) -> int:
        """Delete something and return the slot where its key was."""
        doomed = random.choice(sorted(self.kept))
        slot = self.vault._keys._slots[doomed].index
        del self.kept[doomed]
        assert self.vault.destroy([doomed]) == [doomed]
        self.deleted[doomed] = self.keys[doomed]
        return slot

    # --- what must hold --------------------------------------------------------------------------

    def _with_power[R](self, work: Callable[[], R], steps: int | None, random: Random) -> R | None:
        """Do something, with the power cut or the process killed after some steps; None when it was."""
        self.disk.steps_left = steps
        try:
            return work()
        except PowerCut:
            self._check_plaintext(self.in_doubt.values())
            if random.random() < 0.7:
                self.disk.cut_power(random)
            else:
                self.disk.kill()
            return None
        finally:
            self.disk.steps_left = None

    def _open(self, rows: str, steps: int | None, random: Random) -> None:
        """Open the store, perhaps with a crash during recovery, and check everything."""
        known = {"current": self.rows, "older": self.older_rows, "none": None, "lost": {}}[rows]

        def work() -> Reconciled:
            self.vault = Vault(FOLDER, disk=self.disk)
            self.vault.open()
            return self.vault.reconcile(known)

        self.vault.close()
        state = self._with_power(work, steps, random)
        if state is None:
            state = self._with_power(work, None, random)
        assert state is not None
        while self.vault.sweep(50):
            pass
        self._check(state, known or {})
        self.rows = {info.recording_id: info for info in state.recordings}

    def _check(self, state: Reconciled, known: dict[str, RecordingInfo]) -> None:
        listed = {info.recording_id for info in state.recordings}
        # What was in doubt has been decided by now, one way or the other.
        for recording_id in sorted(listed & self.in_doubt.keys()):
            self.kept[recording_id] = self.in_doubt.pop(recording_id)
            sequence = self.vault._keys.sequence_of(recording_id)
            assert sequence is not None
            assert self.sequences.setdefault(sequence, recording_id) == recording_id
            self._remember_key(recording_id)
        for recording_id in self.in_doubt:
            if recording_id in self.keys:
                self.deleted[recording_id] = self.keys[recording_id]
        self.in_doubt.clear()
        assert listed == self.kept.keys(), "I1, I2"
        assert state.unreadable == frozenset(), "I4"
        assert state.files_set_aside == 0
        assert not state.ahead_rows
        sequences = [info.sequence for info in state.recordings]
        assert sequences == sorted(set(sequences))
        for recording_id in sorted(self.being_forgotten & self.kept.keys()):
            self._forgotten(recording_id)
        self.being_forgotten.clear()
        for recording_id in sorted(self.being_said.keys() & self.kept.keys()):
            self._said(recording_id)
        self.being_said.clear()
        # A row may still tell of a file's size before its text was forgotten.
        recordings = [replace(info, size=0, has_text=True) for info in state.recordings]
        for recording_id, utterance in self.kept.items():
            info, content = self.vault.read(recording_id)
            assert content.audio == utterance.audio, "I1"
            assert (content.transcript, content.reply) == (utterance.transcript, utterance.reply)
            assert content.feedback == self.feedback.get(recording_id)
            assert info.has_text == (utterance.transcript is not None)
            assert replace(info, size=0, has_text=True) in recordings
        for recording_id in self.deleted:
            try:
                self.vault.read(recording_id)
            except RecordingNotFound:
                continue
            raise AssertionError("I2")
        sealed = [name for name in self.disk.names() if ".sealed" in name]
        assert all(name.endswith(".sealed") for name in sealed), "I5"
        assert {name[17:49] for name in sealed} == self.kept.keys(), "I5"
        assert set(state.dead_rows) == known.keys() - self.kept.keys(), "I5"
        known_right = {known_id for known_id in known if known_id in self.kept}
        missing = {info.recording_id for info in state.missing_rows}
        assert missing >= self.kept.keys() - known_right
        # What a crash caught between two keys is read anew, whatever its row says.
        assert all(
            self.kept[known_id].transcript is None or known_id in self.feedback
            for known_id in missing & known_right
        )
        self._check_disk()

    def _check_disk(self) -> None:
        contents = list(self.disk.everything())
        assert find([*self.deleted.values(), *self.replaced], contents) == 0, "I3: a destroyed key"
        self._check_plaintext(self.kept.values())

    def _check_plaintext(self, utterances: Iterable[Utterance]) -> None:
        windows = [window for utterance in utterances for window in windows_of(utterance)]
        assert find(windows, self.disk.everything()) == 0, "I3: plaintext"

    def _remember_key(self, recording_id: str) -> None:
        key = self.vault._keys.key_of(recording_id)
        assert key is not None
        assert self.keys.setdefault(recording_id, key) == key


def test_store_keeps_its_promises() -> None:
    run_state_machine_as_test(
        StoreMachine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            phases=PHASES,
            suppress_health_check=list(HealthCheck),
        ),
    )
