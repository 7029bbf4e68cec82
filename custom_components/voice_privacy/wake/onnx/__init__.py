"""ONNX: read and run the models."""
