"""What was said leaves the memory with its run, not when Python next looks for cycles, which may take ten minutes."""

from collections.abc import Generator
import gc

import pytest

from custom_components.voice_privacy.core.capture import CaptureSession

from .helpers.foreign import sound
from .helpers.house import House
from .helpers.pipeline_home import PipelineHome


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
