"""Set up what every kind of test shares; fixtures that build a Home Assistant live in integration/."""

import os

from hypothesis import HealthCheck, settings

# The same examples on every run, so that a red test means a changed program. Look for new examples
# with HYPOTHESIS_PROFILE=explore.
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))
