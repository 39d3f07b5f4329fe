"""Crawls to shards (Beam)."""
