"""Repair issues for what the self-test of deletion has found, one for each check that failed."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from ..coordinator import VoicePrivacyConfigEntry
from ..core.self_test import Check, SelfTestResult
from ..hub.repair_issues import show_issue, solve_issue, withdraw_issue

_ISSUES: Final = {
    Check.KEY: "self_test_key",
    Check.FILE: "self_test_file",
    Check.INDEX: "self_test_index",
    Check.ROW: "self_test_row",
    Check.RECORDER: "self_test_recorder",
    Check.BACKUP: "self_test_backup",
}
"""Issues by check; their texts have the same keys."""


@callback
def async_setup_self_test_issues(hass: HomeAssistant, entry: VoicePrivacyConfigEntry) -> None:
    """Keep the issues up to date until the entry is unloaded; a failure of before a restart is shown again."""
    self_test = entry.runtime_data.hub.self_test
    shown: SelfTestResult | None = None

    @callback
    def look() -> None:
        nonlocal shown
        result = self_test.result
        if result is shown:
            return
        shown = result
        for check, issue_id in _ISSUES.items():
            if result is None or check not in result.failed:
                solve_issue(hass, issue_id)
                continue
            show_issue(
                hass,
                issue_id,
                is_fixable=False,
                severity=ir.IssueSeverity.ERROR,
                translation_key=issue_id,
            )

    @callback
    def withdraw() -> None:
        for issue_id in _ISSUES.values():
            withdraw_issue(hass, issue_id)

    look()
    entry.async_on_unload(entry.runtime_data.hub.notices.listen(look))
    entry.async_on_unload(withdraw)
