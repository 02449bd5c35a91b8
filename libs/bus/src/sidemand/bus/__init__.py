"""Kafka for Sidemand: envelope, consume, publish, dead letters, health."""
