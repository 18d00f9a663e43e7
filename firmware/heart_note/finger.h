// Tells a pulse from a sensor that nobody touches, so that the box stays quiet without a finger.
// Plain C++.
//
// Between two beats of a heart the signal goes up and down once, and once more for the dicrotic wave:
// few turns, and not much more way than that. Hum, light and noise wander about. So each cycle is
// clean or it is not, and trust must be earned: by four clean cycles that are also alike, or by ten
// clean ones in a row, however uneven, for hearts that do not beat evenly. The note of the fifth
// beat is the first. A stumble (a cough, a finger that moves) does not silence a trusted heart.
#pragma once

#include <stdint.h>

#include "pulse_detector.h"

namespace beatbridge {

class Finger {
 public:
  // Call after every reading; true where the detector's beat is a heart's.
  bool push(bool beat, const PulseDetector &pulse) {
    if (pulse.since_beat_ms() > kGoneMs) forget();
    if (!beat) return false;
    const Cycle &cycle = pulse.last();
    if (cycle.interval_ms > kGoneMs) {
      forget();
    } else if (cycle.interval_ms > kLongestMs) {
      interval_ms_ = 0;  // a pause, which speaks neither for a heart nor against it
    } else {
      judge(cycle, pulse);
    }
    return trust_ > 0;
  }

 private:
  static constexpr uint8_t kAlike = 4, kClean = 10;  // cycles in a row until it is trusted
  static constexpr uint8_t kEarned = 3, kMost = 7, kStumble = 2;
  static constexpr uint8_t kMostTurns = 4;
  static constexpr uint16_t kShortestMs = 300, kLongestMs = 2000;  // 200 and 30 beats a minute
  static constexpr uint16_t kGoneMs = 4000;

  void forget() { trust_ = alike_ = clean_ = interval_ms_ = 0; }

  void judge(const Cycle &cycle, const PulseDetector &pulse) {
    const uint32_t rise = cycle.rise > pulse.usual_rise() ? cycle.rise : pulse.usual_rise();
    const bool clean = cycle.interval_ms >= kShortestMs && cycle.turns <= kMostTurns &&
                       cycle.travelled <= rise * 13 / 4;
    if (!clean) {
      alike_ = clean_ = 0;
      trust_ = trust_ > kStumble ? trust_ - kStumble : 0;
    } else {
      alike_ = is_like(cycle, pulse, rise) ? alike_ + (alike_ < kAlike) : 0;
      clean_ += clean_ < kClean;
      if (trust_) {
        trust_ += trust_ < kMost;
      } else if (alike_ == kAlike || clean_ == kClean) {
        trust_ = kEarned;
      }
    }
    interval_ms_ = cycle.interval_ms;
  }

  // As long as the cycle before within a quarter (breathing moves a resting heart less), as high
  // within a factor of two, and back at the level from which it rose within half its height.
  bool is_like(const Cycle &cycle, const PulseDetector &pulse, uint32_t rise) const {
    const Cycle &before = pulse.before();
    return (interval_ms_ == 0 || apart(cycle.interval_ms, interval_ms_) <= interval_ms_ / 4) &&
           (before.rise == 0 ||
            (cycle.rise <= 2 * before.rise && before.rise <= 2 * cycle.rise)) &&
           apart(pulse.foot(), cycle.foot) <= rise / 2;
  }

  static uint32_t apart(uint32_t one, uint32_t other) {
    return one > other ? one - other : other - one;
  }

  uint16_t interval_ms_ = 0;  // of the cycle before; 0: none to compare with
  uint8_t alike_ = 0, clean_ = 0;
  uint8_t trust_ = 0;
};

}  // namespace beatbridge
