"""Documents and images to training shards."""
