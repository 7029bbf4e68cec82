"""Keys and clicks as WebDriver and WebDriver BiDi name them."""

from typing import Any, Final

_KEYS: Final = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Control": "\ue009",
    "Escape": "\ue00c",
    "Space": "\ue00d",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Delete": "\ue017",
}


def key_actions(key: str) -> dict[str, Any]:
    """Return the actions of pressing a key and letting it go, or several held together, as in "Control+z"."""
    names = key.split("+") if len(key) > 1 else [key]
    values = [_KEYS.get(name, name) for name in names]
    return {
        "type": "key",
        "id": "keyboard",
        "actions": [
            *({"type": "keyDown", "value": value} for value in values),
            *({"type": "keyUp", "value": value} for value in reversed(values)),
        ],
    }


def pointer_actions(x: float, y: float) -> dict[str, Any]:
    """Return the actions of a click with a mouse."""
    return {
        "type": "pointer",
        "id": "mouse",
        "parameters": {"pointerType": "mouse"},
        "actions": [
            {"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ],
    }
