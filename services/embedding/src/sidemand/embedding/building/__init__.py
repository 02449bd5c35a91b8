"""Makes a model folder out of what an operator brings; needs the extra `building`, never a service.

`architecture` reads what the encoder is, `safetensors` its weights, `graph` writes it as ONNX
without padding, `folder` puts it all into one folder with its registry entry.
"""
