"""A task that finds its input ready lets others have their turn."""

import asyncio

import pytest

from custom_components.voice_privacy.core.turns import Turns


@pytest.mark.parametrize(("seconds", "steps"), [(0.001, 6), (0.004, 2), (0.01, 1)])
async def test_a_turn_ends_with_the_step_after_five_milliseconds(
    monkeypatch: pytest.MonkeyPatch, seconds: float, steps: int
) -> None:
    now = 0.0

    def monotonic() -> float:
        return now

    monkeypatch.setattr("custom_components.voice_privacy.core.turns.time.monotonic", monotonic)
    given = 0
    turns = Turns()

    async def others() -> None:
        nonlocal given
        while True:
            given += 1
            await asyncio.sleep(0)

    task = asyncio.create_task(others())
    await asyncio.sleep(0)
    for _ in range(steps):
        assert given == 1
        now += seconds
        await turns.give_way()
    assert given == 2
    # After something else has waited, a whole turn begins.
    now += 1
    turns.begin()
    await turns.give_way()
    assert given == 2
    task.cancel()
