"""Lives of the household's members: they list, play, search, delete and export."""

from http import HTTPStatus
import io
import wave
import zipfile

from dev.rig.furnish import DOMAIN
from dev.rig.ha_client import HomeAssistantClient

from .book import digest
from .town import SAID, Town

_LISTED = 50
_EXPORTED = 10
_LEAST_KEPT = 6
"""Below that nobody deletes."""


async def live(town: Town, client: HomeAssistantClient, *, is_owner: bool) -> None:
    """Do one thing after the other until everything is over."""
    while not town.over.is_set():
        acts = [_list, _list, _search]
        if town.book.kept:
            acts += [_play, _play, _play, *([_export] if is_owner else [])]
        if len(town.book.kept) >= _LEAST_KEPT:
            acts.append(_delete)
        act = town.chance.choice(acts)
        with town.acting(act.__name__.removeprefix("_")):
            await act(town, client)
        await town.pause(0.5, 3)


async def _list(town: Town, client: HomeAssistantClient) -> None:
    deleted = set(town.book.deleted)
    answer = await client.command(f"{DOMAIN}/recordings/list", limit=_LISTED, timeout=60)
    town.book.listed([row["id"] for row in answer["recordings"]], deleted)


async def _play(town: Town, client: HomeAssistantClient) -> None:
    recording_id = town.chance.choice(list(town.book.kept))
    status, answer = await client.rest("GET", f"/api/{DOMAIN}/recordings/{recording_id}/audio")
    if status == HTTPStatus.OK:
        town.book.played(recording_id, digest(pcm_of(answer)))
    else:
        town.refusals[f"play: {status}"] += 1


async def _search(town: Town, client: HomeAssistantClient) -> None:
    deleted = set(town.book.deleted)
    async with client.subscribe(f"{DOMAIN}/recordings/search", text=SAID[:8]) as found:
        while (event := await found.next(timeout=60))["type"] == "progress":
            town.book.listed([row["id"] for row in event["recordings"]], deleted)
    if event["type"] != "finished":
        town.refusals[f"search: {event['type']}"] += 1


async def _delete(town: Town, client: HomeAssistantClient) -> None:
    kept = list(town.book.kept)
    doomed = town.chance.sample(kept, town.chance.choice([1, 1, 2, 3]))
    town.book.ask_deletion(doomed)
    receipt = await client.command(
        f"{DOMAIN}/recordings/delete", scope="ids", recording_ids=doomed, timeout=60
    )
    if receipt["verified"]:
        town.book.receipt(doomed)
    else:
        town.refusals["delete: not verified"] += 1


async def _export(town: Town, client: HomeAssistantClient) -> None:
    kept = list(town.book.kept)
    chosen = town.chance.sample(kept, min(_EXPORTED, len(kept)))
    status, answer = await client.rest("GET", f"/api/{DOMAIN}/archive?recording_ids={','.join(chosen)}")
    if status != HTTPStatus.OK:
        town.refusals[f"export: {status}"] += 1
        return
    with zipfile.ZipFile(io.BytesIO(answer)) as archive:
        if (broken := archive.testzip()) is not None:
            raise zipfile.BadZipFile(broken)


def pcm_of(wav: bytes) -> bytes:
    """Return the samples of a WAV file."""
    with wave.open(io.BytesIO(wav)) as reader:
        return bytes(reader.readframes(reader.getnframes()))
