"""An export holds what was asked for and nothing of anybody else: by person, by device, by range of days."""

from datetime import date, timedelta
import io
import itertools
import json
from typing import Any
import zipfile

from homeassistant.auth.models import User
from homeassistant.util import dt as dt_util

from .helpers.foreign import sound
from .helpers.house import BEDROOM, KITCHEN, House
from .helpers.pipeline_home import PipelineHome
from .helpers.recordings import record
from .test_http import Client, Connect, connect, owner

__all__ = ["connect", "owner"]

URL = "/api/voice_privacy/archive"
NOW = dt_util.now().replace(hour=12, minute=0, second=0, microsecond=0)


async def archive(client: Client, **asked: str) -> dict[str, bytes]:
    """Return the files of an archive by name."""
    response = await client.get(URL, params=asked)
    assert response.status == 200
    packed = zipfile.ZipFile(io.BytesIO(await response.read()))
    return {name: packed.read(name) for name in packed.namelist()}


def is_only(files: dict[str, bytes], wanted: set[str]) -> None:
    """Check that an archive holds these recordings, each with its sound and its words, and nothing else."""
    assert set(json.loads(files["index.json"])["recordings"]) == wanted
    assert set(files) == {"index.json"} | {
        f"recordings/{recording_id}.{kind}" for recording_id in wanted for kind in ("wav", "json")
    }


async def test_a_device_and_a_range_leave_out_everything_else(
    house: House,
    bedroom: Any,
    owner: Client,
) -> None:
    """Each combination of a satellite, a first and a last day."""
    days = [(NOW - timedelta(days=ago)).date() for ago in (4, 2, 0)]
    made: dict[str, tuple[str, date, str]] = {}
    for satellite_id, day in itertools.product((KITCHEN, BEDROOM), days):
        words = f"the secret of {satellite_id} {day}"
        started = NOW - timedelta(days=(NOW.date() - day).days)
        recording_id = await record(
            house, words, owner=satellite_id, started_at=min(started, dt_util.utcnow())
        )
        made[recording_id] = (satellite_id, house.hub.recordings[recording_id].local_date, words)

    for of, first, last in itertools.product((None, KITCHEN, BEDROOM), (None, *days), (None, *days)):
        wanted = {
            recording_id
            for recording_id, (made_by, day, _) in made.items()
            if made_by == (of or made_by) and (first or day) <= day <= (last or day)
        }
        asked = {
            "satellite_id": of,
            "first_day": first.isoformat() if first else None,
            "last_day": last.isoformat() if last else None,
        }
        files = await archive(owner, **{name: value for name, value in asked.items() if value})
        is_only(files, wanted)
        told = b"".join(files.values()).decode("latin-1")
        for recording_id, (_, _, words) in made.items():
            assert (words in told) is (recording_id in wanted)


async def test_the_export_of_a_person_holds_nothing_of_others(
    home: PipelineHome,
    connect: Connect,
    hass_admin_user: User,
) -> None:
    client = await connect(hass_admin_user)
    home.transcriber.text = "kitchen words"
    await home.kitchen.say(sound(0.5))
    await home.settle()
    await home.browser("words of Paula")

    for source, words, other in (
        ("paula", b"words of Paula", b"kitchen words"),
        ("kitchen", b"kitchen words", b"words of Paula"),
    ):
        files = await archive(client, satellite_id=source)
        is_only(files, set(home.ids(source)))
        told = b"".join(files.values())
        assert words in told
        assert other not in told
        described = [
            json.loads(files[f"recordings/{recording_id}.json"]) for recording_id in home.ids(source)
        ]
        assert {one["satellite"] for one in described} == {source.capitalize()}
