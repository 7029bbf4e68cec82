"""The load and the lag of the last minute."""

from custom_components.voice_privacy.core.load_meter import LoadMeter, PeakMeter


class Clock:
    """A clock that is set."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


def test_load_is_a_share_of_the_last_minute() -> None:
    clock = Clock()
    meter = LoadMeter(clock)
    clock.now += 60
    meter.add(3.0)
    meter.add(3.0)
    assert meter.share == 0.1
    clock.now += 62
    assert meter.share == 0.0


def test_the_largest_value_is_that_of_the_last_minute() -> None:
    clock = Clock()
    meter = PeakMeter(clock)
    assert meter.highest == 0.0
    for second, value in enumerate((0.2, 1.5, 0.3)):
        clock.now = 100.0 + second
        meter.add(value)
        meter.add(value / 2)
    assert meter.highest == 1.5
    clock.now = 161.5
    assert meter.highest == 0.3
    clock.now = 300.0
    assert meter.highest == 0.0
