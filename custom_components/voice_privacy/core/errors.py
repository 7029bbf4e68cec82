"""One tree of errors, each with the code that every edge maps to words of its own."""


class VoicePrivacyError(Exception):
    """Base of everything this integration raises on purpose."""

    code = "unknown"

    def __init__(self, *args: object, **placeholders: str) -> None:
        """Take what the error's words are filled in with."""
        super().__init__(*args)
        self.placeholders = placeholders


class Refused(VoicePrivacyError):
    """The user has no right to that."""

    code = "unauthorized"


class InvalidRequest(VoicePrivacyError):
    """The fields of a request do not make sense together, or name what is not there."""

    code = "invalid_request"


class Busy(VoicePrivacyError):
    """Too much has been asked for at once."""

    code = "busy"


class Replaced(VoicePrivacyError):
    """A newer search has taken the place of this one."""

    code = "replaced"


class CannotListen(VoicePrivacyError):
    """Nobody would hear what is said now. Takes the satellite's name."""

    code = "cannot_listen"


class MuteNotHeld(VoicePrivacyError):
    """What the satellite says goes by us, to a pipeline that was not chosen. Takes the satellite's name."""

    code = "mute_not_held"


class NotSaved(VoicePrivacyError):
    """The disk did not take a change; of the two states, the more private one holds."""

    code = "not_saved"


class StorageUnreadable(VoicePrivacyError):
    """A file of ours below .storage cannot be read or makes no sense."""

    code = "storage_unreadable"


class StoreError(VoicePrivacyError):
    """The sealed store could not do what it was asked."""

    code = "store_failed"


class StoreNotReady(StoreError):
    """The sealed store could not be opened."""

    code = "store_not_ready"


class StoreFull(StoreError):
    """There is no space left for another recording; deleting still works."""

    code = "store_full"


class AudioFolderMissing(StoreError):
    """The folder of the sealed files is not there: nothing is kept; deleting still works."""

    code = "audio_folder_missing"


class EncryptionUnavailable(StoreError):
    """The cryptography package does not work: nothing is kept or opened; deleting still works."""

    code = "encryption_unavailable"


class StoreInUse(StoreError):
    """Another process holds the key file."""

    code = "store_in_use"


class KeyFileLost(StoreError):
    """No mirror of the key file can be read: nothing is kept and nothing is purged."""

    code = "key_file_lost"


class RecordingNotFound(StoreError):
    """No recording with that id: it never was, or it has been deleted."""

    code = "recording_not_found"


class RecordingUnreadable(StoreError):
    """The recording's file is missing or does not authenticate; it can still be deleted."""

    code = "recording_unreadable"


class NotInPool(VoicePrivacyError):
    """No clip with that id waits for review: it was taken out, has expired, or its recording is gone."""

    code = "not_in_pool"


class NotListened(VoicePrivacyError):
    """Whoever lets others hear a clip must have heard it."""

    code = "not_listened"


class SpokenRepliesLeft(VoicePrivacyError):
    """Home Assistant could not remove all spoken replies from its cache."""

    code = "spoken_replies_left"


class WakeModelError(VoicePrivacyError):
    """A wake word model cannot be used."""

    code = "wake_model"


class WakeEngineUnavailable(WakeModelError):
    """The wake engine cannot run on this machine; the message says why numpy does not load."""

    code = "wake_engine_unavailable"


class UnsupportedModel(WakeModelError):
    """The model uses an operation that this engine does not know."""

    code = "wake_model_unsupported"


class ModelFileInvalid(WakeModelError):
    """A model file is damaged or is not the one that was asked for."""

    code = "wake_model_invalid"


class ModelFileMissing(WakeModelError):
    """A model file is not on this machine."""

    code = "wake_model_missing"


class ModelDownloadFailed(WakeModelError):
    """No source of the model files could be reached."""

    code = "model_download_failed"


class ModelHashMismatch(WakeModelError):
    """What a source sent is not the file that was published."""

    code = "model_hash_mismatch"


class ModelDiskFull(WakeModelError):
    """There is no space left for a model file."""

    code = "model_disk_full"


class ModelNotWritten(WakeModelError):
    """The model folder cannot be written to."""

    code = "model_not_written"
