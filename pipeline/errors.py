"""The error that is for the person at the screen."""


class UserError(Exception):
    """What was asked for cannot be had: the message says what, where, and what to do; no traceback is shown."""

    exit_code = 2
