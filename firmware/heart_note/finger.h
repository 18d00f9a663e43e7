// Tells a pulse from a sensor that nobody touches, so that the box stays quiet without a finger.
// Plain C++.
//
// A heart is regular, and between its beats the signal crosses the threshold once or twice at most
// (the dicrotic wave). Hum, light and noise are one thing or neither. Every interval between two
// beats adds to or takes from a trust that must be earned first: the fourth beat is the first that
// sounds. One stumble (an ectopic beat, a cough) does not silence a trusted heart.
#pragma once

#include <stdint.h>

namespace beatbridge {

class Finger {
 public:
  explicit Finger(uint16_t rate_hz)
      : shortest_(rate_hz * 3UL / 10), longest_(rate_hz * 2UL), apart_(rate_hz / 160) {}

  // Takes what the detector said of the next reading; true where its beat is a heart's.
  bool push(bool beat, bool rose) {
    if (since_beat_ < UINT16_MAX) ++since_beat_;
    if (since_rise_ < UINT16_MAX) ++since_rise_;
    if (since_beat_ > longest_) trust_ = last_ = 0;
    if (!beat) {
      // Rises closer together than a 100 Hz lamp's are one rise with noise on it.
      if (rose && since_rise_ >= apart_ && crossings_ < UINT8_MAX) ++crossings_;
      if (rose) since_rise_ = 0;
      return false;
    }
    // Less than half the usual interval: the dicrotic wave of the beat before, no beat of its own.
    if (last_ && since_beat_ < last_ / 2) return false;
    if (since_beat_ <= longest_) judge();  // else it is the first beat
    since_beat_ = since_rise_ = 0;
    crossings_ = 0;
    return trust_ >= kEnough;
  }

 private:
  static constexpr uint8_t kEnough = 3;
  static constexpr uint8_t kMost = 7;  // an early beat and its pause are two stumbles
  static constexpr uint8_t kStumble = 2;
  static constexpr uint8_t kMostCrossings = 1;

  // One interval has ended: is it one of a heart's?
  void judge() {
    const uint16_t interval = since_beat_;
    // Within a quarter of the one before: breathing moves a resting heart less than that.
    const uint16_t difference = interval > last_ ? interval - last_ : last_ - interval;
    const bool regular = last_ == 0 || difference <= last_ / 4;
    if (crossings_ > kMostCrossings) {
      trust_ = 0;
    } else if (interval < shortest_ || !regular) {
      trust_ = trust_ > kStumble ? trust_ - kStumble : 0;
    } else if (trust_ < kMost) {
      ++trust_;
    }
    if (regular || trust_ == 0) last_ = interval;  // a stumble is no new measure
  }

  const uint16_t shortest_, longest_;  // intervals of 200 and 30 beats a minute, in readings
  const uint16_t apart_;
  uint16_t since_beat_ = UINT16_MAX;
  uint16_t since_rise_ = UINT16_MAX;
  uint16_t last_ = 0;
  uint8_t crossings_ = 0;
  uint8_t trust_ = 0;
};

}  // namespace beatbridge
