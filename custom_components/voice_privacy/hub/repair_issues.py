"""Repair issues that keep being ignored when the entry is reloaded and Home Assistant restarted."""

import dataclasses
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..const import DOMAIN


@callback
def show_issue(hass: HomeAssistant, issue_id: str, *, translation_key: str, **details: Any) -> None:
    """Create or update an issue; one that was ignored stays ignored unless it is about something else now.

    Args:
        hass: Home Assistant.
        issue_id: Id of the issue.
        translation_key: Key of its texts, which says what it is about.
        details: Further arguments of Home Assistant's async_create_issue().
    """
    before = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    if (
        before is not None
        and before.dismissed_version is not None
        and before.translation_key not in (None, translation_key)
    ):
        ir.async_ignore_issue(hass, DOMAIN, issue_id, ignore=False)
    ir.async_create_issue(hass, DOMAIN, issue_id, translation_key=translation_key, **details)


@callback
def solve_issue(hass: HomeAssistant, issue_id: str) -> None:
    """Delete an issue whose problem is solved.

    One that is not active is left alone: it was ignored before a reload or restart, since when its problem
    has not been found yet.
    """
    issue = ir.async_get(hass).async_get_issue(DOMAIN, issue_id)
    if issue is not None and issue.active:
        ir.async_delete_issue(hass, DOMAIN, issue_id)


@callback
def withdraw_issue(hass: HomeAssistant, issue_id: str) -> None:
    """Stop showing an issue because the entry is unloaded, and remember whether it was ignored.

    An ignored issue is made inactive, as Home Assistant keeps those from before a restart.
    """
    issues = ir.async_get(hass)
    issue = issues.async_get_issue(DOMAIN, issue_id)
    if issue is None or not issue.active:
        return
    if issue.dismissed_version is None:
        ir.async_delete_issue(hass, DOMAIN, issue_id)
        return
    issues.issues[DOMAIN, issue_id] = dataclasses.replace(issue, active=False)
    issues.async_schedule_save()
    hass.bus.async_fire(
        ir.EVENT_REPAIRS_ISSUE_REGISTRY_UPDATED,
        ir.EventIssueRegistryUpdatedData(action="remove", domain=DOMAIN, issue_id=issue_id),
    )


@callback
def forget_issues(hass: HomeAssistant) -> None:
    """Delete all issues, also those that are remembered as ignored, because the entry is removed."""
    for domain, issue_id in list(ir.async_get(hass).issues):
        if domain == DOMAIN:
            ir.async_delete_issue(hass, domain, issue_id)
