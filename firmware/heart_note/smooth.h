// Takes the hum of the mains out of the readings. Plain C++, whole numbers.
//
// A mean over 20 readings is blind to 50 Hz and its multiples, one over 16 nearly so to 60 Hz and
// its multiples; one after the other they leave 0.7 % of a 60 Hz hum and a sixth of white noise. The
// pulse, below 10 Hz, comes through whole and 17 ms late.
#pragma once

#include <stdint.h>

namespace beatbridge {

// The mean of the last N values, times N.
template <uint8_t N, typename Value>
class MovingSum {
 public:
  uint32_t push(Value value) {
    sum_ = sum_ + value - values_[next_];  // in 32 bits: value - values_[...] alone has 16 on a board
    values_[next_] = value;
    if (++next_ == N) next_ = 0;
    return sum_;
  }

  // As if the value had always been this one.
  void fill(Value value) {
    for (Value &each : values_) each = value;
    sum_ = static_cast<uint32_t>(N) * value;
  }

 private:
  Value values_[N] = {};
  uint32_t sum_ = 0;
  uint8_t next_ = 0;
};

// For readings at 1 kHz.
class Smoother {
 public:
  static constexpr uint16_t kGain = 20 * 16;

  // Takes the next reading, 0-1023; returns the smoothed signal, times kGain.
  uint32_t push(uint16_t reading) {
    if (!filled_) {
      filled_ = true;
      first_.fill(reading);
      second_.fill(20 * reading);
    }
    return second_.push(static_cast<uint16_t>(first_.push(reading)));
  }

 private:
  MovingSum<20, uint16_t> first_;
  MovingSum<16, uint16_t> second_;
  bool filled_ = false;
};

}  // namespace beatbridge
