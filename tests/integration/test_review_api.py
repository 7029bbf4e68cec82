"""What a reviewer may see: a random id and the clip. And what is the owner's alone."""

from collections.abc import Awaitable, Callable
import json
from typing import Any

from aiohttp import ClientResponse
from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
from homeassistant.helpers import area_registry as ar
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator, WebSocketGenerator

from custom_components.voice_privacy.core.audio import wav_from_pcm
from custom_components.voice_privacy.core.house_settings import RetentionSetting
from custom_components.voice_privacy.core.lengthening import lengthened
from custom_components.voice_privacy.core.models import AuditAction, RecordingKind, Requester
from custom_components.voice_privacy.core.review import Label, ReviewItem

from .helpers.house import ENTRY_ID, KITCHEN, House
from .helpers.recordings import record
from .test_review_pool import consent, until_released, waiting
from .test_websocket_api import Tab

CARD = "my card is 4242 4242 4242 4242"


class Seat:
    """Somebody at a browser: commands, audio, and every byte that came to them."""

    def __init__(self, tab: Tab, get: Callable[[str], Awaitable[ClientResponse]]) -> None:
        """Wrap a tab and a way to fetch."""
        self.tab = tab
        self.get = get
        self.seen: list[str] = []

    async def ask(self, name: str, **fields: Any) -> Any:
        """Return a command's result."""
        result = await self.tab.ask(name, **fields)
        self.seen.append(json.dumps(result, ensure_ascii=False))
        return result

    async def listen(self, review_id: str) -> ClientResponse:
        """Fetch a clip."""
        response = await self.get(f"/api/voice_privacy/review/{review_id}/audio")
        self.seen.append(str(response.headers))
        return response


@pytest.fixture
def sit_down(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, hass_client: ClientSessionGenerator
) -> Callable[[User], Awaitable[Seat]]:
    """Sign somebody in."""

    async def sign_in(user: User) -> Seat:
        token = hass.auth.async_create_access_token(
            await hass.auth.async_create_refresh_token(user, "https://example.com/app")
        )
        # The commands come first: no view can be added to a server that runs.
        tab = Tab(await hass_ws_client(hass, token))
        return Seat(tab, (await hass_client(token)).get)

    return sign_in


@pytest.fixture
async def owner(house: House, sit_down: Callable[[User], Awaitable[Seat]], hass_admin_user: User) -> Seat:
    """The owner."""
    return await sit_down(hass_admin_user)


@pytest.fixture
async def friend(hass: HomeAssistant) -> User:
    """Somebody who has an account and no role yet."""
    return await hass.auth.async_create_user("Friend", group_ids=[GROUP_ID_USER])


@pytest.fixture
async def reviewer(
    house: House, owner: Seat, friend: User, sit_down: Callable[[User], Awaitable[Seat]]
) -> Seat:
    """Somebody whom the owner has asked to review."""
    await owner.ask("review/set_reviewer", user_id=friend.id, on=True)
    return await sit_down(friend)


def clip_of(house: House, recording_id: str) -> ReviewItem:
    """Return the clip of a recording."""
    return waiting(house)[recording_id]


async def test_a_reviewer_hears_and_labels(
    house: House, owner: Seat, reviewer: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await consent(house)
    recording_id = await record(house, "turn on the kitten")
    review_id = clip_of(house, recording_id).review_id
    # Until the next release, only the owner knows of it.
    assert (await reviewer.listen(review_id)).status == 404
    assert await reviewer.tab.is_refused("review/transcript", review_id=review_id) == "not_in_pool"
    assert await reviewer.ask("review/list") == {"clips": []}
    until_released(monkeypatch)
    assert await reviewer.ask("review/list") == {"clips": [{"review_id": review_id, "label": None}]}
    response = await reviewer.listen(review_id)
    _, content = await house.read(recording_id)
    assert await response.read() == wav_from_pcm(lengthened(content.audio))
    assert response.headers["Cache-Control"] == "no-store"
    assert (await reviewer.ask("review/transcript", review_id=review_id)) == {
        "transcript": "turn on the kitten"
    }
    await reviewer.ask("review/label", review_id=review_id, label="wrong_transcript", correction="Kitten!")
    item = clip_of(house, recording_id)
    assert (item.label, item.correction) == (Label.WRONG_TRANSCRIPT, "Kitten!")
    # A correction belongs to its label.
    await reviewer.ask("review/label", review_id=review_id, label="meant_for_us", correction="Kitten!")
    assert clip_of(house, recording_id).correction is None
    told = [(entry.action, entry.by.user_id) for entry in house.hub.access_log.entries if entry.by.user_id]
    friend = next(iter(house.hub.settings.reviewers))
    assert told[-4:] == [
        (AuditAction.LISTENED, friend),
        (AuditAction.LISTED, friend),
        (AuditAction.REVIEWED, friend),
        (AuditAction.REVIEWED, friend),
    ]


async def test_nothing_that_a_reviewer_gets_tells_whose_it_is(
    hass: HomeAssistant, house: House, owner: Seat, reviewer: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exact set of keys, and a search of everything that came over the wire."""
    await consent(house)
    ar.async_get(hass).async_create("Library")
    hass.states.async_set("person.anna", "home", {"friendly_name": "Anna"})
    texts = ["call Anna from the Kitchen", "lights off in the library", "good night"]
    ids = [await record(house, text) for text in texts]
    until_released(monkeypatch)
    clips = (await reviewer.ask("review/list"))["clips"]
    assert all(clip.keys() == {"review_id", "label"} for clip in clips)
    assert [clip["review_id"] for clip in clips] == sorted(clip["review_id"] for clip in clips)
    assert len(clips) == 3
    for clip in clips:
        answer = await reviewer.ask("review/transcript", review_id=clip["review_id"])
        assert answer.keys() == {"transcript"}
        await reviewer.listen(clip["review_id"])
        assert await reviewer.ask("review/label", review_id=clip["review_id"], label="cut_off") is None

    recordings = [house.hub.recordings[recording_id] for recording_id in ids]
    names = {KITCHEN, "library", "anna", ENTRY_ID, *ids}
    names |= {entity.entity_id for entity in hass.states.async_all() if KITCHEN in entity.entity_id}
    names |= {info.started_at.isoformat()[:16] for info in recordings}
    names |= {str(int(info.started_at.timestamp()))[:8] for info in recordings}
    everything = "\n".join(reviewer.seen).lower()
    headers = [line for line in everything.splitlines() if "content-disposition" in line]
    assert len(headers) == 3
    # The date of an answer is that of the question.
    assert [name for name in names if name.lower() in everything] == []
    assert everything.count("•••") == 3
    # The owner's view names them, so that the search finds what there is to find.
    await owner.ask("review/pool")
    seen = "\n".join(owner.seen).lower()
    assert KITCHEN in seen
    assert all(recording_id in seen for recording_id in ids)


async def test_a_finding_bars_a_clip_until_the_owner_has_heard_it(
    house: House, owner: Seat, reviewer: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    await consent(house)
    recording_id = await record(house, CARD)
    unknown = await record(house, None, kind=RecordingKind.FALSE_WAKE)
    until_released(monkeypatch)
    item = clip_of(house, recording_id)
    assert item.findings == ("payment_card",)
    assert clip_of(house, unknown).findings == ("unchecked",)
    assert (await reviewer.ask("review/list"))["clips"] == []
    for command in ("review/transcript", "review/label"):
        fields = {"label": "cut_off"} if command == "review/label" else {}
        refused = await reviewer.tab.is_refused(command, review_id=item.review_id, **fields)
        assert refused == "not_in_pool"
    assert (await reviewer.listen(item.review_id)).status == 404

    assert await owner.tab.is_refused("review/allow", review_id=item.review_id, allowed=True) == (
        "not_listened"
    )
    assert (await owner.listen(item.review_id)).status == 200
    await owner.ask("review/allow", review_id=item.review_id, allowed=True)
    assert (await reviewer.listen(item.review_id)).status == 200
    masked = await reviewer.ask("review/transcript", review_id=item.review_id)
    assert masked == {"transcript": "my card is •••"}
    await owner.ask("review/allow", review_id=item.review_id, allowed=False)
    assert (await reviewer.listen(item.review_id)).status == 404


async def test_what_is_the_owners_alone(house: House, owner: Seat, reviewer: Seat, friend: User) -> None:
    await consent(house)
    first, second = await record(house), await record(house)
    review_id = clip_of(house, first).review_id
    for command, fields in (
        ("review/pool", {}),
        ("review/allow", {"review_id": review_id, "allowed": True}),
        ("review/take_out", {"review_ids": [review_id]}),
        ("review/reviewers", {}),
        ("review/set_reviewer", {"user_id": friend.id, "on": True}),
    ):
        assert await reviewer.tab.is_refused(command, **fields) == "unauthorized"
    for _ in range(2):
        pool = (await owner.ask("review/pool"))["clips"]
    assert [clip["recording_id"] for clip in pool] == [first, second]
    # Seen twice, each counts once.
    assert (house.hub.access_log.entries[-1].action, house.hub.access_log.entries[-1].count) == (
        AuditAction.LISTED,
        2,
    )
    # A clip ends with its recording.
    await house.hub.settings.async_set_retention(RetentionSetting.KEEP_RECORDINGS, "day", Requester())
    (clip, _) = (await owner.ask("review/pool"))["clips"]
    listed = {
        recording["id"]: recording["deletes_at"]
        for recording in (await owner.ask("recordings/list"))["recordings"]
    }
    assert clip["expires_at"] == listed[first] < pool[0]["expires_at"]
    receipt = await owner.ask("review/take_out", review_ids=[review_id])
    assert receipt == {"taken_out": 1, "left": 0, "unlearned": False}
    assert list(waiting(house)) == [second]
    assert await owner.tab.is_refused("review/take_out", review_ids=[review_id]) == "not_in_pool"
    assert first in house.ids()


async def test_the_role_is_given_and_taken(
    house: House,
    owner: Seat,
    friend: User,
    sit_down: Callable[[User], Awaitable[Seat]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await consent(house)
    review_id = clip_of(house, await record(house)).review_id
    until_released(monkeypatch)
    seat = await sit_down(friend)
    assert await seat.tab.is_refused("review/list") == "unauthorized"
    assert (await seat.listen(review_id)).status == 403
    users = (await owner.ask("review/reviewers"))["users"]
    assert users == [{"user_id": friend.id, "name": "Friend", "on": False}]
    await owner.ask("review/set_reviewer", user_id=friend.id, on=True)
    assert len((await seat.ask("review/list"))["clips"]) == 1
    await house.reload()
    assert (await seat.listen(review_id)).status == 200
    await owner.ask("review/set_reviewer", user_id=friend.id, on=False)
    assert await seat.tab.is_refused("review/list") == "unauthorized"
    assert (await seat.listen(review_id)).status == 403
    assert await owner.tab.is_refused("review/set_reviewer", user_id="nobody", on=True) == "invalid_request"


async def test_the_length_of_a_clip_is_that_of_many(
    house: House, owner: Seat, reviewer: Seat, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The history of a microphone tells how long each utterance took."""
    await consent(house)
    for text in ("turn on the kitten", "stop"):
        await record(house, text)
    until_released(monkeypatch)
    sizes: dict[Seat, list[int]] = {owner: [], reviewer: []}
    for clip in list(house.hub.review.pool.items):
        for seat, found in sizes.items():
            response = await seat.listen(clip)
            assert response.status == 200
            found.append(len(await response.read()))
    assert sizes[reviewer]
    assert all((size - 44) % 128_000 == 0 for size in sizes[reviewer])
    assert not any((size - 44) % 128_000 == 0 for size in sizes[owner])
