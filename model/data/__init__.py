"""From the rows of `features/` to training batches."""
