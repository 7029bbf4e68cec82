"""Home Assistant's own backups of a house."""

import asyncio
from pathlib import Path
import tarfile

from .house import HomeAssistantProcess


async def back_up(house: HomeAssistantProcess) -> Path:
    """Have Home Assistant make a backup of everything; return the archive."""
    folder = house.config / "backups"
    known = set(await asyncio.to_thread(lambda: list(folder.glob("*.tar"))))
    async with house.client.subscribe("backup/subscribe_events") as events:
        await house.client.command("backup/generate", agent_ids=["backup.local"])
        event = await events.next(lambda event: event.get("state") in ("completed", "failed"), timeout=60)
    assert event["state"] == "completed", event
    (archive,) = set(await asyncio.to_thread(lambda: list(folder.glob("*.tar")))) - known
    return archive


async def backup_id(house: HomeAssistantProcess) -> str:
    """Return the id of the newest backup."""
    backups = (await house.client.command("backup/info"))["backups"]
    return str(max(backups, key=lambda backup: backup["date"])["backup_id"])


def unpack(archive: Path, folder: Path) -> Path:
    """Unpack a backup, and the archive of the configuration folder in it; return that folder."""
    with tarfile.open(archive) as tar:
        tar.extractall(folder, filter="data")
    with tarfile.open(folder / "homeassistant.tar.gz") as tar:
        # Our own code may be a symbolic link out of the house.
        members = [member for member in tar if not member.issym()]
        tar.extractall(folder, members, filter="data")
    return folder / "data"
