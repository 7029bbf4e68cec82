"""F14: nothing that was kept lies readable on the disk, and no destroyed key; and the search would find it."""

import asyncio
import base64
from collections.abc import Callable
import gzip
import io
import json
import os
from pathlib import Path
from random import Random
import tarfile
import zipfile

import pytest

from custom_components.voice_privacy.core.models import Utterance
from custom_components.voice_privacy.recordings.store import RecordingStore
from custom_components.voice_privacy.storage.vault import Vault

from . import mounts
from .core_process import core
from .residue import STRIDE, WINDOW, Searcher
from .utterances import DAY, make_utterance

ADDS = 300
DELETES = 150
FOLDER = ".cache/voice_privacy"
VOCABULARY = ("alpha", "bravo", "charlie", "delta", "öcho", "foxtrot", "golf")


def tarred(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        entry = tarfile.TarInfo("data/file")
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))
    return buffer.getvalue()


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("file", data)
    return buffer.getvalue()


def as_json(data: bytes) -> bytes:
    return json.dumps({"text": data.decode("latin-1")}).encode()


AUDIO = Random(5).randbytes(400)
PIECE = AUDIO[101 : 101 + STRIDE + 2 * WINDOW]

WRITINGS: dict[str, Callable[[bytes], bytes]] = {
    "raw": bytes,
    "hex": lambda data: data.hex().encode(),
    "upper hex": lambda data: data.hex().upper().encode(),
    "base64": base64.b64encode,
    "base64, one byte later": lambda data: base64.b64encode(b"x" + data),
    "base64, two bytes later": lambda data: base64.b64encode(b"xy" + data),
    "utf-16-le": lambda data: data.decode("latin-1").encode("utf-16-le"),
    "utf-16-be": lambda data: data.decode("latin-1").encode("utf-16-be"),
    "json": as_json,
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "tar": tarred,
    "zip": zipped,
    "tar with a tar.gz, as a backup": lambda data: tarred(gzip.compress(tarred(data))),
}


@pytest.mark.parametrize("packing", list(PACKINGS))
@pytest.mark.parametrize("writing", list(WRITINGS))
def test_search_finds_what_is_there(writing: str, packing: str) -> None:
    searcher = Searcher(
        {"audio": AUDIO, "text": "Turn ön the kitchen light, and the one in the hall".encode()}
    )
    noise = Random(6)
    for before in (0, 1, 7, 4_096):
        hay = noise.randbytes(before) + WRITINGS[writing](PIECE) + noise.randbytes(77)
        if packing == "plain" or before:
            found = searcher.search(PACKINGS[packing](hay))
            assert {name for name, _ in found} == {"audio"}
            if not writing.startswith("base64"):
                assert ("audio", writing) in found
    assert not searcher.search(PACKINGS[packing](noise.randbytes(100_000)))


def test_search_finds_words_across_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.storage.residue._BLOCK", 128)
    words = "Turn ön the kitchen light, and the one in the hall"
    searcher = Searcher({"text": words.encode()})
    for before in range(200):
        assert searcher.search(bytes(before) + words.encode()) == {("text", "raw")}
    assert searcher.search(json.dumps(words).encode()) == {("text", "json")}


def secrets_of(utterances: list[Utterance]) -> dict[str, bytes]:
    """Return by name what must not be found: audio, transcript and reply."""
    return {
        f"{spoken.utterance_id} {name}": value
        for spoken in utterances
        for name, value in (
            ("audio", spoken.audio),
            ("transcript", (spoken.transcript or "").encode()),
            ("reply", (spoken.reply or "").encode()),
        )
    }


def words_of(number: int) -> str:
    """Return a sentence that no other utterance has, nor has anything else."""
    source = Random(-number)
    return " ".join(source.choice(VOCABULARY) for _ in range(30))


def utterance(number: int) -> Utterance:
    return make_utterance(number, transcript=words_of(2 * number), reply=words_of(2 * number + 1))


def keys_of(vault: Vault) -> dict[str, bytes]:
    """Return all keys by recording id."""
    keys = {recording_id: vault._keys.key_of(recording_id) for recording_id in vault._keys.sequences()}
    return {recording_id: key for recording_id, key in keys.items() if key is not None}


async def live(folder: Path) -> tuple[list[Utterance], dict[str, bytes], dict[str, bytes]]:
    """Keep 300 and delete 150 in a core with its recorder; return utterances, live and destroyed keys."""
    utterances = [utterance(number) for number in range(ADDS)]
    chance = Random(14)
    async with core(folder) as hass:
        store = RecordingStore(hass, folder / FOLDER)
        await store.async_open()
        keys: dict[str, bytes] = {}
        deleted: set[str] = set()
        for number, spoken in enumerate(utterances):
            await store.async_keep(spoken, DAY)
            if number % 2:
                keys |= keys_of(store._vault)
                doomed = [chance.choice(list(store.recordings))]
                await store.async_delete(doomed)
                deleted.update(doomed)
        await store.async_flush()
        keys |= keys_of(store._vault)
        await store.async_close()
    assert len(deleted) == DELETES
    alive = {recording_id: key for recording_id, key in keys.items() if recording_id not in deleted}
    assert len(alive) == ADDS - DELETES
    return utterances, alive, {recording_id: keys[recording_id] for recording_id in deleted}


@pytest.mark.timeout(120)
def test_f14_no_plaintext_and_no_destroyed_key_on_a_real_disk(tmp_path: Path) -> None:
    """Search the configuration folder, then every byte of the ext4 below it."""
    image = tmp_path / "disk.img"
    mounts.make_ext4(image, megabytes=64)
    with mounts.mounted(image, tmp_path / "disk") as disk:
        folder = disk / "config"
        folder.mkdir()
        utterances, alive, destroyed = asyncio.run(live(folder))
        plaintext = Searcher(secrets_of(utterances))
        assert plaintext.search_folder(folder) == set()
        assert Searcher(destroyed).search_folder(folder) == set()
        # The search looks where the store is: it finds the keys that are there.
        assert {name for name, _ in Searcher(alive).search_folder(folder)} == set(alive)

    assert plaintext.search_image(image) == set()
    assert Searcher(destroyed).search_image(image) == set()
    places = Searcher(alive).places(image.read_bytes())
    assert set(places.values()) == {2}, "each key lies in both mirrors and nowhere else"

    # And it finds what once was in a file that is gone.
    with mounts.mounted(image, tmp_path / "disk") as disk:
        leak = disk / "config" / "leak"
        leak.write_bytes(utterances[7].audio)
        os.sync()
        leak.unlink()
    assert plaintext.search_image(image) == {(f"{utterances[7].utterance_id} audio", "raw")}
