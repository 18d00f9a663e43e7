"""A small Max that runs a built device: real datagrams in, notes and controllers out, virtual time.

Strict where Max is silent: an object that is not known, a message that an object does not
understand, or a call to Live before ``live.thisdevice`` has fired is an error.
"""

from tests.maxpatch.runtime import Max, MaxError

__all__ = ["Max", "MaxError"]
