// The part of the MIDIUSB library's interface that heart_note calls, to check that it compiles
// where the library itself cannot be had. It sends nothing.
#pragma once

#include <stdint.h>

typedef struct {
  uint8_t header, byte1, byte2, byte3;
} midiEventPacket_t;

class MIDI_ {
 public:
  void sendMIDI(midiEventPacket_t event) { last_ = event.header; }
  void flush() {}

 private:
  volatile uint8_t last_;
};

static MIDI_ MidiUSB;
