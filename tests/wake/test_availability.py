"""What keeps numpy from loading is one error, whatever it was."""

import pytest

from custom_components.voice_privacy.core.errors import WakeEngineUnavailable
from custom_components.voice_privacy.wake import availability
from custom_components.voice_privacy.wake.availability import check_engine
from tests.broken_imports import FAULTS, broken_import


@pytest.fixture(autouse=True)
def no_cause_so_far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget why numpy did not load in an earlier test."""
    monkeypatch.setattr(availability, "_FIRST_CAUSE", [])


def test_where_numpy_loads_nothing_is_wrong() -> None:
    check_engine()


@pytest.mark.parametrize("fault", FAULTS)
def test_any_fault_is_told_and_forgotten_once_it_is_mended(fault: str) -> None:
    with broken_import("numpy", FAULTS[fault]):
        with pytest.raises(WakeEngineUnavailable) as first:
            check_engine()
        with pytest.raises(WakeEngineUnavailable) as second:
            check_engine()
    assert str(first.value) == str(second.value) != ""
    check_engine()
    with (
        broken_import("numpy", lambda: ImportError("another")),
        pytest.raises(WakeEngineUnavailable, match=r"^ImportError: another$"),
    ):
        check_engine()


def test_a_second_attempt_tells_of_the_first() -> None:
    with broken_import("numpy", FAULTS["old processor"]), pytest.raises(WakeEngineUnavailable) as first:
        check_engine()
    with (
        broken_import("numpy", lambda: ImportError("cannot load module more than once per process")),
        pytest.raises(WakeEngineUnavailable) as second,
    ):
        check_engine()
    assert str(second.value) == str(first.value)
    assert "X86_V2" in str(first.value)
