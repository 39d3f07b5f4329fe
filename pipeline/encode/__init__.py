"""Shards to features with the frozen vision encoder."""
