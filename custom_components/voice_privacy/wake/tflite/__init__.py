"""Reader of TensorFlow Lite files, and their translation into the operations of wake word heads."""
