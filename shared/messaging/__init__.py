"""Messages in and out: outbox and relay, inbox and groups, dead letters, topology."""
