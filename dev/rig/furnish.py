"""Furnish a running house through its API: speech engines, the light's place, and our integration."""

import asyncio
from collections.abc import Mapping
from typing import Any, Final

from .flows import FlowFailed, run_flow, run_options_flow, run_subentry_flow
from .ha_client import HomeAssistantClient
from .house import HOST, KITCHEN_LIGHT

DOMAIN: Final = "voice_privacy"


async def area_id(client: HomeAssistantClient, name: str) -> str:
    """Return the id of an area, which is made if need be."""
    for area in await client.command("config/area_registry/list"):
        if area["name"].casefold() == name.casefold():
            return str(area["area_id"])
    return str((await client.command("config/area_registry/create", name=name))["area_id"])


async def entity_ids(client: HomeAssistantClient, **wanted: Any) -> dict[str, str]:
    """Return entity ids by unique id, of the entities whose registry entries have these values."""
    return {
        entry["unique_id"]: entry["entity_id"]
        for entry in await client.command("config/entity_registry/list")
        if all(entry.get(name) == value for name, value in wanted.items())
    }


async def add_wyoming(client: HomeAssistantClient, port: int) -> str:
    """Add a Wyoming server with core's own integration, a satellite with its microphone on; return the id of its entry."""
    result = await run_flow(client, "wyoming", {"host": HOST, "port": port})
    entry_id = str(result["result"]["entry_id"])
    added = await entity_ids(client, config_entry_id=entry_id)
    # Core restores by name whether a satellite is muted, also for another one that was removed long ago.
    if mutes := [entity_id for entity_id in added.values() if entity_id.startswith("switch.")]:
        await client.call("switch.turn_off", target={"entity_id": mutes})
    return entry_id


async def add_esphome(client: HomeAssistantClient, port: int) -> str:
    """Add an ESPHome device with core's own integration; return the id of its entry."""
    result = await run_flow(client, "esphome", {"host": HOST, "port": port})
    return str(result["result"]["entry_id"])


async def use_speech_servers(client: HomeAssistantClient, *, stt_port: int, tts_port: int) -> None:
    """Add both speech servers and let the preferred pipeline use them."""
    engines: dict[str, str] = {}
    for domain, port in (("stt", stt_port), ("tts", tts_port)):
        entry_id = await add_wyoming(client, port)
        engines[domain] = await client.wait_for(
            _Appears(await entity_ids(client, config_entry_id=entry_id), domain, client),
            f"an entity of domain {domain}",
        )
    listed = await client.command("assist_pipeline/pipeline/list")
    pipeline = next(item for item in listed["pipelines"] if item["id"] == listed["preferred_pipeline"])
    pipeline |= {
        "pipeline_id": pipeline.pop("id"),
        "stt_engine": engines["stt"],
        "stt_language": "en",
        "tts_engine": engines["tts"],
        "tts_language": "en_US",
        "tts_voice": None,
    }
    await client.command("assist_pipeline/pipeline/update", **pipeline)


class _Appears:
    """Find the first of some entities in a domain as soon as it has a state."""

    def __init__(self, entities: Mapping[str, str], domain: str, client: HomeAssistantClient) -> None:
        self._entities = entities
        self._domain = domain
        self._client = client

    def __call__(self) -> str | None:
        return next(
            (
                entity_id
                for entity_id in self._entities.values()
                if entity_id.startswith(f"{self._domain}.") and entity_id in self._client.states
            ),
            None,
        )


async def place_kitchen_light(client: HomeAssistantClient) -> None:
    """Put the light where its name says it is."""
    await client.wait_for_state(KITCHEN_LIGHT, lambda state: state in {"on", "off"})
    kitchen = await area_id(client, "Kitchen")
    await client.command("config/entity_registry/update", entity_id=KITCHEN_LIGHT, area_id=kitchen)


async def add_integration(client: HomeAssistantClient, *, wake_words: list[str] | None = None) -> str:
    """Set up our integration with the licence of the wake word models accepted; return its entry's id."""
    values = {"accept_license": True, "wake_words": wake_words or ["alexa"]}
    result = await run_flow(client, DOMAIN, values)
    entry_id = str(result["result"]["entry_id"])
    await check_loaded(client, entry_id)
    return entry_id


async def check_loaded(client: HomeAssistantClient, entry_id: str) -> None:
    """Raise FlowFailed unless a config entry works."""
    for entry in await client.command("config_entries/get"):
        if entry["entry_id"] == entry_id and entry["state"] != "loaded":
            raise FlowFailed(f"{entry['title']} is in {entry['state']}: {entry['reason']}")


async def add_satellite(
    client: HomeAssistantClient,
    entry_id: str,
    *,
    name: str,
    port: int,
    area: str | None = None,
    save_recordings: bool = True,
    wake_words: list[str] | None = None,
) -> str:
    """Add a satellite to our integration; return the id of its subentry."""
    values: dict[str, Any] = {
        "name": name,
        "host": HOST,
        "port": port,
        "wake_words": wake_words or ["alexa"],
        _answer(save_recordings): True,
    }
    if area is not None:
        values["area"] = await area_id(client, area)
    known = {item["subentry_id"] for item in await subentries(client, entry_id)}
    await run_subentry_flow(client, entry_id, "satellite", values)
    return next(
        str(item["subentry_id"])
        for item in await subentries(client, entry_id)
        if item["subentry_id"] not in known
    )


def _answer(save_recordings: bool) -> str:
    """Return the button that answers whether recordings are kept; flows press the one that is a value."""
    return "keep_recordings" if save_recordings else "keep_nothing"


async def subentries(client: HomeAssistantClient, entry_id: str) -> list[dict[str, Any]]:
    """Return the subentries of a config entry."""
    return list(await client.command("config_entries/subentries/list", entry_id=entry_id))


async def remove_entry(client: HomeAssistantClient, entry_id: str) -> None:
    """Remove a config entry."""
    await client.rest("DELETE", f"/api/config/config_entries/entry/{entry_id}")


async def choose_pipelines(
    client: HomeAssistantClient, entry_id: str, pipeline_ids: list[str], *, offer_wake_word: bool = False
) -> None:
    """Choose in our options the pipelines that are listened to, and wait until they, and only they, are."""
    values = {"pipelines": pipeline_ids, "offer_wake_word": offer_wake_word}
    await run_options_flow(client, entry_id, values)
    proxies = set((await entity_ids(client, platform=DOMAIN)).values())
    async with asyncio.timeout(30):
        while True:
            listed = await client.command("assist_pipeline/pipeline/list")
            covered = {item["id"] for item in listed["pipelines"] if item["stt_engine"] in proxies}
            if covered == set(pipeline_ids):
                return
            # Pipelines announce their changes to nobody.
            await asyncio.sleep(0.1)


async def add_assist_satellite(
    client: HomeAssistantClient, entry_id: str, entity_id: str, *, name: str, save_recordings: bool = True
) -> str:
    """Add a satellite of another integration to ours; return the id of its subentry."""
    entry = await client.command("config/entity_registry/get", entity_id=entity_id)
    source = f"satellite:{entry['id']}"
    return await add_source(client, entry_id, source, name=name, save_recordings=save_recordings)


async def add_source(
    client: HomeAssistantClient, entry_id: str, source: str, *, name: str, save_recordings: bool = True
) -> str:
    """Add whoever may speak, e.g. "user:" and the id of one; return the id of the subentry."""
    values = {"name": name, "source": source, _answer(save_recordings): True}
    known = {item["subentry_id"] for item in await subentries(client, entry_id)}
    await run_subentry_flow(client, entry_id, "assist_satellite", values)
    return next(
        str(item["subentry_id"])
        for item in await subentries(client, entry_id)
        if item["subentry_id"] not in known
    )


async def assist_satellite_of(client: HomeAssistantClient, entry_id: str) -> str:
    """Return the assist_satellite entity of another integration's config entry, once it has a state."""
    return await client.wait_for(
        _Appears(await entity_ids(client, config_entry_id=entry_id), "assist_satellite", client),
        "an assist_satellite entity",
        timeout=30,
    )
