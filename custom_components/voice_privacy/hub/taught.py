"""Taught wake words of the house: their names, what the engine needs of them, and their deletion.

What is kept of a word are numbers made from voices. They are in memory while the entry is loaded, sealed on disk, and
nowhere else: never in a log, an event, a state or diagnostics.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
import logging
from typing import TYPE_CHECKING

from homeassistant.core import HomeAssistant, callback

from ..const import DOMAIN
from ..core.errors import StoreError, TaughtWordExists, TaughtWordMissing, WakeEngineUnavailable
from ..core.models import DeletionReceipt
from ..core.taught_words import SavedWord, StoredWord
from ..recordings.taught_store import TaughtStore
from ..wake.model_files import phrase_of
from ..wake.model_folder import word_key
from ..wake_listening.taught_models import async_parse_taught

if TYPE_CHECKING:
    from ..wake.taught import TaughtWord

_LOGGER = logging.getLogger(__name__)

type _Check = Callable[[], Awaitable[None]]
"""Check that is made right before a change; raises to prevent it."""


class TaughtWords:
    """The taught words of a house. It belongs to the event loop."""

    def __init__(self, hass: HomeAssistant, store: TaughtStore) -> None:
        """Start without words; async_load reads them."""
        self.models: dict[str, TaughtWord] = {}
        """What the engine needs of each word that it can hear, by id."""

        self.error: StoreError | None = None
        """Why the words cannot be opened, or None."""

        self.offered = False
        """True if our wake word entity offers them to other integrations' satellites; set before the engine loads."""

        self.turn = asyncio.Lock()
        """Held from reading a word until its change is kept: of two changes at once, none is lost."""

        self._hass = hass
        self._store = store
        self._words: dict[str, StoredWord] = {}
        """Words by the id under which they are listed: that of the word, or of its key if it cannot be opened."""

        self._names: dict[str, str] = {}
        """Names by key; replaced as a whole, since other threads read it."""

    async def async_load(self) -> None:
        """Read the words; one that cannot be read is listed as unreadable and harms no other."""
        stored, self.error = await self._store.async_open()
        self._words = {}
        for one in stored:
            listed_as = one.key_id if one.word is None else one.word.wake_word
            # Of two words with the same id, which a crash cannot leave, the other one stays deletable.
            self._words[one.key_id if listed_as in self._words else listed_as] = one
        self._name_words()
        models = {wake_word: word.model for wake_word, word in self.words.items()}
        try:
            parsed = await async_parse_taught(self._hass, models)
        except WakeEngineUnavailable:
            # They can be listed and deleted all the same.
            self.models = {}
            return
        self.models = {wake_word: model for wake_word, model in parsed.items() if model is not None}
        for wake_word in parsed.keys() - self.models.keys():
            self._words[wake_word] = replace(self._words[wake_word], word=None)
        self._name_words()

    async def async_close(self) -> None:
        """Forget the words and release their keys."""
        self.models = {}
        self._words = {}
        self._names = {}
        await self._store.async_close()

    # --- state -----------------------------------------------------------------------------------

    @property
    def words(self) -> Mapping[str, SavedWord]:
        """Words that can be opened, by id."""
        return {listed_as: one.word for listed_as, one in self._words.items() if one.word is not None}

    @property
    def unreadable(self) -> list[str]:
        """Ids under which words are listed that cannot be opened, but deleted."""
        return [listed_as for listed_as, one in self._words.items() if one.word is None]

    @property
    def all_ids(self) -> list[str]:
        """Ids under which all words are listed."""
        return list(self._words)

    @property
    def key_ids(self) -> list[str]:
        """Ids of the keys of all words."""
        return [one.key_id for one in self._words.values()]

    def of_key(self, wake_word: str) -> SavedWord | None:
        """Return the taught word that is the same to a person as an id, or None."""
        key = word_key(wake_word)
        return next((word for known, word in self.words.items() if word_key(known) == key), None)

    def phrase_of(self, wake_word: str) -> str:
        """Return the name of a taught word, and the phrase of any other. Safe in any thread."""
        return self._names.get(word_key(wake_word)) or phrase_of(wake_word)

    @callback
    def _name_words(self) -> None:
        self._names = {word_key(wake_word): word.name for wake_word, word in self.words.items()}

    # --- changes ---------------------------------------------------------------------------------

    async def async_add(self, word: SavedWord, model: TaughtWord) -> None:
        """Keep a new word; it is on disk and was read back when this returns.

        Raises TaughtWordExists or StoreError; nothing is stored then.
        """
        if word.wake_word in self._words:
            raise TaughtWordExists(name=word.name)
        key_id = await self._store.async_keep(word)
        self._words[word.wake_word] = StoredWord(key_id, word)
        self.models[word.wake_word] = model
        self._name_words()

    async def async_replace(self, word: SavedWord, model: TaughtWord) -> None:
        """Keep a changed word instead of the one with its id. Raises TaughtWordMissing or StoreError."""
        if (stored := self._words.get(word.wake_word)) is None:
            raise TaughtWordMissing
        await self._store.async_replace(stored.key_id, word)
        if self._words.get(word.wake_word) is stored:
            self._words[word.wake_word] = StoredWord(stored.key_id, word)
            self.models[word.wake_word] = model

    @callback
    def tightened(self, wake_word: str, threshold: float) -> None:
        """Keep a threshold that the ordinary talk of the house has tightened: a number, and nothing of the talk."""
        if (stored := self._words.get(wake_word)) is not None:
            self._hass.async_create_task(
                self._async_keep_tightened(wake_word, stored.key_id, threshold), f"{DOMAIN} tightened"
            )

    async def _async_keep_tightened(self, wake_word: str, key_id: str, threshold: float) -> None:
        try:
            async with self.turn:
                stored, model = self._words.get(wake_word), self.models.get(wake_word)
                # A new word with this id has not been tightened.
                if stored is None or stored.word is None or stored.key_id != key_id or model is None:
                    return
                model = model.tightened(threshold)
                await self.async_replace(replace(stored.word, model=model.to_bytes()), model)
        except (StoreError, TaughtWordMissing) as err:
            # It holds until the next start, and is found again then.
            _LOGGER.debug("A tightened threshold was not kept (%s)", err.code)

    async def async_delete(self, listed_as: str, check: _Check) -> DeletionReceipt:
        """Destroy the key of a word and remove its file.

        Raises TaughtWordMissing, StoreError, or whatever check raises.
        """
        if listed_as not in self._words:
            raise TaughtWordMissing
        await check()
        if (stored := self._words.get(listed_as)) is None:
            raise TaughtWordMissing
        try:
            receipt = await self._store.async_delete([stored.key_id])
        except StoreError:
            # Its key may be destroyed already.
            await self.async_load()
            raise
        self._forget(listed_as)
        return receipt

    async def async_delete_all(self) -> DeletionReceipt:
        """Destroy the keys of all words, and remove everything that was kept of them. Raises StoreError."""
        try:
            receipt = await self._store.async_remove()
        except StoreError:
            # Some keys may be destroyed already.
            await self.async_load()
            raise
        for listed_as in self.all_ids:
            self._forget(listed_as)
        self.error = None
        return receipt

    @callback
    def _forget(self, listed_as: str) -> None:
        self._words.pop(listed_as, None)
        self.models.pop(listed_as, None)
        self._name_words()
