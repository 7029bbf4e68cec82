"""The import rules of docs/architecture.md, read from the source with `ast`."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
import sys
import sysconfig
from typing import Final
import warnings

import pytest

PACKAGE: Final = Path(__file__).parents[1] / "custom_components" / "voice_privacy"

LAYERS: Final = (
    # Decisions, engines, departments, the hub, doors.
    {"const", "core"},
    {"wake", "storage"},
    {"wake_listening", "satellites", "recordings", "review"},
    {"hub"},
    {"voice", "coordinator", "entity", "issues", "web"},
)
"""Rooms from the bottom up: folders, and the few modules that Home Assistant's rules want at the root.

Every other module at the root is a leaf of the sixth layer: a file that Home Assistant asks for by name.
"""

SIDEWAYS: Final[Mapping[str, set[str]]] = {
    "core": {"const"},
    "satellites": {"wake_listening"},
    "review": {"wake_listening"},
    "coordinator": {"voice"},
    "entity": {"coordinator"},
    "issues": {"coordinator"},
    "web": {"coordinator"},
}
"""Rooms of one layer that a room may import nevertheless; any other room of its own layer it does not know."""

LEAF: Final = len(LAYERS)
ROOT: Final = "__init__"
"""The composition root: imports anything that has no owner of its own, and nothing imports it."""

ASKED_FOR: Final = frozenset(
    {
        "__init__",
        "assist_satellite",
        "binary_sensor",
        "button",
        "condition",
        "config_flow",
        "const",
        "coordinator",
        "diagnostics",
        "entity",
        "event",
        "llm",
        "logbook",
        "number",
        "repairs",
        "select",
        "sensor",
        "services",
        "stt",
        "switch",
        "system_health",
        "trigger",
        "wake_word",
    }
)
"""Modules at the root: what Home Assistant loads by name, and what its quality rules want there."""

OURS: Final = frozenset({"subentry_flows"})
"""Modules at the root that are ours: config_flow, cut in two."""

IMPORTERS: Final = {
    "satellites.wyoming_connection": {"satellites", "subentry_flows"},
    "satellites.wyoming_events": {"satellites"},
    "satellites.wyoming_outbox": {"satellites"},
    "storage": {"recordings"},
    "recordings.row_writer": {"recordings"},
    "recordings.store": {"__init__", "hub"},
}
"""Rooms and modules that only these rooms may import: one gate in, one way out."""

PURE: Final[Mapping[str, set[str]]] = {
    "const": set(),
    "core": set(),
    "wake": {"numpy"},
    "storage": {"cryptography", "sqlalchemy"},
}
"""Parts without Home Assistant, with the third-party packages that each may use."""

THIRD_PARTY: Final = {
    "aiohttp",
    "awesomeversion",
    "cryptography",
    "hassil",
    "homeassistant",
    "numpy",
    "securetar",
    "sqlalchemy",
    "voluptuous",
    "wyoming",
}
"""Packages that every Home Assistant has, or that the manifest requires; no other may be imported."""

LAZY: Final[Mapping[str, frozenset[str]]] = {
    "cryptography": frozenset(),
    "numpy": frozenset(
        {
            "wake.augmentation",
            "wake.classifiers",
            "wake.embedding",
            "wake.engine",
            "wake.engines",
            "wake.enrolment",
            "wake.gated",
            "wake.melspectrogram",
            "wake.micro.engine",
            "wake.micro.fixed_fft",
            "wake.micro.frontend",
            "wake.micro.network",
            "wake.micro.operations",
            "wake.micro.rescaling",
            "wake.onnx.attributes",
            "wake.onnx.costs",
            "wake.onnx.matrices",
            "wake.onnx.operations",
            "wake.onnx.reader",
            "wake.onnx.recurrent",
            "wake.onnx.shapes",
            "wake.onnx.windows",
            "wake.pair",
            "wake.program",
            "wake.taught",
            "wake.taught_format",
            "wake.tflite.flatbuffer",
            "wake.tflite.heads",
            "wake.tflite.reader",
            "wake.tflite.scope",
            "wake.tflite.translations",
            "wake.verifier",
            "wake.verifier_training",
        }
    ),
}
"""Packages that may not load on a machine, with the modules that are useless without them.

Anybody else imports the package, and these modules, within functions only: the rest must work without.
"""

OUTBOUND: Final[Mapping[str, str | None]] = {
    "ftplib": None,
    "homeassistant.helpers.aiohttp_client": "wake_listening.model_downloads",
    "homeassistant.helpers.httpx_client": None,
    "http.client": None,
    "httpx": None,
    "requests": None,
    "smtplib": None,
    "socket": None,
    "subprocess": "wake_listening.model_downloads",
    "urllib.request": None,
    "urllib3": None,
    "wyoming.client": "satellites.wyoming_connection",
    "xmlrpc": None,
}
"""Ways to open a connection, with the one part that may: the only way out fetches model files."""

OUTBOUND_CALLS: Final[Mapping[str, str | None]] = {
    "create_connection": None,
    "create_datagram_endpoint": None,
    "create_subprocess_exec": "wake_listening.model_downloads",
    "create_subprocess_shell": None,
    "open_connection": "satellites.wyoming_connection",
}
"""The same for methods of asyncio and its event loop, which need no import of their own."""

STANDARD_LIBRARY: Final = frozenset(
    {
        "abc",
        "array",
        "asyncio",
        "base64",
        "collections",
        "collections.abc",
        "concurrent.futures",
        "contextlib",
        "ctypes",
        "dataclasses",
        "datetime",
        "enum",
        "errno",
        "fcntl",
        "functools",
        "gc",
        "hashlib",
        "heapq",
        "hmac",
        "http",
        "io",
        "ipaddress",
        "itertools",
        "json",
        "logging",
        "math",
        "os",
        "pathlib",
        "re",
        "secrets",
        "shutil",
        "stat",
        "struct",
        "subprocess",
        "sys",
        "tarfile",
        "tempfile",
        "termios",
        "threading",
        "time",
        "traceback",
        "types",
        "typing",
        "unicodedata",
        "uuid",
        "wave",
        "zipfile",
        "zlib",
    }
)
"""Modules of the standard library that the package may import, each by its full name.

The Python of Home Assistant's images is built without some of them, and one such import keeps the whole
integration from loading. test_blocked_imports.py shows that these are there; add what it accepts.
"""

MAX_FILE_LINES: Final = 400
MAX_FUNCTION_LINES: Final = 60
TOLERANCE: Final = 1.5
"""Sizes are a hint; only this many times the hint is a violation."""


class Rule(StrEnum):
    """What a module can do wrong."""

    ABSOLUTE_SELF_IMPORT = "absolute_self_import"
    CYCLE = "cycle"
    DOCSTRING = "docstring"
    DYNAMIC_IMPORT = "dynamic_import"
    HOME_ASSISTANT = "home_assistant"
    INIT_IMPORTED = "init_imported"
    LAYER = "layer"
    LAZY = "lazy"
    LEAF = "leaf"
    OUTBOUND = "outbound"
    OWNER = "owner"
    ROOM = "room"
    SIDEWAYS = "sideways"
    SIZE = "size"
    STANDARD_LIBRARY = "standard_library"
    THIRD_PARTY = "third_party"


@dataclass(frozen=True, slots=True)
class Violation:
    """One broken rule."""

    rule: Rule
    module: str
    line: int
    text: str

    def __str__(self) -> str:
        """Return a line that an editor can jump to."""
        return f"{self.module.replace('.', '/')}.py:{self.line}: {self.text} [{self.rule}]"


@dataclass(frozen=True, slots=True)
class Import:
    """One imported module."""

    target: str
    """Dotted name; below our package when internal, e.g. "core.models"."""

    internal: bool
    line: int
    eager: bool = True
    """It is loaded together with the module, and not by a function or for type checking only."""


def part_of(module: str) -> str:
    """Return the part of the layout that a module belongs to: its folder, or itself."""
    return module.partition(".")[0]


def rank_of(part: str) -> int:
    """Return the layer of a part, counted from the bottom."""
    if part == ROOT:
        return LEAF + 1
    return next((rank for rank, parts in enumerate(LAYERS) if part in parts), LEAF)


def imports_of(module: str, tree: ast.Module, known: frozenset[str]) -> Iterator[Import]:
    """Yield everything that a module imports, inside functions and for type checking too."""
    eager = set(eager_nodes(tree))
    for node in ast.walk(tree):
        at_once = node in eager
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, internal=False, line=node.lineno, eager=at_once)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            for alias in node.names:
                yield Import(f"{node.module}.{alias.name}", internal=False, line=node.lineno, eager=at_once)
        elif isinstance(node, ast.ImportFrom):
            folders = module.split(".")
            if node.level > len(folders):
                yield Import("custom_components", internal=False, line=node.lineno)
                continue
            base = [*folders[: -node.level], *(node.module.split(".") if node.module else ())]
            for alias in node.names:
                target = internal_target(base, alias.name, known)
                yield Import(target, internal=True, line=node.lineno, eager=at_once)


def eager_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs when a module is imported: all but functions' bodies and what only type checkers read."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING"):
            continue
        yield node
        yield from eager_nodes(node)


def internal_target(base: list[str], name: str, known: frozenset[str]) -> str:
    """Return the module that `from base import name` loads, a package's `__init__` by its full name."""
    if (child := ".".join([*base, name])) in known:
        return child
    if (itself := ".".join(base)) in known:
        return itself
    return ".".join([*base, ROOT])


def is_below(name: str, package: str) -> bool:
    """Return whether a dotted name is a package or lives in it."""
    return name == package or name.startswith(f"{package}.")


def standard_library_module(target: str) -> str | None:
    """Return the module of the standard library that an import loads, None when it is not from there.

    `from os import path` loads os, and `from compression import zstd` loads compression.zstd.
    """
    top, *names = target.split(".")
    folder = Path(sysconfig.get_path("stdlib"))
    if top not in sys.stdlib_module_names and not is_module(folder, top):
        return None
    module, folder = top, folder / top
    for name in names:
        if not is_module(folder, name):
            break
        module, folder = f"{module}.{name}", folder / name
    return module


def is_module(folder: Path, name: str) -> bool:
    """Return whether a folder holds a module or package of Python code with this name."""
    return (folder / f"{name}.py").is_file() or (folder / name / "__init__.py").is_file()


def judge_internal(module: str, found: Import) -> Iterator[tuple[Rule, str]]:
    """Yield what is wrong with importing one of our own modules."""
    if (verdict := judge_layer(module, found)) is not None:
        yield verdict
        return
    for package, useless in LAZY.items():
        if found.eager and found.target in useless and module not in useless:
            yield Rule.LAZY, f"imports {found.target} outside a function, which needs {package}"


def judge_layer(module: str, found: Import) -> tuple[Rule, str] | None:
    """Return what is wrong with the direction of an import."""
    importer, imported = part_of(module), part_of(found.target)
    if found.target.endswith(ROOT):
        return (
            Rule.INIT_IMPORTED,
            f"imports {found.target}: there is no such module, or it is an __init__",
        )
    if importer == imported and importer != module:
        return None
    for owned, importers in IMPORTERS.items():
        if is_below(found.target, owned) and importer not in importers:
            return Rule.OWNER, f"imports {owned}, which only {' and '.join(sorted(importers))} may"
    if rank_of(imported) == LEAF == rank_of(importer):
        verdict = Rule.LEAF, f"imports {imported}; a leaf never imports a leaf"
        return None if imported in OURS else verdict
    if rank_of(importer) == rank_of(imported):
        verdict = Rule.SIDEWAYS, f"imports {imported}, another room of its own layer"
        return None if imported in SIDEWAYS.get(importer, ()) else verdict
    if rank_of(importer) < rank_of(imported):
        return Rule.LAYER, f"imports {imported}, which is not in a layer below {importer}"
    return None


def judge_external(module: str, found: Import) -> Iterator[tuple[Rule, str]]:
    """Yield what is wrong with importing somebody else's module."""
    importer, top = part_of(module), part_of(found.target)
    standard = standard_library_module(found.target)
    if top == "custom_components":
        yield Rule.ABSOLUTE_SELF_IMPORT, f"imports {found.target}; imports inside the package are relative"
        return
    if importer in PURE and top == "homeassistant":
        yield Rule.HOME_ASSISTANT, f"imports {found.target}; {importer} knows no Home Assistant"
    elif importer in PURE and standard is None and top not in PURE[importer]:
        allowed = ", ".join(sorted(PURE[importer])) or "nothing"
        yield (
            Rule.THIRD_PARTY,
            f"imports {found.target}; {importer} may use {allowed} beside the standard library",
        )
    elif ways_out := [
        package for package, owner in OUTBOUND.items() if is_below(found.target, package) and module != owner
    ]:
        for package in ways_out:
            owner = OUTBOUND[package] or "nobody"
            yield Rule.OUTBOUND, f"imports {package}, a way out of the house; for {owner} to use"
    elif standard is not None and standard not in STANDARD_LIBRARY:
        yield Rule.STANDARD_LIBRARY, f"imports {standard}, which is not in STANDARD_LIBRARY"
    elif standard is None and top not in THIRD_PARTY:
        yield Rule.THIRD_PARTY, f"imports {found.target}, which is not in THIRD_PARTY"
    elif found.eager and module not in LAZY.get(top, {module}):
        yield Rule.LAZY, f"imports {found.target} outside a function; {top} may not load on every machine"


def judge_shape(module: str, source: str, tree: ast.Module) -> Iterator[Violation]:
    """Yield what is wrong with a module: in no room, no docstring, too long, imports at run time."""
    room = part_of(module)
    if room == module and rank_of(room) in (LEAF, LEAF + 1) and module not in ASKED_FOR | OURS:
        yield Violation(Rule.ROOM, module, 1, "is at the root, where Home Assistant does not ask for it")
    elif room != module and rank_of(room) == LEAF:
        yield Violation(Rule.ROOM, module, 1, f"is in {room}, which is no room of any layer")
    if ast.get_docstring(tree) is None:
        yield Violation(Rule.DOCSTRING, module, 1, "has no docstring")
    if (lines := len(source.splitlines())) > MAX_FILE_LINES * TOLERANCE:
        yield Violation(Rule.SIZE, module, 1, f"has {lines} lines")
    for node, length in functions_of(tree):
        if length > MAX_FUNCTION_LINES * TOLERANCE:
            yield Violation(Rule.SIZE, module, node.lineno, f"{node.name} has {length} lines")
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name = ast.unparse(call.func).rpartition(".")[2]
        if name in {"__import__", "import_module"}:
            yield Violation(Rule.DYNAMIC_IMPORT, module, call.lineno, "imports where no rule can see it")
        if name in OUTBOUND_CALLS and module != (owner := OUTBOUND_CALLS[name]):
            text = f"calls {name}, a way out of the house; for {owner or 'nobody'} to use"
            yield Violation(Rule.OUTBOUND, module, call.lineno, text)


def functions_of(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Yield every function with its length in lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node, (node.end_lineno or node.lineno) - node.lineno + 1


def cycles_of(graph: Mapping[str, set[str]]) -> Iterator[list[str]]:
    """Yield every group of modules that reach each other, sorted."""
    reachable: dict[str, set[str]] = {}
    for start in graph:
        seen: set[str] = set()
        waiting = [*graph[start]]
        while waiting:
            if (module := waiting.pop()) not in seen:
                seen.add(module)
                waiting.extend(graph.get(module, ()))
        reachable[start] = seen
    groups = {
        tuple(sorted(other for other in reachable[module] if module in reachable.get(other, ())))
        for module in graph
        if module in reachable[module]
    }
    for group in sorted(groups):
        yield list(group)


def find_violations(sources: Mapping[str, str]) -> list[Violation]:
    """Return every broken rule in a package, given as source text by dotted module name.

    A package's `__init__.py` is "__init__", "core.__init__" and so on.
    """
    known = frozenset(sources)
    violations: list[Violation] = []
    graph: dict[str, set[str]] = {}
    for module, source in sources.items():
        tree = ast.parse(source)
        violations.extend(judge_shape(module, source, tree))
        graph[module] = set()
        for found in imports_of(module, tree, known):
            judge = judge_internal if found.internal else judge_external
            verdicts = judge(module, found)
            violations.extend(Violation(rule, module, found.line, text) for rule, text in verdicts)
            if found.internal:
                graph[module].add(found.target)
    violations.extend(
        Violation(Rule.CYCLE, group[0], 1, f"imports in a circle: {', '.join(group)}")
        for group in cycles_of(graph)
    )
    return list(dict.fromkeys(violations))


def read_package(package: Path = PACKAGE) -> dict[str, str]:
    """Return the source of every module, by dotted name below the package."""
    return {
        ".".join(path.relative_to(package).with_suffix("").parts): path.read_text("utf-8")
        for path in sorted(package.rglob("*.py"))
    }


def test_package_keeps_the_rules() -> None:
    sources = read_package()
    assert {"__init__", "const", "core.models"} <= set(sources)
    for module, source in sources.items():
        if (lines := len(source.splitlines())) > MAX_FILE_LINES:
            warnings.warn(f"{module} has {lines} lines, aim for {MAX_FILE_LINES}", stacklevel=1)
        for node, length in functions_of(ast.parse(source)):
            if length > MAX_FUNCTION_LINES:
                warnings.warn(
                    f"{module}.{node.name} has {length} lines, aim for {MAX_FUNCTION_LINES}", stacklevel=1
                )
    assert not [str(violation) for violation in find_violations(sources)]


JSON_PARSERS: Final = {
    "core.foreign_json",
    "core.redaction.numbers",
    "core.voice_language",
    "recordings.durable_store",
    "storage.sealed_file",
}
"""Who may parse JSON by itself: the parser of what others wrote, and who reads what is ours or sealed by us."""


def test_only_one_parses_what_others_wrote() -> None:
    parsers = {
        module
        for module, source in read_package().items()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"json.load", "json.loads", "json_loads"}
    }
    assert parsers == JSON_PARSERS


CLEAN: Final = {
    "__init__": "from .coordinator import A\nfrom .services import B\nfrom .hub.hub import C",
    "const": "from typing import Final",
    "core.__init__": "",
    "core.models": "from datetime import date",
    "core.capture": "from . import models\nfrom .models import A\nfrom ..const import B",
    "wake.__init__": "",
    "wake.engine": "import numpy as np\nfrom ..core.models import A",
    "wake.worker": "from ..core.models import A\nif TYPE_CHECKING:\n    import numpy\n    from .engine import B",
    "storage.__init__": "",
    "storage.vault": "import sqlalchemy as sa\nfrom ..core import models",
    "recordings.__init__": "",
    "recordings.store": "import homeassistant.core\nfrom ..storage.vault import A\nfrom ..core.models import B",
    "recordings.durable_store": "from homeassistant.helpers.storage import Store\nfrom ..const import A",
    "wake_listening.__init__": "",
    "wake_listening.model_downloads": "import subprocess\nfrom homeassistant.helpers.aiohttp_client import a\ndef f():\n    from ..wake.engine import A",
    "satellites.__init__": "",
    "satellites.wyoming_connection": "import asyncio\nasyncio.open_connection()\nfrom wyoming.client import AsyncTcpClient\nfrom ..core.models import A",
    "satellites.wyoming_playback": "from .wyoming_connection import A",
    "satellites.pipeline_runs": "from ..core.models import A",
    "satellites.wyoming": "from .wyoming_playback import A\nfrom ..wake_listening.model_downloads import B\nfrom ..wake.worker import C",
    "hub.__init__": "",
    "hub.settings": "from ..recordings.durable_store import A",
    "hub.hub": "from ..satellites.wyoming import A\nfrom ..recordings.store import B\nfrom .settings import C\nfrom ..wake_listening.model_downloads import D",
    "hub.requests": "from .hub import A, B",
    "voice.__init__": "",
    "voice.spoken_requests": "from ..hub.hub import A",
    "coordinator": "from .hub.hub import A\nfrom .hub.settings import B\nfrom .voice.spoken_requests import C",
    "entity": "from .coordinator import A",
    "web.__init__": "",
    "web.ws_command": "from ..coordinator import A\nfrom ..hub.requests import B",
    "subentry_flows": "from .const import A\nfrom .satellites.wyoming_connection import B",
    "config_flow": "from .subentry_flows import A",
    "switch": "from .entity import A\nfrom .coordinator import B\nfrom .const import C",
    "services": "from .coordinator import A\nfrom .hub.hub import B\nfrom .wake_listening.model_downloads import C",
}
"""A small package that keeps every rule; the planted violations each change one module of it."""


def package(changes: Mapping[str, str]) -> dict[str, str]:
    """Return the clean package with some modules' code replaced."""
    return {name: f'"""Doc."""\n{source}' for name, source in (CLEAN | dict(changes)).items()}


def test_clean_package_passes() -> None:
    assert find_violations(package({})) == []


@pytest.mark.parametrize(
    ("module", "source", "rule"),
    [
        ("core.models", "import homeassistant.util", Rule.HOME_ASSISTANT),
        ("core.models", "def f():\n    from homeassistant.core import HomeAssistant", Rule.HOME_ASSISTANT),
        ("core.models", "if TYPE_CHECKING:\n    import homeassistant", Rule.HOME_ASSISTANT),
        ("wake.engine", "from homeassistant import core", Rule.HOME_ASSISTANT),
        ("storage.vault", "from homeassistant.core import HomeAssistant", Rule.HOME_ASSISTANT),
        ("const", "from homeassistant.const import Platform", Rule.HOME_ASSISTANT),
        ("core.models", "import numpy", Rule.THIRD_PARTY),
        ("wake.engine", "import onnxruntime", Rule.THIRD_PARTY),
        ("storage.vault", "import aiohttp", Rule.THIRD_PARTY),
        ("core.models", "from ..wake.engine import A", Rule.LAYER),
        ("core.models", "from ..hub import hub", Rule.LAYER),
        ("const", "from .core.models import A", Rule.SIDEWAYS),
        ("wake.engine", "from ..storage.vault import A", Rule.OWNER),
        ("storage.vault", "from ..wake import engine", Rule.SIDEWAYS),
        ("recordings.store", "from ..hub.hub import A", Rule.LAYER),
        ("satellites.wyoming", "from ..hub.hub import A", Rule.LAYER),
        ("satellites.wyoming", "from ..recordings.durable_store import A", Rule.SIDEWAYS),
        ("recordings.store", "from ..wake_listening.model_downloads import A", Rule.SIDEWAYS),
        ("wake_listening.model_downloads", "from ..satellites.wyoming import A", Rule.SIDEWAYS),
        ("hub.hub", "if TYPE_CHECKING:\n    from ..coordinator import A", Rule.LAYER),
        ("hub.hub", "from ..switch import A", Rule.LAYER),
        ("hub.requests", "from ..coordinator import A", Rule.LAYER),
        ("voice.spoken_requests", "from ..coordinator import A", Rule.SIDEWAYS),
        ("voice.spoken_requests", "from ..web.ws_command import A", Rule.SIDEWAYS),
        ("coordinator", "from .web.ws_command import A", Rule.SIDEWAYS),
        ("web.ws_command", "from ..services import A", Rule.LAYER),
        ("switch", "from .services import A", Rule.LEAF),
        ("button", "from . import switch", Rule.LEAF),
        ("hub.hub", "from ..storage.vault import A", Rule.OWNER),
        ("satellites.wyoming", "from ..recordings.store import A", Rule.OWNER),
        ("switch", "from .recordings.store import A", Rule.OWNER),
        ("__init__", "from .storage.vault import A", Rule.OWNER),
        ("services", "from .satellites.wyoming_connection import A", Rule.OWNER),
        ("helpers", "from .const import A", Rule.ROOM),
        ("hub_helpers", "", Rule.ROOM),
        ("attic.boxes", "from ..const import A", Rule.ROOM),
        ("switch", "from . import DOMAIN", Rule.INIT_IMPORTED),
        ("core.capture", "from .. import DOMAIN", Rule.INIT_IMPORTED),
        ("recordings.store", "from ..core import DOMAIN", Rule.INIT_IMPORTED),
        ("core.capture", "from . import A", Rule.INIT_IMPORTED),
        ("switch", "from custom_components.voice_privacy.const import A", Rule.ABSOLUTE_SELF_IMPORT),
        ("switch", "from ..other.const import A", Rule.ABSOLUTE_SELF_IMPORT),
        ("switch", "import custom_components.voice_privacy.hub.hub", Rule.ABSOLUTE_SELF_IMPORT),
        ("core.models", "from .capture import A", Rule.CYCLE),
        ("wake.worker", "import numpy as np", Rule.LAZY),
        ("wake.worker", "from .engine import A", Rule.LAZY),
        ("wake.worker", "try:\n    import numpy\nexcept ImportError:\n    pass", Rule.LAZY),
        ("storage.vault", "from cryptography.hazmat.primitives.ciphers.aead import AESGCM", Rule.LAZY),
        ("wake_listening.model_downloads", "from ..wake.engine import A", Rule.LAZY),
        ("switch", "import numpy", Rule.LAZY),
        ("wake_listening.model_downloads", "import requests", Rule.OUTBOUND),
        ("recordings.store", "from urllib.request import urlopen", Rule.OUTBOUND),
        ("recordings.store", "from urllib import request", Rule.OUTBOUND),
        ("core.models", "import socket", Rule.OUTBOUND),
        ("services", "from homeassistant.helpers import aiohttp_client", Rule.OUTBOUND),
        ("services", "from wyoming.client import AsyncTcpClient", Rule.OUTBOUND),
        ("switch", "import subprocess", Rule.OUTBOUND),
        ("hub.hub", "async def f():\n    await asyncio.open_connection('a', 1)", Rule.OUTBOUND),
        ("hub.hub", "importlib.import_module('..store', __package__)", Rule.DYNAMIC_IMPORT),
        ("hub.hub", "import pydantic", Rule.THIRD_PARTY),
        ("hub.hub", "if TYPE_CHECKING:\n    from propcache.api import cached_property", Rule.THIRD_PARTY),
        ("storage.vault", "from compression import zstd", Rule.STANDARD_LIBRARY),
        ("storage.vault", "from compression.zstd import compress", Rule.STANDARD_LIBRARY),
        ("storage.vault", "import compression.zstd as codec", Rule.STANDARD_LIBRARY),
        ("storage.vault", "import _zstd", Rule.STANDARD_LIBRARY),
        ("core.models", "import zlib, dbm.gnu", Rule.STANDARD_LIBRARY),
        ("core.models", "from dbm import gnu", Rule.STANDARD_LIBRARY),
        ("core.models", "from collections import *\nfrom curses import *", Rule.STANDARD_LIBRARY),
        ("wake.engine", "try:\n    import readline\nexcept ImportError:\n    pass", Rule.STANDARD_LIBRARY),
        ("hub.hub", "async def f():\n    from tkinter import messagebox", Rule.STANDARD_LIBRARY),
        ("hub.hub", "class A:\n    import curses.panel", Rule.STANDARD_LIBRARY),
        ("hub.hub", "if TYPE_CHECKING:\n    import _tkinter", Rule.STANDARD_LIBRARY),
        ("switch", "from concurrent.futures import process", Rule.STANDARD_LIBRARY),
        ("switch", "import importlib", Rule.STANDARD_LIBRARY),
        ("switch", "import test.support", Rule.STANDARD_LIBRARY),
        ("switch", "x = 1\n" * 601, Rule.SIZE),
        ("switch", "def f():\n" + "    x = 1\n" * 91, Rule.SIZE),
    ],
)
def test_planted_violation_is_caught(module: str, source: str, rule: Rule) -> None:
    violations = find_violations(package({module: source}))

    # An import that points upwards also closes a circle in this package.
    assert {violation.rule for violation in violations} - {Rule.CYCLE} == {rule} - {Rule.CYCLE}
    assert any(violation.rule == rule and violation.line > 0 for violation in violations)


@pytest.mark.parametrize(
    "source",
    [
        "import os.path",
        "from os import path",
        "from concurrent.futures import ThreadPoolExecutor",
        "from collections.abc import Mapping",
        "from collections import abc",
        "from datetime import datetime",
        "def f():\n    import zlib",
    ],
)
def test_allowed_standard_library_import_passes(source: str) -> None:
    assert find_violations(package({"hub.hub": source})) == []


def test_refused_standard_library_import_is_named() -> None:
    source = "import json\n\ndef f():\n    from compression import zstd"

    [violation] = find_violations(package({"storage.vault": source}))

    assert str(violation) == (
        "storage/vault.py:5: imports compression.zstd, which is not in STANDARD_LIBRARY [standard_library]"
    )


def test_missing_docstring_is_caught() -> None:
    assert [v.rule for v in find_violations({"switch": "x = 1"})] == [Rule.DOCSTRING]


def test_sizes_have_some_tolerance() -> None:
    source = "x = 1\n" * MAX_FILE_LINES + "def f():\n" + "    x = 1\n" * MAX_FUNCTION_LINES
    assert find_violations(package({"switch": source})) == []
