"""The errors a user can meet. Each message is one line that says where, and what would be right."""


class BeatbridgeError(Exception):
    """Something failed while running (exit code 1): a port vanished, a receiver refused."""


class UserError(BeatbridgeError, ValueError):
    """A wrong call or bad input (exit code 2). The message names file, row, key or port."""


class UnavailableError(BeatbridgeError):
    """This machine lacks what one sink needs, such as a sound device; the others play on."""
