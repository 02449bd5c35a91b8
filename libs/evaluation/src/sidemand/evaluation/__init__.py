"""Measures Sidemand's own code: the command sidemand-eval."""
