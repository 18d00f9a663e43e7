// The part of the MIDIUSB library's interface that heart_note calls, to check that it compiles
// where the library itself cannot be had. It sends nothing. Like the library, it refuses boards
// without USB of their own.
#pragma once

#include <Arduino.h>

#if !defined(USBCON)
#error MIDIUSB can only be used with an USB MCU.
#endif

typedef struct {
  uint8_t header, byte1, byte2, byte3;
} midiEventPacket_t;

class MIDI_ {
 public:
  void sendMIDI(midiEventPacket_t event);
  void flush() {}
};

extern MIDI_ MidiUSB;
