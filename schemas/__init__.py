"""The versioned Arrow schemas that `pipeline` and `model` share: one module a table."""
