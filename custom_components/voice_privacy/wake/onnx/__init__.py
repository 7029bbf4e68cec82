"""Parser and operations for ONNX models."""
