"""What the page shares with Python is generated, and found by name wherever a module is moved."""

from pathlib import Path

import pytest

from scripts.contract import GENERATED, ContractError, Package, generate

ERRORS = """
class VoicePrivacyError(Exception):
    code = "unknown"

class Refused(VoicePrivacyError):
    code = "unauthorized"

class Elsewhere(Exception):
    code = "not_ours"
"""
KINDS = '''
class Kind(StrEnum):
    """Two of them."""

    COMMAND = "command"
    """Somebody meant it."""

    FALSE_WAKE = "false_wake"

class Plain:
    COMMAND = "command"

class Empty(StrEnum):
    """None yet."""
'''
VALUES = """
SIZE: Final = 50
SHARE = 0.5
NAMES: Final = ("a", *OTHERS)
OTHERS: Final = [Kind.FALSE_WAKE, "c"]
LATER: Final = len(OTHERS)
TABLE: Final[Mapping[str, int]] = {"b/d": 1, "a": 2}
COMPUTED: Final = {SIZE: 1}
"""


def package(tmp_path: Path, **modules: str) -> Package:
    """Return a package of modules, each in a folder of its own."""
    for name, source in modules.items():
        folder = tmp_path / name / "deeper"
        folder.mkdir(parents=True)
        (folder / f"{name}.py").write_text(source, "utf-8")
    return Package(tmp_path)


def test_what_is_committed_is_up_to_date() -> None:
    assert GENERATED.read_text("utf-8") == generate(), "run python -m scripts.contract"


def test_everything_is_found_by_name_in_any_folder(tmp_path: Path) -> None:
    found = package(tmp_path, errors=ERRORS, kinds=KINDS, values=VALUES)
    assert found.members("Kind") == {"COMMAND": "command", "FALSE_WAKE": "false_wake"}
    assert found.value("SIZE") == 50
    assert found.value("SHARE") == 0.5
    assert found.value("NAMES") == ["a", "false_wake", "c"]
    assert found.keys("TABLE") == ["a", "b/d"]


def test_errors_are_known_by_their_base_through_modules(tmp_path: Path) -> None:
    more = 'class StoreFull(StoreFailed):\n    code: Final = "store_full"\n'
    between = "class StoreFailed(Refused):\n    pass\n"
    found = package(tmp_path, a=more, b=between, c=ERRORS)
    assert found.error_codes() == ["store_full", "unauthorized", "unknown"]


@pytest.mark.parametrize(
    ("method", "name", "why"),
    [
        ("members", "Nobody", "Nobody is defined nowhere"),
        ("members", "Plain", "Plain is no StrEnum"),
        ("members", "Empty", "Empty has no members"),
        ("value", "NOTHING", "NOTHING is defined nowhere"),
        ("value", "LATER", "len(OTHERS) has to be computed"),
        ("keys", "SIZE", "SIZE is no table"),
        ("keys", "COMPUTED", "COMPUTED has a key that is no literal text"),
    ],
)
def test_what_cannot_be_read_is_no_contract(tmp_path: Path, method: str, name: str, why: str) -> None:
    found = package(tmp_path, kinds=KINDS, values=VALUES)
    with pytest.raises(ContractError) as refused:
        getattr(found, method)(name)
    assert str(refused.value) == why


@pytest.mark.parametrize(("second", "clear"), [("SIZE = 50\n", True), ("SIZE = 60\n", False)])
def test_two_meanings_of_a_name_are_refused(tmp_path: Path, second: str, clear: bool) -> None:
    found = package(tmp_path, values="SIZE = 50\n", others=second)
    if clear:
        assert found.value("SIZE") == 50
    else:
        with pytest.raises(ContractError, match="SIZE is defined more than once"):
            found.value("SIZE")


def test_a_package_that_lacks_something_makes_no_module(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match="is defined nowhere"):
        generate(tmp_path)
