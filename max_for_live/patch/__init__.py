"""The patch in readable Python: one file a section of the device, put together in ``device``."""
