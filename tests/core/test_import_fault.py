"""Why a package does not load, in one line."""

from hypothesis import given, strategies as st
import pytest

from custom_components.voice_privacy.core.import_fault import cause_of
from tests.broken_imports import OLD_PROCESSOR, Panic, old_processor


def caught(error: BaseException, *, while_handling: BaseException, hidden: bool = False) -> BaseException:
    """Return an error as it is after it was raised while another one was handled."""
    try:
        try:
            raise while_handling
        except type(while_handling):
            if hidden:
                raise error from None
            raise error  # noqa: B904  # this is what is tested
    except type(error) as err:
        return err


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (ImportError("no module"), "ImportError: no module"),
        (old_processor(), f"RuntimeError: {OLD_PROCESSOR}"),
        (ImportError(), "ImportError"),
        (ImportError("\n\n  the first line that says anything \nand more"), "ImportError: the first line that says anything"),
        (Panic("Python API call failed"), "Panic: Python API call failed"),
        (caught(ImportError("outer"), while_handling=OSError("inner")), "OSError: inner"),
        (caught(ImportError("outer"), while_handling=OSError("inner"), hidden=True), "ImportError: outer"),
    ],
)  # fmt: skip
def test_the_root_cause_is_told(error: BaseException, cause: str) -> None:
    assert cause_of(error) == cause


def test_errors_that_cause_each_other_have_an_end() -> None:
    one, other = ImportError("one"), ImportError("other")
    one.__cause__, other.__cause__ = other, one
    assert cause_of(one).startswith("ImportError: o")


@given(st.text())
def test_it_is_one_short_line(text: str) -> None:
    cause = cause_of(ImportError(text))
    assert cause.startswith("ImportError")
    assert len(cause) <= 200
    assert len(cause.splitlines()) == 1
