"""MIDI out: ports, the live heart as notes and controllers, and the playing of clips."""
