"""Catalogue of the wake word models that can be fetched: openWakeWord's, and ESPHome's for microWakeWord."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

RELEASE_URL: Final = "https://github.com/dscripka/openWakeWord/releases/download/v0.5.1/"
"""Base URL of the files published by openWakeWord's author; a file name follows."""

PACKAGE_REQUIREMENT: Final = "openwakeword==0.5.1"
"""Python package that contains the same files."""

PACKAGE_FOLDER: Final = "openwakeword/resources/models"
"""Folder of the files within the package."""

MICRO_REQUIREMENT: Final = "pymicro-wakeword==2.5.0"
"""Python package that contains ESPHome's microWakeWord models, under the Apache License 2.0."""

MICRO_FOLDER: Final = "pymicro_wakeword/models"
"""Folder of the models within that package."""

LICENSE_URL: Final = "https://creativecommons.org/licenses/by-nc-sa/4.0/"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedFile:
    """Model file as published by openWakeWord v0.5.1, or by ESPHome for microWakeWord."""

    file_name: str
    sha256: str
    """SHA-256 of its content, 64 hexadecimal digits."""

    size: int
    """Size in bytes."""

    package_name: str = ""
    """Name in its package, if that is another."""

    parts: tuple[str, ...] = ()
    """Beginning of the SHA-256 of its first 4 KB, and of each third: a damaged copy still has some of these parts."""

    free: bool = False
    """True if its license needs no acceptance: a file for microWakeWord."""


MELSPECTROGRAM: Final = PublishedFile(
    file_name="melspectrogram.onnx",
    sha256="ba2b0e0f8b7b875369a2c89cb13360ff53bac436f2895cced9f479fa65eb176f",
    size=1_087_958,
)
EMBEDDING: Final = PublishedFile(
    file_name="embedding_model.onnx",
    sha256="70d164290c1d095d1d4ee149bc5e00543250a7316b59f31d056cff7bd3075c1f",
    size=1_326_578,
)
WAKE_WORDS: Final[Mapping[str, PublishedFile]] = {
    "alexa": PublishedFile(
        file_name="alexa_v0.1.onnx",
        sha256="6ff566a01d12670e8d9e3c59da32651db1575d17272a601b7f8a39283dfbae3e",
        size=854_246,
        parts=("f767af3841ecd1ed", "90ebaf342114e5d6", "cf302494a20c9f93", "4e3800937d752980"),
    ),
    "hey_jarvis": PublishedFile(
        file_name="hey_jarvis_v0.1.onnx",
        sha256="94a13cfe60075b132f6a472e7e462e8123ee70861bc3fb58434a73712ee0d2cb",
        size=1_271_370,
        parts=("28e2146b6b61d7ec", "c9f271d646cc0716", "6443057a1963c176", "576a3a584b7d4cc8"),
    ),
    "hey_mycroft": PublishedFile(
        file_name="hey_mycroft_v0.1.onnx",
        sha256="c2a311e8fa1338de89c31b3b46dc4dffd4af2f9a8d6ddead48893c2d301b1f18",
        size=857_691,
        parts=("6adca6da621bb412", "7da9fc81ec951bdb", "aba5509e1e454428", "c68d5d5fc8cfd849"),
    ),
    "hey_rhasspy": PublishedFile(
        file_name="hey_rhasspy_v0.1.onnx",
        sha256="5a9b3ed3be2910e35780e097905aa9f35a9c10038df47914cf2b3ec4d670f6ea",
        size=204_081,
        parts=("a15b118c5d9d5c5e", "e8643c29933d00c9", "9e09f1b901408c6b", "35f193c15294250b"),
    ),
}
"""Wake words published by openWakeWord, by id."""


def _micro(
    name: str, size: int, sha256: str, manifest_size: int, manifest_sha256: str
) -> tuple[PublishedFile, ...]:
    """Return the model of a wake word and its manifest."""
    return tuple(
        PublishedFile(
            # A user's own model may have the name that this one has in its package.
            file_name=f"{name}.micro{suffix}",
            package_name=f"{name}{suffix}",
            sha256=digest,
            size=length,
            free=True,
        )
        for suffix, digest, length in (
            (".tflite", sha256, size),
            (".json", manifest_sha256, manifest_size),
        )
    )


MICRO_WAKE_WORDS: Final[Mapping[str, tuple[PublishedFile, ...]]] = {
    "alexa": _micro(
        "alexa",
        55_856,
        "9011a8155b04de858c48038529235cbc0e42e9fca05a55bf588cb80a653a723b",
        377,
        "1d999798b35b1fe2606465b75ab840be51c1811d2909d5e620cefb6e96f8abd0",
    ),
    "hey_jarvis": _micro(
        "hey_jarvis",
        52_272,
        "21a7976add39ee24ec96c63d96b7aaa18e24d1d9824b963e451da8feb4b78b77",
        388,
        "b153867d818675d8abcc9dace474afe7f83551ae0d5a9b1d71a98681320185af",
    ),
    "hey_mycroft": _micro(
        "hey_mycroft",
        57_248,
        "c2a9b6ed51182db72e014781d5a4ece1929dc232a40b5b4be384f0295f0e1571",
        390,
        "57b2b06fe5fdbbe834a242fabc7af31e4194a550fc382b2c88636a6d62d0d57e",
    ),
    "okay_nabu": _micro(
        "okay_nabu",
        80_824,
        "d89128c4d16a72de429119fb2254ce46649553c2a24f5dd840175c80d7b9d094",
        416,
        "f8026e2ce93a0855ca23483036fd2d74ee924a2588d9ea6a6c6c7478fbf4be57",
    ),
}
"""Wake words published by ESPHome for microWakeWord, by id: model and manifest."""
