"""The options of the house on the page: through the checks of their form, and only for the owner."""

from collections.abc import AsyncGenerator
from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.components.assist_pipeline import async_get_pipeline
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from .helpers.pipeline_home import PipelineHome, pipeline_home

OFF = {
    "check_level": False,
    "ignore_made_up_text": True,
    "key_dir": "",
    "members_may_open_microphone": False,
    "offer_wake_word": False,
    "pipelines": [],
}


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home with no option chosen."""
    async with pipeline_home(hass) as home:
        hass.config_entries.async_update_entry(home.entry, options={})
        await home.set_up()
        yield home


async def ask(client: Any, number: int, name: str, **fields: Any) -> dict[str, Any]:
    """Return the whole answer to a command."""
    await client.send_json({"id": number, "type": f"voice_privacy/options/{name}", **fields})
    answer: dict[str, Any] = await client.receive_json()
    assert answer["id"] == number
    return answer


async def test_options_are_read_and_changed_one_by_one(
    hass: HomeAssistant, home: PipelineHome, hass_ws_client: WebSocketGenerator
) -> None:
    client = await hass_ws_client(hass)
    pipeline = async_get_pipeline(hass)
    told = (await ask(client, 1, "get"))["result"]
    assert told["pipelines"] == [{"id": pipeline.id, "name": pipeline.name}]
    assert told["options"].keys() == OFF.keys()
    assert told["options"]["pipelines"] == []

    answer = await ask(client, 2, "set", pipelines=[pipeline.id], check_level=True)
    assert answer["result"] == {"errors": {}}
    await hass.async_block_till_done()
    assert home.entry.state is ConfigEntryState.LOADED
    # It was loaded again: what is said goes through the proxy now.
    assert home.engine != home.engine_id
    now = (await ask(client, 3, "get"))["result"]["options"]
    assert now == told["options"] | {"pipelines": [pipeline.id], "check_level": True}

    await ask(client, 4, "set", pipelines=[])
    await hass.async_block_till_done()
    assert home.engine == home.engine_id
    assert (await ask(client, 5, "get"))["result"]["options"]["check_level"] is True


@pytest.mark.parametrize(
    ("folder", "error"),
    [("keys", "key_dir_not_absolute"), ("{config}/keys", "key_dir_in_config")],
)
async def test_a_key_folder_is_checked_as_in_the_form(
    hass: HomeAssistant, home: PipelineHome, hass_ws_client: WebSocketGenerator, folder: str, error: str
) -> None:
    client = await hass_ws_client(hass)
    answer = await ask(
        client, 1, "set", key_dir=folder.format(config=hass.config.config_dir), check_level=True
    )
    assert answer["result"] == {"errors": {"key_dir": error}}
    # Nothing of it was saved, and no form stays open.
    assert home.entry.options == {}
    assert hass.config_entries.options.async_progress() == []


@pytest.mark.parametrize(
    "fields",
    [{}, {"pipelines": ["none"]}, {"check_level": "yes"}, {"key_dirs_before": ["/"]}, {"pipelines": "x"}],
)
async def test_what_the_form_does_not_have_is_refused(
    hass: HomeAssistant, home: PipelineHome, hass_ws_client: WebSocketGenerator, fields: dict[str, Any]
) -> None:
    answer = await ask(await hass_ws_client(hass), 1, "set", **fields)
    assert answer["error"]["code"] == "invalid_request"
    assert home.entry.options == {}


async def test_only_the_owner_reads_and_changes_options(
    hass: HomeAssistant, home: PipelineHome, hass_ws_client: WebSocketGenerator
) -> None:
    user = await hass.auth.async_create_user("Child", group_ids=[GROUP_ID_USER])
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/app")
    client = await hass_ws_client(hass, hass.auth.async_create_access_token(token))
    assert (await ask(client, 1, "get"))["error"]["code"] == "unauthorized"
    answer = await ask(client, 2, "set", members_may_open_microphone=True)
    assert answer["error"]["code"] == "unauthorized"
    assert home.entry.options == {}
