"""Cuts sections into passages and embeds them with ONNX Runtime."""
