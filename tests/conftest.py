"""Set up what every kind of test shares; fixtures that build a Home Assistant live in integration/."""

import logging
import os

from hypothesis import HealthCheck, settings

# The same examples on every run, so that a red test means a changed program. Look for new examples
# with HYPOTHESIS_PROFILE=explore.
settings.register_profile(
    "repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile("explore", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

# What a failed test has logged is printed with it: our lines in full, Home Assistant's warnings. The test
# plugin would print every event and every SQL statement, and all of it twice: through pytest, and through
# a handler of its own.
for _name, _level in {
    "custom_components": logging.DEBUG,
    "homeassistant": logging.WARNING,
    "pytest_homeassistant_custom_component": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "sqlalchemy.engine": logging.WARNING,
}.items():
    logging.getLogger(_name).setLevel(_level)
logging.getLogger().handlers.clear()
