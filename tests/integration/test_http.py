"""Audio over HTTP: who gets it, in what form, and what is written down."""

import asyncio
from collections.abc import Awaitable, Callable
import io
import json
from typing import Any
from unittest.mock import patch
import wave
import zipfile

from aiohttp.test_utils import TestClient
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.voice_privacy.core.errors import StoreError
from custom_components.voice_privacy.core.house_settings import HouseToggle
from custom_components.voice_privacy.core.models import AuditAction, Requester

from .helpers.house import House
from .helpers.recordings import record, tone

type Client = TestClient[Any, Any]
type Connect = Callable[[User], Awaitable[Client]]


@pytest.fixture
def connect(hass: HomeAssistant, hass_client: ClientSessionGenerator) -> Connect:
    """Sign somebody in."""

    async def sign_in(user: User) -> Client:
        token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
        return await hass_client(hass.auth.async_create_access_token(token))

    return sign_in


@pytest.fixture
async def owner(connect: Connect, house: House, hass_admin_user: User) -> Client:
    """The owner's browser."""
    return await connect(hass_admin_user)


@pytest.fixture
async def child(hass: HomeAssistant, connect: Connect, house: House) -> Client:
    """The browser of somebody who lives here and is no administrator."""
    return await connect(await hass.auth.async_create_user("Child", group_ids=[GROUP_ID_USER]))


def deeds(house: House) -> list[tuple[AuditAction, int]]:
    """Return what the access log tells."""
    return [(entry.action, entry.count) for entry in house.hub.access_log.entries]


def url(recording_id: str) -> str:
    """Return where a recording's audio is."""
    return f"/api/voice_privacy/recordings/{recording_id}/audio"


def samples(wav: bytes) -> bytes:
    """Return a WAV file's samples."""
    with wave.open(io.BytesIO(wav)) as reader:
        assert (reader.getframerate(), reader.getnchannels(), reader.getsampwidth()) == (16_000, 1, 2)
        return bytes(reader.readframes(reader.getnframes()))


async def test_what_is_played_is_what_was_captured(house: House, owner: Client) -> None:
    pcm = tone(1.0, 523.0)
    recording_id = await record(house, pcm=pcm)

    response = await owner.get(url(recording_id))

    assert response.status == 200
    assert samples(await response.read()) == pcm
    assert response.headers["Content-Type"] == "audio/wav"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("inline")
    assert deeds(house) == [(AuditAction.LISTENED, 1)]


async def test_a_download_is_an_export(house: House, owner: Client) -> None:
    response = await owner.get(url(await record(house)), params={"download": ""})

    assert response.headers["Content-Disposition"].startswith("attachment")
    assert deeds(house) == [(AuditAction.EXPORTED, 1)]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [
        ("bytes=0-1", 0, 2),
        ("bytes=44-", 44, None),
        ("bytes=-100", -100, None),
        ("bytes=10-99999999", 10, None),
    ],
)
async def test_parts(house: House, owner: Client, asked: str, start: int, stop: int | None) -> None:
    recording_id = await record(house)
    whole = await (await owner.get(url(recording_id))).read()

    response = await owner.get(url(recording_id), headers={"Range": asked})

    assert response.status == 206
    assert await response.read() == whole[start:stop]
    first, last, _ = slice(start, stop).indices(len(whole))
    assert response.headers["Content-Range"] == f"bytes {first}-{last - 1}/{len(whole)}"


@pytest.mark.parametrize("asked", ["bytes=99999999-", "bytes=9-1", "lines=1-2"])
async def test_parts_that_are_not_there(house: House, owner: Client, asked: str) -> None:
    response = await owner.get(url(await record(house)), headers={"Range": asked})

    assert response.status == 416
    assert response.headers["Content-Range"].startswith("bytes */")


async def test_refusals_are_403_and_404_and_never_401(
    house: House, owner: Client, child: Client, hass_client_no_auth: ClientSessionGenerator
) -> None:
    recording_id = await record(house)
    stranger = await hass_client_no_auth()

    for path in (url(recording_id), url("0" * 32), "/api/voice_privacy/archive"):
        assert (await stranger.get(path)).status == 403
        assert (await stranger.get(path, headers={"Authorization": "Bearer wrong"})).status == 403
        assert (await child.get(path)).status == 403
    assert (await owner.get(url("0" * 32))).status == 404
    await house.act("delete_last")
    assert (await owner.get(url(recording_id))).status == 404
    assert deeds(house) == [(AuditAction.DELETED, 1)]


async def test_household_may_listen_but_not_take_away(house: House, child: Client) -> None:
    recording_id = await record(house)
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)

    assert (await child.get(url(recording_id))).status == 200
    assert (await child.get(url(recording_id), params={"download": ""})).status == 403
    assert (await child.get("/api/voice_privacy/archive")).status == 403


async def test_without_the_integration_it_says_so(house: House, owner: Client) -> None:
    recording_id = await record(house)
    await house.hass.config_entries.async_unload(house.entry.entry_id)

    assert (await owner.get(url(recording_id))).status == 503


async def test_a_failing_store_is_not_a_missing_recording(house: House, owner: Client) -> None:
    recording_id = await record(house)
    with patch.object(house.hub, "async_read", side_effect=StoreError):
        assert (await owner.get(url(recording_id))).status == 503


async def test_archive_holds_everything(house: House, owner: Client) -> None:
    first = await record(house, "schalte das Küchenlicht ein", pcm=tone(0.5, 300.0))
    second = await record(house, None, pcm=tone(0.7, 500.0))
    damaged = await record(house)
    read = house.hub.async_read

    async def read_two(recording_id: str) -> object:
        if recording_id == damaged:
            raise StoreError
        return await read(recording_id)

    with patch.object(house.hub, "async_read", side_effect=read_two):
        response = await owner.get("/api/voice_privacy/archive")
        packed = await response.read()

    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Cache-Control"] == "no-store"
    assert 0.5 < len(packed) / int(response.headers["X-Expected-Size"]) < 1.1
    archive = zipfile.ZipFile(io.BytesIO(packed))
    assert archive.testzip() is None
    index = json.loads(archive.read("index.json"))
    assert (index["recordings"], index["unreadable"]) == ([first, second], [damaged])
    assert samples(archive.read(f"recordings/{first}.wav")) == tone(0.5, 300.0)
    assert samples(archive.read(f"recordings/{second}.wav")) == tone(0.7, 500.0)
    described = json.loads(archive.read(f"recordings/{first}.json"))
    assert (described["transcript"], described["satellite"]) == ("schalte das Küchenlicht ein", "Kitchen")
    assert deeds(house) == [(AuditAction.EXPORTED, 2)]


async def test_archive_of_some_days(house: House, owner: Client) -> None:
    await record(house)

    response = await owner.get("/api/voice_privacy/archive", params={"last_day": "2020-01-01"})
    archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert json.loads(archive.read("index.json"))["recordings"] == []
    assert (await owner.get("/api/voice_privacy/archive?first_day=soon")).status == 400


async def test_archive_of_some_recordings(house: House, owner: Client) -> None:
    first, _, third = [await record(house) for _ in range(3)]

    response = await owner.get(
        "/api/voice_privacy/archive", params={"recording_ids": f"{third},{first},unknown"}
    )
    archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert json.loads(archive.read("index.json"))["recordings"] == [first, third]
    response = await owner.get("/api/voice_privacy/archive", params={"recording_ids": ""})
    archive = zipfile.ZipFile(io.BytesIO(await response.read()))
    assert json.loads(archive.read("index.json"))["recordings"] == []


async def test_no_more_of_one_user_is_answered_at_once_than_fits_into_memory(
    house: House, owner: Client, child: Client
) -> None:
    (recording_id,) = await house.keep()
    await house.hub.async_set_house(HouseToggle.HOUSEHOLD_MAY_LISTEN, Requester(), on=True)
    read, go_on, under_way = house.hub.async_read, asyncio.Event(), 0

    async def read_slowly(asked_id: str) -> Any:
        nonlocal under_way
        under_way += 1
        await go_on.wait()
        return await read(asked_id)

    with patch.object(house.hub, "async_read", side_effect=read_slowly):
        asked = [asyncio.create_task(owner.get(url(recording_id))) for _ in range(30)]
        refused = [await answer for _, answer in zip(range(20), asyncio.as_completed(asked), strict=False)]
        assert {answer.status for answer in refused} == {503}
        assert under_way == 10
        # Somebody else is answered meanwhile, and the same user afterwards.
        other = asyncio.create_task(child.get(url(recording_id)))
        go_on.set()
        assert (await other).status == 200
        assert sorted(answer.status for answer in await asyncio.gather(*asked)) == [200] * 10 + [503] * 20
        assert (await owner.get(url(recording_id))).status == 200
