"""The faults that `plant_faults.py` plants still have a place in the code."""

import pytest

from .plant_faults import FAULTS, ROOT, STORAGE, Fault


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_fault_has_exactly_one_place(fault: Fault) -> None:
    assert (ROOT / STORAGE / fault.file).read_text("utf-8").count(fault.right) == 1
    assert fault.right != fault.wrong
