// One note that starts with a beat and ends after its time; never two at once, never one for ever.
// Plain C++.
#pragma once

#include <stdint.h>

namespace beatbridge {

struct MidiMessage {
  uint8_t status, data1, data2;
};

class Note {
 public:
  // Args: channel 1-16; the others as in MIDI. The length is in ticks, 1 or more.
  Note(uint8_t channel, uint8_t pitch, uint16_t length)
      : channel_((channel - 1) & 0xF), pitch_(pitch), length_(length) {}

  bool sounding() const { return left_ > 0; }

  MidiMessage on(uint8_t velocity) {
    left_ = length_;
    return {static_cast<uint8_t>(0x90 | channel_), pitch_, velocity};
  }

  MidiMessage off() {
    left_ = 0;
    return {static_cast<uint8_t>(0x80 | channel_), pitch_, 64};
  }

  // What a synthesizer should hear first: the board may have been reset in the middle of a note.
  MidiMessage all_off() const { return {static_cast<uint8_t>(0xB0 | channel_), 123, 0}; }

  // One tick passes; true where the note's time is over.
  bool tick() { return left_ > 0 && --left_ == 0; }

 private:
  uint8_t channel_, pitch_;
  uint16_t length_, left_ = 0;
};

}  // namespace beatbridge
