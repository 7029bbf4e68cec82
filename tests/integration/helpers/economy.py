"""Spare every home what costs much and shows nothing: it took half of the time of these tests."""

import asyncio
from collections.abc import Callable
import functools
import threading
from types import SimpleNamespace
from typing import Any, Final

from hassil import intents
from hassil.expression import Sentence
from hassil.parse_expression import parse_sentence
from homeassistant.components.recorder import Recorder
from homeassistant.components.recorder.tasks import RecorderTask
from homeassistant.core import Event
import pytest

BOOKKEEPING: Final = (
    "component_loaded",
    "device_registry_updated",
    "entity_registry_updated",
    "panels_updated",
    "service_registered",
)
"""Events by which Home Assistant tells itself what it has set up, some hundred in each home. The recorder looks
each of them up in its database, and nothing in them is anybody's voice."""


def refuse_other_threads(loop: asyncio.AbstractEventLoop) -> None:
    """Have a running loop refuse calls from other threads, as its debug mode does.

    Debug mode would also note where every task and callback was made, which takes a quarter of the time.
    """
    owner = threading.get_ident()

    def guarded(call: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(call)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if threading.get_ident() != owner:
                raise RuntimeError(f"{call.__name__} was called from a thread that is not the loop's")
            return call(*args, **kwargs)

        return checked

    for name in ("call_soon", "call_at"):
        setattr(loop, name, guarded(getattr(loop, name)))


def keep_no_spoken_replies(patch: pytest.MonkeyPatch) -> None:
    """Have replies spoken each time, where Home Assistant writes them to a cache on disk that receipts tell of."""
    patch.setattr("homeassistant.components.tts.DEFAULT_CACHE", False)


def commit_when_nothing_waits(patch: pytest.MonkeyPatch) -> None:
    """Have the recorder commit events when nothing else waits, where the test plugin has it commit each.

    Whoever waits for the recorder finds the same in the database. A longer interval is no way out: a
    database in memory is locked until it commits.
    """
    process_one = Recorder._process_one_event

    def process(self: Recorder, event: Event[Any]) -> None:
        interval = self.commit_interval
        if interval or self._queue.empty():
            process_one(self, event)
            return
        self.commit_interval = 1
        try:
            process_one(self, event)
        finally:
            self.commit_interval = interval

    patch.setattr(Recorder, "_process_one_event", process)
    for task in RecorderTask.__subclasses__():
        patch.setattr(task, "commit_before", True)


def parse_each_sentence_once(patch: pytest.MonkeyPatch) -> None:
    """Parse each sentence of Home Assistant's own intents once, and not in every home again."""
    parse = functools.cache(parse_sentence)

    def parse_once(text: str, *, keep_text: bool = False) -> Sentence:
        known = parse(text, keep_text=keep_text)
        # What else a sentence remembers depends on the rules of its home.
        return Sentence(expression=known.expression, text=known.text)

    patch.setattr(intents, "parse_sentence", parse_once)


def count_no_frozen_objects(patch: pytest.MonkeyPatch) -> None:
    """Have an opening store take for granted that somebody keeps objects from the garbage collector.

    The test plugin does, and they are so many that to count them takes longer than to open an empty store.
    """
    collector = SimpleNamespace(get_freeze_count=lambda: 1)
    patch.setattr("custom_components.voice_privacy.recordings.store.gc", collector)
