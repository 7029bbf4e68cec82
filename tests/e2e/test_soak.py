"""A short soak: nothing lost, nothing back, nobody deaf. Figures are for a machine that does nothing else."""

import pytest

from dev.rig.soak.report import report, text
from dev.rig.soak.run import Plan, soak


@pytest.mark.timeout(1200)
async def test_small_household_and_its_crashes() -> None:
    told = report(await soak(Plan(minutes=0.5, satellites=4, recorder="sqlite", seed=7)))

    said = text(told)
    assert set(told["broken"].values()) == {0}, said
    assert told["hearing"]["deaf"] == [], said
    assert "failed" not in told["self_tests"], said
    assert told["problems"] == [], said
    # It was alive, and was watched.
    assert {"while it lived", "at the end", "after kill -9"} <= told["checks"].keys()
    assert told["kept"] > 5
    assert told["hearing"]["wakes_heard"] > 0
    assert told["hearing"]["utterances_kept"] > 0
    assert told["hearing"]["hostile_acts"] > 0
    assert {"list", "play", "search"} <= told["acts"].keys()
    assert told["frames"]["peaceful_sent"] > 0
    assert told["samples"]
