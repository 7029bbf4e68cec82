"""What was said leaves the memory with its run, not when Python next looks for cycles, which may take ten minutes."""

from collections.abc import AsyncGenerator, Generator
import gc
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.voice_privacy.core.capture import CaptureSession

from .helpers.foreign import sound
from .helpers.house import House
from .helpers.pipeline_home import PipelineHome, pipeline_home


@pytest.fixture
async def home(
    recorder_mock: Any, hass: HomeAssistant, enable_custom_integrations: None
) -> AsyncGenerator[PipelineHome]:
    """A home whose pipeline goes through us."""
    async with pipeline_home(hass) as home:
        await home.set_up()
        yield home


@pytest.fixture
def no_collection() -> Generator[None]:
    """Have Python look for no cycles."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def captures() -> int:
    """Return the number of captures in memory, each with its audio."""
    return sum(isinstance(one, CaptureSession) for one in gc.get_objects())


async def test_of_a_wyoming_satellite(house: House, request: pytest.FixtureRequest) -> None:
    await house.until_listening()
    await house.keep()
    request.getfixturevalue("no_collection")
    before = captures()
    await house.keep(3)
    await house.hass.async_block_till_done()
    assert captures() <= before


async def test_of_a_satellite_of_another_integration(
    home: PipelineHome, request: pytest.FixtureRequest
) -> None:
    await home.kitchen.say(sound(0.5))
    await home.settle()
    request.getfixturevalue("no_collection")
    before = captures()
    for _ in range(3):
        await home.kitchen.say(sound(0.5))
    await home.settle()
    assert captures() <= before
