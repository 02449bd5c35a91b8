"""Object store and SQL ledgers of Sidemand."""
