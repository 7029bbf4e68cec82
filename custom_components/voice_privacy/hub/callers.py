"""Permission checks: identify the caller at an entry point and apply the table of rights."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from enum import Enum
import logging
from typing import Any

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.components.conversation import trace
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Context, HomeAssistant, callback
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.chat_session import current_session

from ..const import CONF_MEMBERS_MAY_OPEN_MICROPHONE, DOMAIN
from ..core.errors import NotLoaded, Refused
from ..core.house_settings import HouseToggle
from ..core.models import Requester, RequesterKind
from ..core.voice_language import VoiceCommand
from ..satellites.pipeline_runs import identify_run, is_satellite, source_of_user
from .automations import Automations
from .hub import VoicePrivacyHub
from .permissions import RIGHTS, WORDS, Ground, Right, Rule, Voice

_LOGGER = logging.getLogger(__name__)


class NotAllowed(Unauthorized):
    """The user lacks the right; the message is translated for the caller of the action."""

    def __init__(self, context: Context | None) -> None:
        """Set the translated message."""
        super().__init__(context=context, permission=POLICY_CONTROL)
        self.translation_domain, self.translation_key = DOMAIN, "unauthorized"
        self.generate_message = True


class UnknownCaller(UnknownUser):
    """The user does not exist anymore; the message is translated for the caller of the action."""

    def __init__(self, context: Context | None) -> None:
        """Set the translated message."""
        super().__init__(context=context)
        self.translation_domain, self.translation_key = DOMAIN, "unauthorized"
        self.generate_message = True


class NobodySpeaking(Unauthorized):
    """A sentence comes from neither a user nor a satellite, as a delayed command does."""

    def __init__(self, context: Context | None) -> None:
        """Set the translated message and log the refusal, since the caller may not receive the error."""
        super().__init__(context=context, permission=POLICY_CONTROL)
        self.translation_domain, self.translation_key = DOMAIN, "nobody_speaks"
        self.generate_message = True
        _tell_nobody_speaks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Caller at an entry point."""

    by: Requester
    """Requester as recorded in the access log."""

    user: User | None = None
    """None for an automation, and for a sentence that no user is behind."""

    spoken: bool = False
    """True if Assist acts for a person who speaks to a satellite."""

    token_id: str | None = None
    """Refresh token of the connection or request; once it is revoked, the caller has no rights."""


def signed_in(user: User, token_id: str | None) -> Caller:
    """Return the caller behind a connection or a request."""
    return Caller(by=Requester(kind=RequesterKind.USER, user_id=user.id), user=user, token_id=token_id)


class Verdict(Enum):
    """Result of checking a spoken or written request."""

    ALLOWED = "allowed"
    CONSENT_MISSING = "consent_missing"
    REFUSED = "refused"


class Permissions:
    """Permission checks for every entry point."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry[Any], hub: VoicePrivacyHub) -> None:
        """Set up for one config entry."""
        self._hass = hass
        self._entry = entry
        self._hub = hub
        self.automations = Automations(hass)

    async def async_caller(self, context: Context | None) -> Caller:
        """Return the caller behind an action's context. Raises Unauthorized."""
        if context is None or context.user_id is None:
            if in_conversation() and self.automations.name_of(context) is None:
                # In a conversation, and not in an automation or script that the conversation started. The stack
                # of scripts does not tell: a timer inherits it, and a delayed command is nobody's.
                if not self._somebody_speaks():
                    raise NobodySpeaking(context)
                return Caller(by=Requester(kind=RequesterKind.VOICE), spoken=True)
            return Caller(by=Requester(automation=self.automations.name_of(context)))
        if (user := await self._hass.auth.async_get_user(context.user_id)) is None:
            raise UnknownCaller(context)
        return signed_in(user, None)

    @callback
    def allows(self, caller: Caller, right: Right, satellite_ids: Collection[str] | None = None) -> bool:
        """Return whether a caller has a right for all of these satellites; None means the whole house."""
        rule, user = RIGHTS[right], caller.user
        if user is None:
            return self._allows_words(rule) is Verdict.ALLOWED if caller.spoken else rule.automation
        if not self._is_current(user, caller.token_id):
            return False
        if user.is_admin:
            return True
        if rule.members is None:
            return False
        if rule.house:
            satellite_ids = None
        elif rule.anywhere and satellite_ids is None:
            return any(
                self._holds_all(user, rule.members, {satellite_id}) for satellite_id in self._hub.satellites
            )
        return self._holds_all(user, rule.members, satellite_ids)

    @callback
    def allows_somewhere(self, caller: Caller, right: Right) -> bool:
        """Return whether a caller has a right for the whole house, or for at least one satellite."""
        return self.allows(caller, right) or any(
            self.allows(caller, right, {satellite_id}) for satellite_id in self._hub.satellites
        )

    @callback
    def check(self, caller: Caller, right: Right, satellite_ids: Collection[str] | None = None) -> None:
        """Check that a caller has a right. Raises Refused."""
        if not self.allows(caller, right, satellite_ids):
            raise Refused

    async def async_check_context(
        self, context: Context | None, right: Right, satellite_ids: Collection[str] | None = None
    ) -> Requester:
        """Check that a context's caller has a right, and return the requester. Raises Unauthorized."""
        caller = await self.async_caller(context)
        if not self.allows(caller, right, satellite_ids):
            raise NotAllowed(context)
        return self.bind(caller, right, satellite_ids)

    @callback
    def bind(self, caller: Caller, right: Right, satellite_ids: Collection[str] | None = None) -> Requester:
        """Return the caller's requester, with a callback that checks the right again after a wait.

        It refuses everything once the hub has stopped: what waited for longer than that must not begin again.
        """
        user = caller.user

        async def ask_again() -> None:
            if self._hub.stopped:
                raise NotLoaded
            if user is not None and await self._hass.auth.async_get_user(user.id) is None:
                raise Refused
            self.check(caller, right, satellite_ids)

        return replace(caller.by, ask_again=ask_again)

    async def async_judge_words(
        self, command: VoiceCommand, by: Requester, *, speaks: bool = False
    ) -> Verdict:
        """Decide whether a spoken or written request may be carried out.

        A person who speaks to a satellite has the rights of its room. A signed-in user who writes to
        Assist, or speaks to an app, has the user's own rights for whichever satellite is named; nobody
        else speaks at the user's own apps and browsers. A sentence without user and satellite may be a
        user's delayed command, for which no rights can be determined.

        Args:
            command: Requested command.
            by: Requester.
            speaks: True if it is already known that a person is speaking, e.g. if Assist names the
                satellite.
        """
        right = WORDS[command]
        rule = RIGHTS[right]
        verdict = self._allows_words(rule)
        if by.user_id is None and not (speaks or self._somebody_speaks()):
            if by.automation is not None and rule.automation:
                return verdict
            _tell_nobody_speaks()
            return Verdict.REFUSED
        if verdict is not Verdict.ALLOWED or by.user_id is None:
            return verdict
        if (user := await self._hass.auth.async_get_user(by.user_id)) is None:
            return Verdict.REFUSED
        if user.system_generated:
            # An integration's own account, used by its satellites.
            return Verdict.ALLOWED
        caller = signed_in(user, None)
        if not rule.house and by.satellite_id in (None, self.own_satellite(user.id)):
            return Verdict.ALLOWED if user.is_active else Verdict.REFUSED
        asked_for = None if by.satellite_id is None else {by.satellite_id}
        return Verdict.ALLOWED if self.allows(caller, right, asked_for) else Verdict.REFUSED

    @callback
    def own_satellite(self, user_id: str) -> str | None:
        """Return the id of the satellite that represents a user's own apps and browsers."""
        satellite = self._hub.satellites.of_source(source_of_user(user_id))
        return None if satellite is None else satellite.satellite_id

    @callback
    def reads(self, caller: Caller, satellite_id: str | None) -> bool:
        """Return whether a caller may see a satellite; None means the house and everything in it."""
        user = caller.user
        if user is None or not self._is_current(user, caller.token_id):
            return False
        return user.is_admin or self._may(user, POLICY_READ, None if satellite_id is None else {satellite_id})

    def _somebody_speaks(self) -> bool:
        """Return whether the current task's run was started by a satellite rather than by a user."""
        identity = identify_run(self._hass)
        if is_satellite(identity.source):
            return True
        return identity.run is not None and identity.run.context.user_id is None

    def _allows_words(self, rule: Rule) -> Verdict:
        """Return whether a right is currently available to spoken or written requests."""
        match rule.voice:
            case Voice.NO:
                return Verdict.REFUSED
            case Voice.YES:
                return Verdict.ALLOWED
            case Voice.WITH_CONSENT:
                consent = self._hub.settings.house(HouseToggle.DELETION_BY_VOICE)
                return Verdict.ALLOWED if consent else Verdict.CONSENT_MISSING

    # --- grounds ---------------------------------------------------------------------------------

    def _is_current(self, user: User, token_id: str | None) -> bool:
        """Return whether a user is active and the token, if there is one, has not been revoked."""
        return user.is_active and (
            token_id is None or self._hass.auth.async_get_refresh_token(token_id) is not None
        )

    def _holds_all(
        self, user: User, grounds: Collection[Ground], satellite_ids: Collection[str] | None
    ) -> bool:
        return all(self._holds(user, ground, satellite_ids) for ground in grounds)

    def _holds(self, user: User, ground: Ground, satellite_ids: Collection[str] | None) -> bool:
        match ground:
            case Ground.CONTROLS:
                return self._may(user, POLICY_CONTROL, satellite_ids)
            case Ground.LISTENS:
                return (
                    self._hub.settings.house(HouseToggle.HOUSEHOLD_MAY_LISTEN)
                    and not user.system_generated
                    and self._may(user, POLICY_READ, satellite_ids)
                )
            case Ground.MICROPHONES_ARE_SHARED:
                return bool(
                    self._entry.options.get(CONF_MEMBERS_MAY_OPEN_MICROPHONE, False)
                ) and not self._hub.settings.is_withheld(CONF_MEMBERS_MAY_OPEN_MICROPHONE)
            case Ground.READS:
                return self._may(user, POLICY_READ, satellite_ids)
            case Ground.REVIEWS:
                return user.id in self._hub.settings.reviewers

    def _may(self, user: User, policy: str, satellite_ids: Collection[str] | None) -> bool:
        """Return whether a user's policy covers every entity of these satellites, or of the house.

        Fails closed: for an empty selection, or a satellite without entities, only a policy that grants
        access to all entities is sufficient.
        """
        entities = er.async_entries_for_config_entry(er.async_get(self._hass), self._entry.entry_id)
        if satellite_ids is None:
            return bool(entities) and all(
                user.permissions.check_entity(entity.entity_id, policy) for entity in entities
            )
        by_satellite: dict[str, list[str]] = {satellite_id: [] for satellite_id in satellite_ids}
        for entity in entities:
            if entity.config_subentry_id in by_satellite:
                by_satellite[entity.config_subentry_id].append(entity.entity_id)
        return bool(by_satellite) and all(
            all(user.permissions.check_entity(entity_id, policy) for entity_id in entity_ids)
            if entity_ids
            else user.permissions.access_all_entities(policy)
            for entity_ids in by_satellite.values()
        )


def in_conversation() -> bool:
    """Return whether the current task handles a conversation; legacy agents open no chat session."""
    tracing: Any = getattr(trace, "_current_trace", None)
    return current_session.get() is not None or (tracing is not None and tracing.get() is not None)


def _tell_nobody_speaks() -> None:
    """Log that a sentence was refused because its origin is unknown."""
    _LOGGER.warning("A command in words was refused: it comes from no user and no satellite")
