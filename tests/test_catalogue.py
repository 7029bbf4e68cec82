"""What the code names and what the catalogues (translations, icons, services, manifest) hold agree."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
import json
from pathlib import Path
from string import Formatter
from typing import Any, Final

from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest

PACKAGE: Final = Path(__file__).parents[1] / "custom_components" / "voice_privacy"
PLATFORMS: Final = {platform.value for platform in Platform}

ANY_CODE: Final = "error.code"
"""Stands for the code of whatever error was caught."""

type Tree = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One text that the code asks for by a literal key."""

    section: str
    """Where the text lives: "exceptions", "issues", "entity.switch", or a last step as in "*.error"."""

    key: str
    where: str
    placeholders: frozenset[str] | None = None
    """Names that the code fills in; None when they cannot be read off."""


def load(name: str) -> dict[str, Any]:
    """Return one of the integration's JSON files."""
    loaded: dict[str, Any] = json.loads((PACKAGE / name).read_text("utf-8"))
    return loaded


def texts_of(tree: Tree, prefix: str = "") -> dict[str, str]:
    """Return every text by its dotted path."""
    texts: dict[str, str] = {}
    for key, value in tree.items():
        path = f"{prefix}.{key}" if prefix else key
        texts |= texts_of(value, path) if isinstance(value, Mapping) else {path: value}
    return texts


def placeholders_of(text: str) -> frozenset[str]:
    """Return the names in braces."""
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name)


def translation_faults(english: Tree, other: Tree) -> list[str]:
    """Return where a translation differs from the English texts in keys or placeholders."""
    wanted, given = texts_of(english), texts_of(other)
    faults = [f"{path}: only in one language" for path in sorted(wanted.keys() ^ given.keys())]
    faults += [
        f"{path}: other placeholders"
        for path in sorted(wanted.keys() & given.keys())
        if placeholders_of(wanted[path]) != placeholders_of(given[path])
    ]
    return faults


def literal(node: ast.expr | None) -> str | None:
    """Return a literal string's value."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def key_of(node: ast.expr | None) -> str | None:
    """Return the key that an expression stands for, where that can be read off."""
    return ANY_CODE if isinstance(node, ast.Attribute) and node.attr == "code" else literal(node)


def placeholders_given(node: ast.expr | None) -> frozenset[str] | None:
    """Return the keys of a `translation_placeholders` argument, where they are literals."""
    if node is None:
        return frozenset()
    if not isinstance(node, ast.Dict):
        return None
    names = [literal(key) for key in node.keys]
    return None if None in names else frozenset(name for name in names if name)


def section_of_call(module: str, name: str, keywords: Mapping[str, ast.expr]) -> str | None:
    """Return which section of the translations a call's `translation_key` means."""
    if name.endswith("issue"):
        return "issues"
    if "translation_domain" in keywords:
        return "exceptions"
    if name.endswith("SelectorConfig"):
        return "selector"
    if name.endswith("DeviceInfo"):
        return "device"
    if module in PLATFORMS:
        return f"entity.{module}"
    return None


def constants_of(sources: Iterable[str]) -> dict[str, str]:
    """Return every string constant on module level, by name."""
    constants: dict[str, str] = {}
    for node in (node for source in sources for node in ast.parse(source).body):
        if isinstance(node, ast.Assign | ast.AnnAssign) and (value := literal(node.value)) is not None:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                constants[ast.unparse(target)] = value
    return constants


class Inliner(ast.NodeTransformer):
    """Put constants' values where their names are read."""

    def __init__(self, constants: Mapping[str, str]) -> None:
        self._constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if isinstance(node.ctx, ast.Load) and node.id in self._constants:
            return ast.copy_location(ast.Constant(self._constants[node.id]), node)
        return node


def uses_of(module: str, source: str, constants: Mapping[str, str] | None = None) -> Iterator[Use]:
    """Yield every text that a module asks for by a literal key."""
    for node in ast.walk(Inliner(constants or {}).visit(ast.parse(source))):
        if isinstance(node, ast.Call):
            yield from uses_of_call(module, node)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from uses_of_assignment(module, node)


def uses_of_call(module: str, node: ast.Call) -> Iterator[Use]:
    """Yield the texts that one call asks for."""
    name = ast.unparse(node.func).rpartition(".")[2]
    keywords = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    where = f"{module}.py:{node.lineno}"
    section = section_of_call(module, name, keywords)
    if section and (key := key_of(keywords.get("translation_key"))):
        given = placeholders_given(keywords.get("translation_placeholders") or keywords.get("placeholders"))
        yield Use(section=section, key=key, where=where, placeholders=given)
    if name == "async_abort" and (reason := key_of(keywords.get("reason"))):
        yield Use(section="*.abort", key=reason, where=where)
    if name in {"async_show_form", "async_show_menu"} and (step := literal(keywords.get("step_id"))):
        yield Use(section="*.step", key=step, where=where)
    if name == "async_show_progress" and (action := literal(keywords.get("progress_action"))):
        yield Use(section="*.progress", key=action, where=where)


def uses_of_assignment(module: str, node: ast.Assign | ast.AnnAssign) -> Iterator[Use]:
    """Yield the texts that one assignment asks for."""
    if not (key := key_of(node.value)):
        return
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        written = ast.unparse(target)
        if written.endswith("_attr_translation_key") and module in PLATFORMS:
            yield Use(section=f"entity.{module}", key=key, where=f"{module}.py:{node.lineno}")
        if written.startswith("errors["):
            yield Use(section="*.error", key=key, where=f"{module}.py:{node.lineno}")


def keys_in(english: Tree, section: str) -> dict[str, Any]:
    """Return the entries of a section; "*.error" collects every section of that last name."""
    if not section.startswith("*."):
        found: Any = english
        for step in section.split("."):
            found = found.get(step, {})
        return dict(found)
    entries: dict[str, Any] = {}
    for key, value in english.items():
        if isinstance(value, Mapping):
            entries |= value if key == section[2:] else keys_in(value, section)
    return entries


def missing_texts(uses: Iterable[Use], english: Tree, codes: Iterable[str] = ()) -> list[str]:
    """Return which texts the code asks for in vain, or with too few placeholders."""
    faults = []
    expanded = [
        replace(use, key=key) for use in uses for key in (sorted(codes) if use.key == ANY_CODE else [use.key])
    ]
    for use in expanded:
        entry = keys_in(english, use.section).get(use.key)
        if entry is None:
            faults.append(f"{use.where}: no {use.section}.{use.key}")
        elif use.placeholders is not None and use.section in {"exceptions", "issues"}:
            # A repair flow's steps fill in their own.
            texts = [text for text in entry.values() if isinstance(text, str)]
            wanted = frozenset[str]().union(*map(placeholders_of, texts))
            faults += [
                f"{use.where}: {use.key} needs {{{name}}}" for name in sorted(wanted - use.placeholders)
            ]
    return faults


def read_modules() -> dict[str, str]:
    """Return the source of every module by its path without suffix."""
    return {
        str(path.relative_to(PACKAGE).with_suffix("")): path.read_text("utf-8")
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def literals_of(sources: Mapping[str, str]) -> set[str]:
    """Return every literal string in the code."""
    nodes = (node for source in sources.values() for node in ast.walk(ast.parse(source)))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def error_codes(sources: Mapping[str, str]) -> set[str]:
    """Return the codes of all error classes."""
    classes = (
        node
        for source in sources.values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.ClassDef)
    )
    return {
        code
        for node in classes
        for statement in node.body
        if isinstance(statement, ast.Assign) and [ast.unparse(name) for name in statement.targets] == ["code"]
        if (code := literal(statement.value))
    }


def test_code_finds_its_texts() -> None:
    modules = read_modules()
    constants = constants_of(modules.values())
    uses = [use for module, source in modules.items() for use in uses_of(module, source, constants)]

    assert missing_texts(uses, load("translations/en.json"), error_codes(modules)) == []
    assert {"exceptions", "issues", "*.step", "entity.switch"} <= {use.section for use in uses}


def test_no_text_is_left_over() -> None:
    english = load("translations/en.json")
    modules = read_modules()
    named = literals_of(modules)
    named |= {f"{start}{code}" for start in named if start.endswith("_") for code in error_codes(modules)}
    keys = {key for entries in english["entity"].values() for key in entries}
    keys |= english["exceptions"].keys() | english.get("issues", {}).keys()

    assert keys - named == set()


def test_other_languages_match_english() -> None:
    english = load("translations/en.json")
    for path in sorted((PACKAGE / "translations").glob("*.json")):
        assert translation_faults(english, load(f"translations/{path.name}")) == [], path.name


def test_actions_are_described_translated_and_drawn() -> None:
    described = load_yaml_dict(str(PACKAGE / "services.yaml"))
    translated = load("translations/en.json")["services"]
    drawn = load("icons.json")["services"]

    assert described.keys() == translated.keys() == drawn.keys()
    assert described.keys() <= literals_of(read_modules())
    for name, description in described.items():
        fields = (description or {}).get("fields", {})
        assert fields.keys() == translated[name].get("fields", {}).keys(), name


def test_icons_belong_to_entities() -> None:
    entities = load("translations/en.json")["entity"]
    for platform, icons in load("icons.json")["entity"].items():
        assert icons.keys() <= entities[platform].keys(), platform


def test_manifest_is_sorted() -> None:
    keys = list(load("manifest.json"))

    assert keys[:2] == ["domain", "name"]
    assert keys[2:] == sorted(keys[2:])


ENGLISH: Final[Tree] = {
    "config": {"step": {"user": {"title": "T"}}, "error": {"cannot_connect": "E"}, "abort": {"known": "A"}},
    "entity": {"switch": {"microphone": {"name": "Microphone"}}},
    "exceptions": {"store_full": {"message": "{free} bytes are left"}},
    "issues": {"model": {"title": "M", "description": "{name} is missing"}},
}


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("hub", "raise E(translation_domain=D, translation_key='gone')"),
        ("hub", "raise E(translation_domain=D, translation_key='store_full')"),
        (
            "hub",
            "raise E(translation_domain=D, translation_key='store_full', translation_placeholders={'x': 1})",
        ),
        ("repairs", "ir.async_create_issue(hass, D, 'x', translation_key='gone')"),
        ("repairs", "ir.async_create_issue(hass, D, 'x', translation_key='model')"),
        ("switch", "Description(key='x', translation_key='gone')"),
        ("sensor", "Description(key='x', translation_key='microphone')"),
        ("switch", "class A:\n    _attr_translation_key = 'gone'"),
        ("config_flow", "flow.async_abort(reason='gone')"),
        ("config_flow", "flow.async_show_form(step_id='gone')"),
        ("config_flow", "errors['base'] = 'gone'"),
    ],
)
def test_planted_missing_text_is_caught(module: str, source: str) -> None:
    assert len(missing_texts(list(uses_of(module, source)), ENGLISH)) == 1


@pytest.mark.parametrize(
    ("module", "source"),
    [
        (
            "hub",
            "raise E(translation_domain=D, translation_key='store_full', translation_placeholders={'free': 1})",
        ),
        ("hub", "raise E(translation_domain=D, translation_key='store_full', translation_placeholders=some)"),
        ("switch", "Description(key='x', translation_key='microphone')"),
        ("config_flow", "flow.async_show_form(step_id='user')"),
        ("config_flow", "errors['base'] = 'cannot_connect'"),
    ],
)
def test_present_text_is_found(module: str, source: str) -> None:
    uses = list(uses_of(module, source))

    assert len(uses) == 1
    assert missing_texts(uses, ENGLISH) == []


def test_constants_are_followed() -> None:
    constants = constants_of(["GONE: Final = 'gone'", "KNOWN = 'known'"])

    assert missing_texts(list(uses_of("config_flow", "async_abort(reason=KNOWN)", constants)), ENGLISH) == []
    assert (
        len(missing_texts(list(uses_of("config_flow", "async_abort(reason=GONE)", constants)), ENGLISH)) == 1
    )


def test_codes_of_caught_errors_need_texts() -> None:
    codes = error_codes({"core/errors": "class A(Exception):\n    code = 'gone'"})
    uses = list(uses_of("hub", "raise E(translation_domain=D, translation_key=err.code)"))

    assert codes == {"gone"}
    assert missing_texts(uses, ENGLISH, codes) == ["hub.py:1: no exceptions.gone"]


def test_planted_translation_faults_are_caught() -> None:
    english = {"a": {"b": "{name} left", "c": "C"}}

    assert translation_faults(english, {"a": {"b": "noch {name}", "c": "C"}}) == []
    assert translation_faults(english, {"a": {"b": "noch {namen}", "c": "C"}}) == ["a.b: other placeholders"]
    assert translation_faults(english, {"a": {"b": "{name}", "d": "D"}}) == [
        "a.c: only in one language",
        "a.d: only in one language",
    ]
