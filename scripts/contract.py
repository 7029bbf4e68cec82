"""Write what the page shares with Python to frontend/src/contract.generated.ts: python -m scripts.contract.

Classes and constants are found by their names in the syntax trees of the whole package, wherever they are defined.
Nothing of the package is imported, so that this needs nothing but Python.
"""

import ast
from collections.abc import Iterator, Mapping
import json
from pathlib import Path
from typing import Final

REPOSITORY: Final = Path(__file__).parents[1]
PACKAGE: Final = REPOSITORY / "custom_components" / "voice_privacy"
GENERATED: Final = REPOSITORY / "frontend" / "src" / "contract.generated.ts"

ENUMS: Final[Mapping[str, str]] = {
    "AuditAction": "AUDIT_ACTIONS",
    "ClipKind": "CLIP_KINDS",
    "ClipVerdict": "CLIP_VERDICTS",
    "DeletionScope": "DELETION_SCOPES",
    "FindingKind": "FINDING_KINDS",
    "HeardBy": "HEARD_BY",
    "HouseToggle": "HOUSE_TOGGLES",
    "KeepFor": "KEEP_FOR",
    "Cause": "LEVEL_CAUSES",
    "Label": "LABELS",
    "ListedKind": "RECORDING_KINDS",
    "ModelEngine": "MODEL_ENGINES",
    "ModelStatus": "MODEL_STATUSES",
    "NotProposed": "NOT_PROPOSED",
    "NotReachable": "NOT_REACHABLE",
    "PrivacyLevel": "PRIVACY_LEVELS",
    "RequesterKind": "REQUESTER_KINDS",
    "RetentionSetting": "RETENTION_SETTINGS",
    "Rival": "RIVALS",
    "RunStatus": "RUN_STATUSES",
    "SatelliteState": "SATELLITE_STATES",
    "SatelliteToggle": "SATELLITE_TOGGLES",
    "SoundVerdict": "SOUND_VERDICTS",
}
"""Enumerations by their names in Python, which are those of their types; and the names of their lists."""

CONSTANTS: Final[Mapping[str, str]] = {
    "ACCEPT_SCORE": "ACCEPT_SCORE",
    "CHOICES_FALSE_WAKES": "KEEP_FALSE_WAKES",
    "CHOICES_HOUSE": "KEEP_HOUSE",
    "CHOICES_SATELLITE": "KEEP_SATELLITE",
    "CHOICES_TRANSCRIPTS": "KEEP_TRANSCRIPTS",
    "DOMAIN": "DOMAIN",
    "MAX_THRESHOLD": "MAX_THRESHOLD",
    "MIN_THRESHOLD": "MIN_THRESHOLD",
    "CHOICES_LEVEL": "LEVELS",
    "CHOICES_OVERRIDE": "OVERRIDE_LEVELS",
    "PAGE": "PAGE_SIZE",
    "PEAKS": "PEAKS",
    "STEP_SECONDS": "SCORE_STEP",
    "UNCHECKED": "UNCHECKED",
}
"""Constants by their names in Python, and in TypeScript."""

COMMANDS: Final = "COMMANDS"
"""The table of rights, by websocket command."""

ERROR: Final = "VoicePrivacyError"

_WIDTH: Final = 120
"""Of a line, as Prettier has it."""

type Value = str | int | float | list[Value]


class ContractError(Exception):
    """A name is defined nowhere, more than once, or as something else than expected."""


class Package:
    """The syntax trees of a package."""

    def __init__(self, root: Path) -> None:
        """Read every module below a folder."""
        self.classes: dict[str, list[ast.ClassDef]] = {}
        self.values: dict[str, list[ast.expr]] = {}
        for path in sorted(root.rglob("*.py")):
            for node in ast.parse(path.read_text("utf-8"), path).body:
                self._take(node)

    def _take(self, node: ast.stmt) -> None:
        match node:
            case ast.ClassDef(name=name):
                self.classes.setdefault(name, []).append(node)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                self.values.setdefault(name, []).append(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self.values.setdefault(name, []).append(value)

    def members(self, name: str) -> dict[str, str]:
        """Return an enumeration's members, in the order of their definition.

        Raises:
            ContractError: There is no such StrEnum, or a member has no literal text.
        """
        node = _only(name, self.classes.get(name, []))
        if "StrEnum" not in _bases(node):
            raise ContractError(f"{name} is no StrEnum")
        members = dict(_texts(node))
        if not members:
            raise ContractError(f"{name} has no members")
        return members

    def value(self, name: str) -> Value:
        """Return a constant's value, if it can be read without running anything.

        Raises:
            ContractError: There is no such constant, or it has to be computed.
        """
        return self._evaluate(_only(name, self.values.get(name, [])))

    def keys(self, name: str) -> list[str]:
        """Return the sorted keys of a table.

        Raises:
            ContractError: There is no such table, or its keys are no literal texts.
        """
        node = _only(name, self.values.get(name, []))
        if not isinstance(node, ast.Dict):
            raise ContractError(f"{name} is no table")
        keys = [
            key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)
        ]
        if len(keys) != len(node.keys):
            raise ContractError(f"{name} has a key that is no literal text")
        return sorted(keys)

    def error_codes(self) -> list[str]:
        """Return the sorted codes of the base of all errors and of whatever is derived from it."""
        family = {ERROR}
        nodes = [node for same in self.classes.values() for node in same]
        while more := {node.name for node in nodes if node.name not in family and family & _bases(node)}:
            family |= more
        codes = {
            text for node in nodes if node.name in family for name, text in _texts(node) if name == "code"
        }
        return sorted(codes)

    def _evaluate(self, node: ast.expr) -> Value:
        match node:
            case ast.Constant(value=str() | int() | float() as value):
                return value
            case ast.Tuple(elts=elements) | ast.List(elts=elements):
                return [value for element in elements for value in self._spread(element)]
            case ast.Name(id=name):
                return self.value(name)
            case ast.Attribute(value=ast.Name(id=enum), attr=member):
                return self.members(enum)[member]
        raise ContractError(f"{ast.unparse(node)} has to be computed")

    def _spread(self, element: ast.expr) -> list[Value]:
        if not isinstance(element, ast.Starred):
            return [self._evaluate(element)]
        value = self._evaluate(element.value)
        return value if isinstance(value, list) else [value]


def _only[T: ast.AST](name: str, found: list[T]) -> T:
    if not found:
        raise ContractError(f"{name} is defined nowhere")
    if len({ast.dump(node) for node in found}) > 1:
        raise ContractError(f"{name} is defined more than once")
    return found[0]


def _bases(node: ast.ClassDef) -> set[str]:
    return {base.id for base in node.bases if isinstance(base, ast.Name)}


def _texts(node: ast.ClassDef) -> Iterator[tuple[str, str]]:
    """Yield the names of a class to which a literal text is assigned, and the texts."""
    for statement in node.body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str() as text)):
                yield name, text
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str() as text)):
                yield name, text


def _constant(name: str, value: Value) -> str:
    """Return the line that defines a constant, as Prettier has it."""
    if not isinstance(value, list):
        return f"export const {name} = {json.dumps(value)};\n"
    items = [json.dumps(item) for item in value]
    line = f"export const {name} = [{', '.join(items)}] as const;\n"
    if len(line) <= _WIDTH + 1:
        return line
    return f"export const {name} = [\n" + "".join(f"  {item},\n" for item in items) + "] as const;\n"


def generate(root: Path = PACKAGE) -> str:
    """Return the module that a package's contract makes.

    Raises:
        ContractError: Something that the page needs is not where it can be found by its name.
    """
    package = Package(root)
    parts = ["// Written by python -m scripts.contract, from the Python sources. Do not edit.\n\n"]
    parts += [_constant(theirs, package.value(ours)) for ours, theirs in CONSTANTS.items()]
    tables = {
        "Command": (COMMANDS, package.keys(COMMANDS)),
        "ErrorCode": ("ERROR_CODES", package.error_codes()),
    }
    tables |= {name: (theirs, list(package.members(name).values())) for name, theirs in ENUMS.items()}
    for name, (theirs, values) in tables.items():
        parts.append(f"\n{_constant(theirs, [*values])}export type {name} = (typeof {theirs})[number];\n")
    return "".join(parts)


if __name__ == "__main__":
    GENERATED.write_text(generate(), "utf-8")
