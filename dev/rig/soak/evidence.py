"""What a house has: what it lists and plays, and what lies on its disk and in its recorder."""

import asyncio
from http import HTTPStatus
from pathlib import Path
import time
from typing import Final

from sqlalchemy import create_engine, inspect, text

from dev.rig.furnish import DOMAIN
from dev.rig.ha_client import HomeAssistantClient
from dev.rig.sealed import Sealed

from .book import UNREADABLE, Findings, digest
from .members import pcm_of
from .town import Town

_PAGE: Final = 100
_TABLE: Final = "voice_privacy_recordings"
_SWEPT_SECONDS: Final = 60.0
"""Rows and files follow a deletion; keys have gone before."""


async def check(town: Town, recorder_url: str) -> Findings:
    """Hold the book of promises against what there is, now that nobody does anything any more."""
    found, satellite_of = await _read_all(town.client)
    deadline = time.monotonic() + _SWEPT_SECONDS
    while remains := await asyncio.to_thread(_remains, town.house.config, recorder_url, set(found)):
        if time.monotonic() > deadline:
            break
        await asyncio.sleep(0.5)
    return town.book.check(found, satellite_of, remains)


async def _read_all(client: HomeAssistantClient) -> tuple[dict[str, str], dict[str, str]]:
    """Return digest and satellite of everything that is listed, by recording id."""
    found: dict[str, str] = {}
    satellite_of: dict[str, str] = {}
    before: int | None = None
    while True:
        page = await client.command(
            f"{DOMAIN}/recordings/list", limit=_PAGE, content=False, before=before, timeout=120
        )
        for row in page["recordings"]:
            satellite_of[row["id"]] = row["satellite_id"]
            status, answer = await client.rest("GET", f"/api/{DOMAIN}/recordings/{row['id']}/audio")
            found[row["id"]] = digest(pcm_of(answer)) if status == HTTPStatus.OK else UNREADABLE
        if not page["more"]:
            return found, satellite_of
        before = page["recordings"][-1]["sequence"]


def _remains(config: Path, recorder_url: str, listed: set[str]) -> set[str]:
    """Return the ids that have a file, a key or a row and are not listed."""
    sealed = Sealed(config)
    found = {*sealed.ids(), *(name for keys in sealed.keys_of_both() for name in keys)}
    return (found | _rows(recorder_url)) - listed


def _rows(recorder_url: str) -> set[str]:
    """Return the ids in the recorder's table, whichever database it is in."""
    engine = create_engine(recorder_url)
    try:
        if not inspect(engine).has_table(_TABLE):
            return set()
        with engine.connect() as connection:
            return set(connection.execute(text(f"SELECT recording_id FROM {_TABLE}")).scalars())
    finally:
        engine.dispose()
