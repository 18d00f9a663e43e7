"""Names for the boards and USB-serial chips that pulse sensors hang on, by their USB numbers."""

_ARDUINO = 0x2341
_ARDUINO_ORG = 0x2A03
_ADAFRUIT = 0x239A
_SPARKFUN = 0x1B4F

BOARDS: dict[tuple[int, int], str] = {
    (_ARDUINO, 0x0001): "Arduino Uno",
    (_ARDUINO, 0x0010): "Arduino Mega 2560",
    (_ARDUINO, 0x0036): "Arduino Leonardo (boot loader)",
    (_ARDUINO, 0x0037): "Arduino Micro (boot loader)",
    (_ARDUINO, 0x003D): "Arduino Due (programming port)",
    (_ARDUINO, 0x003E): "Arduino Due",
    (_ARDUINO, 0x0042): "Arduino Mega 2560 R3",
    (_ARDUINO, 0x0043): "Arduino Uno R3",
    (_ARDUINO, 0x0069): "Arduino Uno R4 Minima",
    (_ARDUINO, 0x1002): "Arduino Uno R4 WiFi",
    (_ARDUINO, 0x0243): "Genuino Uno R3",
    (_ARDUINO, 0x0058): "Arduino Nano Every",
    (_ARDUINO, 0x8036): "Arduino Leonardo",
    (_ARDUINO, 0x8037): "Arduino Micro",
    (_ARDUINO_ORG, 0x0036): "Arduino Leonardo (boot loader)",
    (_ARDUINO_ORG, 0x0043): "Arduino Uno R3",
    (_ARDUINO_ORG, 0x8036): "Arduino Leonardo",
    (_ARDUINO_ORG, 0x8037): "Arduino Micro",
    (_SPARKFUN, 0x9205): "SparkFun Pro Micro 5 V",
    (_SPARKFUN, 0x9206): "SparkFun Pro Micro 5 V",
    (0x1A86, 0x7523): "CH340 (Uno or Nano clone)",
    (0x1A86, 0x5523): "CH341 (Uno or Nano clone)",
    (0x1A86, 0x55D4): "CH9102 (ESP32 or clone)",
    (0x0403, 0x6001): "FTDI FT232R (Nano, older boards)",
    (0x0403, 0x6015): "FTDI FT231X",
    (0x10C4, 0xEA60): "CP2102 (ESP32, ESP8266)",
    (0x067B, 0x2303): "Prolific PL2303",
    (0x16C0, 0x0483): "Teensy",
    (0x2E8A, 0x0005): "Raspberry Pi Pico (MicroPython)",
    (0x2E8A, 0x000A): "Raspberry Pi Pico",
    (0x303A, 0x1001): "ESP32 (USB)",
}
"""(Vendor, product) to name. From the ``boards.txt`` of Arduino's cores, and for the chips, which
say nothing of the board around them, from their makers' drivers."""

MAKERS: dict[int, str] = {
    _ARDUINO: "Arduino board",
    _ARDUINO_ORG: "Arduino board",
    _ADAFRUIT: "Adafruit board",
    _SPARKFUN: "SparkFun board",
}
"""Names where only the vendor is known."""


def board_name(vendor: int | None, product: int | None) -> str | None:
    """The board behind a port, as far as its USB numbers tell, or None."""
    if vendor is None or product is None:
        return None
    return BOARDS.get((vendor, product)) or MAKERS.get(vendor)
