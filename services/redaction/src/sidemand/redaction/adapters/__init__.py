"""Technologies behind the ports: one module each."""
