"""Loopback servers that tests fetch from: one replays archives, one misbehaves."""
