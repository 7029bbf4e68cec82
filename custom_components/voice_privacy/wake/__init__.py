"""Wake engine: inference of openWakeWord models with numpy only."""
