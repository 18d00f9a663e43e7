"""A sensor on a serial port: bytes to readings to samples on the session clock."""
