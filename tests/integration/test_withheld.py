"""What the config entry grants and an owner takes back: Home Assistant writes entries late, and we do not wait for it."""

from collections.abc import Mapping
import errno
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util.file import WriteError

from custom_components.voice_privacy.const import CONF_CHILD_SAFE, CONF_MEMBERS_MAY_OPEN_MICROPHONE
from custom_components.voice_privacy.core.house_settings import HouseToggle, SatelliteToggle
from custom_components.voice_privacy.core.models import Requester
from custom_components.voice_privacy.hub.permissions import Right
from custom_components.voice_privacy.recordings.durable_store import DurableStore

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.people import LOCAL, Person, people_of
from .helpers.recordings import record
from .helpers.talker import Talker
from .test_review_pool import waiting


async def choose(house: House, *, shared: bool) -> dict[str, Any]:
    """Choose in the options whether members may open microphones."""
    flow: Any = await house.hass.config_entries.options.async_init(ENTRY_ID)
    result: Any = await house.hass.config_entries.options.async_configure(
        flow["flow_id"], {"pipelines": [], CONF_MEMBERS_MAY_OPEN_MICROPHONE: shared}
    )
    await house.hass.async_block_till_done()
    return dict(result)


async def choose_child(house: House, *, child: bool) -> dict[str, Any]:
    """Choose whether a child speaks to the kitchen's satellite."""
    flow: Any = await house.entry.start_subentry_reconfigure_flow(house.hass, KITCHEN)
    data = house.entry.subentries[KITCHEN].data
    fields = {key: data[key] for key in ("host", "port", "wake_words", "threshold") if key in data}
    result: Any = await house.hass.config_entries.subentries.async_configure(
        flow["flow_id"], {**fields, CONF_CHILD_SAFE: child}
    )
    await house.hass.async_block_till_done()
    return dict(result)


async def power_cut(house: House, options: Any, data: Mapping[str, Any]) -> None:
    """Start again with what core had written before."""
    hass = house.hass
    assert await hass.config_entries.async_unload(ENTRY_ID)
    hass.config_entries.async_update_entry(house.entry, options=options)
    now = house.entry.subentries[KITCHEN]
    hass.config_entries.async_update_subentry(house.entry, now, data=data)
    assert await hass.config_entries.async_setup(ENTRY_ID)
    await hass.async_block_till_done()


def may_open(house: House, person: Person) -> bool:
    """Return whether the page offers somebody to open the kitchen's microphone."""
    before = len(person.desk.events("state"))
    person.desk.send("voice_privacy/subscribe")
    state = person.desk.events("state")[before:][-1]
    return KITCHEN in state["may"][Right.OPEN_MICROPHONE]


def failing(name: str) -> Any:
    """Let the disk refuse a file of ours."""
    write = DurableStore._async_write_data

    async def refuse(store: DurableStore, data: Any) -> None:
        if store.key.endswith(name):
            raise WriteError(OSError(errno.ENOSPC, "full"))
        await write(store, data)

    return patch.object(DurableStore, "_async_write_data", refuse)


async def test_microphones_that_were_taken_back_stay_so(house: House, bedroom: Talker) -> None:
    member = (await people_of(house, (LOCAL,)))[LOCAL]
    assert not may_open(house, member)
    await choose(house, shared=True)
    assert may_open(house, member)
    granted, data = house.entry.options, house.entry.subentries[KITCHEN].data
    await choose(house, shared=False)
    assert not may_open(house, member)

    await power_cut(house, granted, data)
    assert house.entry.options[CONF_MEMBERS_MAY_OPEN_MICROPHONE]
    assert not may_open(house, member)
    # The form shows what holds, and grants it again.
    flow: Any = await house.hass.config_entries.options.async_init(ENTRY_ID)
    assert flow["data_schema"]({"pipelines": []})[CONF_MEMBERS_MAY_OPEN_MICROPHONE] is False
    await choose(house, shared=True)
    assert may_open(house, member)


async def test_a_disk_that_takes_nothing_is_told(house: House, bedroom: Talker) -> None:
    member = (await people_of(house, (LOCAL,)))[LOCAL]
    await choose(house, shared=True)
    with failing("settings"):
        result = await choose(house, shared=False)
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "not_saved"})
        # The more private side holds all the same.
        assert not may_open(house, member)
        result = await choose_child(house, child=True)
        assert (result["type"], result["errors"]) == (FlowResultType.FORM, {"base": "not_saved"})
    result = await choose(house, shared=True)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert may_open(house, member)


async def test_what_a_child_says_stays_out_of_review(hass: HomeAssistant, house: House) -> None:
    await house.hub.async_set_house(HouseToggle.HELP_IMPROVE, Requester(), on=True)
    await house.hub.async_set_satellite(KITCHEN, SatelliteToggle.HELP_IMPROVE, Requester(), on=True)
    await record(house)
    assert len(waiting(house)) == 1
    options, adults = house.entry.options, house.entry.subentries[KITCHEN].data
    assert (await choose_child(house, child=True))["reason"] == "reconfigure_successful"
    await power_cut(house, options, adults)
    assert house.entry.subentries[KITCHEN].data.get(CONF_CHILD_SAFE, False) is False
    await record(house)
    assert waiting(house) == {}

    flow: Any = await house.entry.start_subentry_reconfigure_flow(hass, KITCHEN)
    (shown,) = (field for field in flow["data_schema"].schema if field == CONF_CHILD_SAFE)
    assert shown.description["suggested_value"] is True
    await choose_child(house, child=False)
    await record(house)
    assert len(waiting(house)) == 1
