"""What somebody types is in no line of the log, neither ours nor Home Assistant's, however wrong it is."""

from collections.abc import Callable, Iterator
import contextlib
import logging
import traceback
from typing import Any
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.script import Script
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
import voluptuous as vol

from custom_components.voice_privacy.const import DOMAIN, SUBENTRY_TYPE_SATELLITE
from custom_components.voice_privacy.hub.deletion import Deletion
from custom_components.voice_privacy.hub.hub import VoicePrivacyHub
from custom_components.voice_privacy.hub.permissions import ACTIONS, COMMANDS
from custom_components.voice_privacy.satellites.wyoming_connection import CannotConnect

from .helpers.house import ENTRY_ID, House
from .helpers.people import ADMIN, REVIEWER, Person, people_of
from .helpers.recordings import record
from .test_review_pool import consent, waiting

WORD = "marmalade"
"""What is typed, said and thrown; nothing else contains it."""

WRONG: tuple[Any, ...] = (
    WORD * 30,
    f"{WORD} \ud800\x00",
    [WORD],
    [[WORD]],
    {WORD: {WORD: [WORD]}},
    [{WORD: WORD}, 1.5, None],
)
"""Too long, unprintable, or of a type that is not asked for; some cannot be hashed."""

FIELDS = (
    "allowed",
    "before",
    "content",
    "correction",
    "day",
    "deed",
    "end",
    "first_day",
    "follow",
    "kind",
    "label",
    "last_day",
    "limit",
    "offset",
    "on",
    "recording_id",
    "recording_ids",
    "review_id",
    "review_ids",
    "satellite_id",
    "satellite_ids",
    "scope",
    "setting",
    "start",
    "text",
    "threshold",
    "toggle",
    "user_id",
    "value",
    # No command knows these.
    "extra",
    WORD,
)

RIGHT: dict[str, dict[str, Any]] = {
    "microphones/set_threshold": {"threshold": 0.5},
    "recordings/delete": {"scope": "range", "start": "2020-01-01T00:00:00Z", "end": "2020-01-02T00:00:00Z"},
    "recordings/preview": {"scope": "day", "day": "2020-01-01"},
    "recordings/search": {"text": WORD},
    "retention/preview": {"setting": "keep_recordings", "value": "week"},
    "retention/set": {"setting": "keep_recordings", "value": "week"},
    "review/label": {"review_id": "0" * 32, "label": "wrong_transcript", "correction": WORD},
    "settings/set": {"toggle": "verifier", "on": True},
}
"""Fields that are not wrong, where a command has some that it needs."""


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """Return every line of the log so far, ours from DEBUG on, the rest from INFO on."""
    caplog.set_level(logging.INFO)
    caplog.set_level(logging.DEBUG, logger=f"custom_components.{DOMAIN}")
    formatter = logging.Formatter("%(name)s %(message)s")
    # The test's server writes down each request; Home Assistant's does not.
    return lambda: [formatter.format(logged) for logged in caplog.records if logged.name != "aiohttp.access"]


def with_log(person: Person) -> Person:
    """Let a connection log as a real one does."""
    logger: Any = logging.getLogger("homeassistant.components.websocket_api.http.connection")
    person.desk.connection.logger = logger
    return person


def leaks(lines: list[str]) -> list[str]:
    """Return the lines that have the word in them."""
    return [line for line in lines if WORD in line.lower()]


@pytest.mark.usefixtures("bedroom")
@pytest.mark.parametrize("name", [ADMIN, REVIEWER])
async def test_no_field_of_a_command_is_logged(
    hass: HomeAssistant, house: House, log: Callable[[], list[str]], name: str
) -> None:
    await record(house, WORD)
    person = with_log((await people_of(house, (ADMIN, REVIEWER)))[name])
    desk, tried = person.desk, 0
    for command in COMMANDS:
        for field in FIELDS:
            for wrong in WRONG:
                fields = RIGHT.get(command, {}) | {field: wrong}
                answer = await desk.ask(f"{DOMAIN}/{command}", **fields)
                tried += 1
                if not answer["success"]:
                    assert answer["error"]["code"] in {
                        "invalid_request",
                        "not_in_pool",
                        "recording_not_found",
                        "unauthorized",
                    }, (command, field, wrong)
                    assert WORD not in answer["error"]["message"]
                elif field not in ("correction", "recording_id", "text"):
                    assert field in ("satellite_id", "satellite_ids"), (command, field, wrong)
    await hass.async_block_till_done()
    print(f"\n{tried} messages as {name}")  # noqa: T201
    assert leaks(log()) == []
    # A positive control: had Home Assistant checked the message, this is what it would have logged.
    desk.connection.async_handle_exception(
        {"id": 1, "type": "x", "text": WORD * 30},
        caught(lambda: vol.Schema({"text": vol.Length(1, 200)}, extra=vol.ALLOW_EXTRA)({"text": WORD * 30})),
    )
    assert leaks(log())


def caught(work: Callable[[], object]) -> Exception:
    """Return what is raised."""
    try:
        work()
    except Exception as err:  # noqa: BLE001
        return err
    raise AssertionError("nothing was raised")


@pytest.mark.usefixtures("bedroom")
async def test_a_text_that_is_too_long_is_refused_in_words(house: House) -> None:
    admin = (await people_of(house, (ADMIN,)))[ADMIN]
    for text, right in (("x" * 200, True), ("x" * 201, False), ("", False)):
        answer = await admin.desk.ask(f"{DOMAIN}/recordings/search", text=text)
        assert answer["success"] is right
    assert answer["error"]["translation_key"] == answer["error"]["code"] == "invalid_request"
    assert answer["error"]["message"] == "Voice Privacy does not understand this request. Reload the page"


@contextlib.contextmanager
def broken(method: str, owner: type = VoicePrivacyHub) -> Iterator[None]:
    """Let a method of the hub, or of a part of it, fail in a way that nobody has thought of."""

    def fail(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError(f"cannot read {WORD}")

    with patch.object(owner, method, fail):
        yield


@pytest.mark.usefixtures("bedroom")
async def test_an_error_that_nobody_has_thought_of_is_logged_by_its_type(
    hass: HomeAssistant, house: House, log: Callable[[], list[str]]
) -> None:
    await consent(house)
    recording_id = await record(house, "turn on the light")
    review_id = waiting(house)[recording_id].review_id
    desk = with_log((await people_of(house, (ADMIN,)))[ADMIN]).desk
    with (
        broken("async_read"),
        broken("meant", Deletion),
        broken("async_delete", Deletion),
        broken("async_set_satellite"),
    ):
        for name, fields in (
            ("recordings/list", {}),
            ("recordings/get", {"recording_id": recording_id}),
            ("recordings/preview", {"scope": "all"}),
            ("recordings/delete", {"scope": "all"}),
            ("review/transcript", {"review_id": review_id}),
        ):
            assert await desk.code_of(name, **fields) == "unknown", name
        assert await desk.code_of("recordings/search", text="light") is None
        assert await desk.code_of("recordings/delete", scope="all", follow=True) is None
        await hass.async_block_till_done()
        await desk.until_told(lambda: len(desk.events("failed")) == 2)
        assert [event["code"] for event in desk.events("failed")] == ["unknown", "unknown"]
        switch = {"entity_id": house.entity_id("switch", "microphone")}
        for domain, action, data in ((DOMAIN, "delete_today", {}), ("switch", "turn_off", switch)):
            with pytest.raises(HomeAssistantError) as raised:
                await hass.services.async_call(domain, action, data, blocking=True)
            assert not isinstance(raised.value, ServiceValidationError)
            assert WORD not in "".join(traceback.format_exception(raised.value))
            assert raised.value.translation_domain == DOMAIN
    assert any("RuntimeError" in line for line in log())
    assert leaks(log()) == []


async def test_nothing_of_a_request_or_of_its_failure_is_logged(
    house: House, hass_client: ClientSessionGenerator, log: Callable[[], list[str]]
) -> None:
    recording_id = await record(house)
    client = await hass_client()
    with broken("async_read"):
        answer = await client.get(f"/api/{DOMAIN}/recordings/{recording_id}/audio")
        assert answer.status == 500
        assert WORD not in await answer.text()
        with contextlib.suppress(Exception):
            await (await client.get(f"/api/{DOMAIN}/archive")).read()
    for path in (
        f"recordings/{WORD}/audio",
        f"review/{WORD}/audio",
        f"archive?first_day={WORD}",
        f"archive?satellite_id={WORD}",
    ):
        answer = await client.get(f"/api/{DOMAIN}/{path}", headers={"Range": f"bytes={WORD}"})
        assert answer.status in (400, 404)
        assert WORD not in await answer.text()
    assert any("RuntimeError" in line for line in log())
    assert leaks(log()) == []


DATA: tuple[dict[str, Any], ...] = (
    {"start": WORD, "end": WORD},
    {"start": [WORD], "end": {WORD: WORD}},
    {"confirm": WORD},
    {"confirm": [WORD]},
    {WORD: True},
    {"entity_id": WORD * 30},
    {"entity_id": {WORD: WORD}},
    {"area_id": {WORD: [WORD]}},
    {"device_id": [[WORD]]},
)


@pytest.mark.usefixtures("bedroom")
async def test_nothing_of_an_actions_data_is_logged(
    hass: HomeAssistant, house: House, log: Callable[[], list[str]]
) -> None:
    desk = with_log((await people_of(house, (ADMIN,)))[ADMIN]).desk
    for component in ("api", "websocket_api"):
        assert await async_setup_component(hass, component, {})
    for action in ACTIONS:
        for data in DATA:
            with pytest.raises(ServiceValidationError) as raised:
                await hass.services.async_call(DOMAIN, action, dict(data), blocking=True)
            assert raised.value.translation_key in ("invalid_action_data", "no_satellite_targeted")
            assert WORD not in "".join(traceback.format_exception(raised.value))
            # Where nobody waits for the answer, Home Assistant logs the call.
            await hass.services.async_call(DOMAIN, action, dict(data), blocking=False)
            answer = await desk.ask("call_service", domain=DOMAIN, service=action, service_data=data)
            assert answer["error"]["code"] == "service_validation_error"
            assert WORD not in answer["error"]["message"]
            if all(isinstance(key, str) for key in data) and "entity_id" not in data:
                sequence = cv.SCRIPT_SCHEMA([{"action": f"{DOMAIN}.{action}", "data": data}])
                script = Script(hass, sequence, "A script", "script")
                with pytest.raises(ServiceValidationError):
                    await script.async_run(context=Context())
    await hass.async_block_till_done()
    # Positive controls: both kinds of failures were logged.
    assert any("Error executing service" in line for line in log())
    assert any("Error executing script" in line for line in log())
    assert any("It takes" in line or "The action takes" in line for line in log())
    assert leaks(log()) == []


async def test_nothing_that_is_typed_into_a_form_is_logged(
    hass: HomeAssistant, house: House, hass_client: ClientSessionGenerator, log: Callable[[], list[str]]
) -> None:
    assert await async_setup_component(hass, "config", {})
    client = await hass_client()
    url = "/api/config/config_entries/subentries/flow"
    for name, host in (
        (WORD, WORD * 30),
        (WORD, f"{WORD}\x00"),
        ([WORD], {WORD: WORD}),
        (WORD, f"{WORD}..{WORD}"),
    ):
        answer = await client.post(url, json={"handler": [ENTRY_ID, SUBENTRY_TYPE_SATELLITE]})
        flow = (await answer.json())["flow_id"]
        typed = {"name": name, "host": host, "port": 10_700, "threshold": 0.5}
        typed |= {"child_safe": False, "save_recordings": "no"}
        with patch("custom_components.voice_privacy.subentry_flows.async_probe", side_effect=CannotConnect):
            answer = await client.post(f"{url}/{flow}", json=typed)
        assert answer.status in (200, 400)
        assert "errors" in await answer.json()
    assert house.entry.state is ConfigEntryState.LOADED
    assert leaks(log()) == []
