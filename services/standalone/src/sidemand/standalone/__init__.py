"""All five services in one process, for trying and developing."""
