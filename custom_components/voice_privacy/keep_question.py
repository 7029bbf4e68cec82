"""The question whether recordings are kept, asked where no form can answer it."""

from abc import abstractmethod
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.const import CONF_NAME

from .const import CONF_SAVE_RECORDINGS

_CHOICES: Final = ["keep_nothing", "keep_recordings"]


class KeepQuestionFlow(ConfigSubentryFlow):
    """Ask about recordings in a step of its own, after the form.

    The step is a menu: Home Assistant's frontend fills in the first option of a required select, and
    whoever presses *Submit* without scrolling then agrees to what nobody asked them. A menu has no answer
    until a button is pressed.
    """

    _data: dict[str, Any]

    def ask_to_keep(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Show the question for a satellite.

        Args:
            data: What the form has collected, the satellite's name included.
        """
        self._data = data
        return self.async_show_menu(
            step_id="save_recordings",
            menu_options=_CHOICES,
            description_placeholders={"name": data[CONF_NAME]},
        )

    @abstractmethod
    async def async_add(self, data: dict[str, Any]) -> SubentryFlowResult:
        """Save the satellite; others may have been added since the form was checked."""

    async def async_step_save_recordings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the question again."""
        return self.ask_to_keep(self._data)

    async def async_step_keep_nothing(self, user_input: dict[str, Any] | None = None) -> SubentryFlowResult:
        """Add a satellite that keeps nothing."""
        return await self.async_add(self._data | {CONF_SAVE_RECORDINGS: False})

    async def async_step_keep_recordings(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Add a satellite that keeps recordings."""
        return await self.async_add(self._data | {CONF_SAVE_RECORDINGS: True})
