"""Exception hierarchy; each class has a code that every entry point maps to its own message."""


class VoicePrivacyError(Exception):
    """Base of all exceptions that this integration raises deliberately."""

    code = "unknown"

    def __init__(self, *args: object, **placeholders: str) -> None:
        """Take the placeholders of the error's message."""
        super().__init__(*args)
        self.placeholders = placeholders


class Refused(VoicePrivacyError):
    """The caller lacks the right to this operation."""

    code = "unauthorized"


class InvalidRequest(VoicePrivacyError):
    """The fields of a request are inconsistent, or refer to something that does not exist."""

    code = "invalid_request"


class NotLoaded(Refused):
    """The config entry is not loaded, or no longer as it was when the request arrived; nobody may do anything."""

    code = "not_loaded"


class Busy(VoicePrivacyError):
    """Too many requests at once."""

    code = "busy"


class BackupUnderWay(VoicePrivacyError):
    """A backup is being made or restored, which locks the recorder's database."""

    code = "backup_under_way"


class Replaced(VoicePrivacyError):
    """A newer search has replaced this one."""

    code = "replaced"


class CannotListen(VoicePrivacyError):
    """Speech would not be received now. Takes the satellite's name."""

    code = "cannot_listen"


class MicrophoneMuted(VoicePrivacyError):
    """A question is pointless: nobody could answer. Takes the satellite's name."""

    code = "microphone_muted"


class NotKeptNow(VoicePrivacyError):
    """A recording in memory is to be kept, but something forbids to keep anything in its room now."""

    code = "not_kept_now"


class HeldByLevel(VoicePrivacyError):
    """The privacy level of its room keeps the microphone off. Takes the satellite's name."""

    code = "held_by_level"


class PlaybackCutOff(VoicePrivacyError):
    """The connection was lost before everything had been played. Takes the satellite's name."""

    code = "playback_cut_off"


class SoundUnusable(VoicePrivacyError):
    """What is to be played cannot be opened, or contains no sound. Takes the satellite's name."""

    code = "sound_unusable"


class MuteNotHeld(VoicePrivacyError):
    """The satellite's audio bypasses the proxy and goes to another pipeline. Takes the satellite's name."""

    code = "mute_not_held"


class NotSaved(VoicePrivacyError):
    """A change could not be written to disk; the more private of the old and new state is in effect."""

    code = "not_saved"


class StorageUnreadable(VoicePrivacyError):
    """One of the integration's files in .storage cannot be read or is invalid."""

    code = "storage_unreadable"


class StoreError(VoicePrivacyError):
    """An operation of the sealed store failed."""

    code = "store_failed"


class StoreNotReady(StoreError):
    """The sealed store could not be opened."""

    code = "store_not_ready"


class StoreFull(StoreError):
    """There is no space for another recording; deletion still works."""

    code = "store_full"


class AudioFolderMissing(StoreError):
    """The audio folder is missing: nothing is stored; deletion still works."""

    code = "audio_folder_missing"


class EncryptionUnavailable(StoreError):
    """The cryptography package does not work: nothing is stored or opened; deletion still works."""

    code = "encryption_unavailable"


class StoreInUse(StoreError):
    """Another process holds the lock of the key file."""

    code = "store_in_use"


class StoreNotPermitted(StoreError):
    """Home Assistant may not read or write the files of the store."""

    code = "store_not_permitted"


class StoreReadOnly(StoreError):
    """The file system of the store is read-only."""

    code = "store_read_only"


class StoreNoLocks(StoreError):
    """The file system of the store has no locks, as some network storage."""

    code = "store_no_locks"


class KeyFileLost(StoreError):
    """No mirror of the key file can be read: nothing is stored and nothing is purged."""

    code = "key_file_lost"


class RecordingNotFound(StoreError):
    """There is no recording with this id: it never existed or has been deleted."""

    code = "recording_not_found"


class RecordingUnreadable(StoreError):
    """The recording's file is missing or does not authenticate; it can still be deleted."""

    code = "recording_unreadable"


class NotInPool(VoicePrivacyError):
    """No clip with this id is in the review pool: it was removed, has expired, or its recording is gone."""

    code = "not_in_pool"


class NotListened(VoicePrivacyError):
    """The requester must listen to a clip before releasing it to reviewers."""

    code = "not_listened"


class SpokenRepliesLeft(VoicePrivacyError):
    """Home Assistant could not remove all spoken replies from its cache."""

    code = "spoken_replies_left"


class WakeModelError(VoicePrivacyError):
    """A wake word model cannot be used."""

    code = "wake_model"


class WakeEngineUnavailable(WakeModelError):
    """The wake engine cannot run on this machine; the message gives the reason why numpy does not load."""

    code = "wake_engine_unavailable"


class UnsupportedModel(WakeModelError):
    """The model uses an operation that this engine does not support."""

    code = "wake_model_unsupported"


class ModelFileInvalid(WakeModelError):
    """A model file is damaged or is not the requested file."""

    code = "wake_model_invalid"


class ModelOperationUnknown(UnsupportedModel):
    """The model uses an operation that this engine does not support. Takes the operation's name."""

    code = "wake_model_operation"


class ModelTooCostly(UnsupportedModel):
    """The model needs more computing or memory than a wake word may."""

    code = "wake_model_too_costly"


class NotAWakeWordModel(UnsupportedModel):
    """The model is valid, but does not take what a wake word model takes."""

    code = "wake_model_other_kind"


class ModelWithoutScore(ModelFileInvalid):
    """The model's output is not a score between 0 and 1."""

    code = "wake_model_no_score"


class ModelWeightsElsewhere(ModelFileInvalid):
    """The model stores its weights in another file."""

    code = "wake_model_weights_elsewhere"


class ModelIsWebPage(ModelFileInvalid):
    """The file is a web page: the link of a page was downloaded instead of the file."""

    code = "wake_model_web_page"


class ModelIsPointer(ModelFileInvalid):
    """The file is the pointer that Git LFS stores instead of a large file."""

    code = "wake_model_lfs_pointer"


class ModelIsArchive(ModelFileInvalid):
    """The file is an archive, which must be unpacked."""

    code = "wake_model_archive"


class ModelFileTooLarge(ModelFileInvalid):
    """The file is larger than a wake word model may be."""

    code = "wake_model_too_large"


class ModelDamaged(ModelFileInvalid):
    """A published model file differs from what was published; fetching replaces it."""

    code = "wake_model_damaged"


class ModelNameInvalid(WakeModelError):
    """The name of a file contains no wake word, or cannot be that of a model."""

    code = "wake_model_name_invalid"


class ModelNotTried(WakeModelError):
    """There are too many files to try all of them at once."""

    code = "wake_model_not_tried"


class ModelBaseMissing(WakeModelError):
    """The files that all of openWakeWord's models need are missing or damaged."""

    code = "wake_model_base_missing"


class ModelExists(WakeModelError):
    """Another file has the name already. Takes the file."""

    code = "wake_model_exists"


class ModelInUse(WakeModelError):
    """A satellite uses the model. Takes the satellite's name."""

    code = "wake_model_in_use"


class ModelNotRemoved(WakeModelError):
    """The file could not be removed."""

    code = "wake_model_not_removed"


class WakesItself(VoicePrivacyError):
    """The satellite finds its wake word itself. Takes the satellite's name."""

    code = "wakes_itself"


class NoAudioToTest(VoicePrivacyError):
    """A satellite sends no audio to test a wake word with. Takes the satellite's name."""

    code = "no_audio_to_test"


class MutedWhileTested(VoicePrivacyError):
    """The microphone is off, so no wake word can be tested. Takes the satellite's name."""

    code = "muted_while_tested"


class HeardOnlyInCommands(VoicePrivacyError):
    """The satellite's sound arrives only while it hears a command. Takes the satellite's name."""

    code = "heard_only_in_commands"


class GuestModeOn(VoicePrivacyError):
    """Nobody may be heard live while guests are here."""

    code = "guest_mode_on"


class SoundWouldBeLogged(VoicePrivacyError):
    """Home Assistant writes whole websocket messages to its log, so that sound would be kept."""

    code = "sound_would_be_logged"


class TestedTooOften(VoicePrivacyError):
    """A microphone was tested too often in the last minutes. Takes the satellite's name."""

    __test__ = False
    """No test case, although pytest would collect a class with this name."""

    code = "tested_too_often"


class MutedWhileHeard(VoicePrivacyError):
    """The microphone is off, so it cannot be tested. Takes the satellite's name."""

    code = "muted_while_heard"


class ModelFileMissing(WakeModelError):
    """A model file is missing on this machine."""

    code = "wake_model_missing"


class ModelDownloadFailed(WakeModelError):
    """No source of the model files could be reached."""

    code = "model_download_failed"


class ModelHashMismatch(WakeModelError):
    """A downloaded file does not match the published hash."""

    code = "model_hash_mismatch"


class ModelDiskFull(WakeModelError):
    """There is no space for a model file."""

    code = "model_disk_full"


class ModelNotWritten(WakeModelError):
    """The model folder is not writable."""

    code = "model_not_written"


class TaughtNameInvalid(VoicePrivacyError):
    """The name of a new wake word is empty or too long."""

    code = "taught_name_invalid"


class TaughtWordExists(VoicePrivacyError):
    """There is a wake word with this name already. Takes the name."""

    code = "taught_word_exists"


class TaughtWordSimilar(VoicePrivacyError):
    """A new wake word sounds like another one, which nobody has accepted. Takes the other one's name."""

    code = "taught_word_similar"


class TaughtWordMissing(VoicePrivacyError):
    """There is no taught wake word with this id."""

    code = "taught_word_missing"


class TaughtClipsTooFew(VoicePrivacyError):
    """There are too few good clips to make a wake word of."""

    code = "taught_clips_too_few"


class TaughtTooOften(VoicePrivacyError):
    """A microphone was opened for clips too often in the last hour. Takes the satellite's name."""

    code = "taught_too_often"


class TeachingOver(VoicePrivacyError):
    """The teaching session has ended: after ten minutes without anything, or because of guest mode or a mute."""

    code = "teaching_over"
