"""The demo: two invented municipalities, their case systems, and what Sidemand makes of it."""
