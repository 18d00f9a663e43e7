// The beat detector of the meditation box: a reading well above its exponential moving average.
// Whole numbers only, plain C++. The bridge's detector `ema` (bridge/detect/ema.py) finds the same
// beats, sample for sample.
//
// The average is the weighted mean of all readings x so far, the newest weighing 1 and each older
// one `keep` times the next newer, keep = 1 - 2 / (span + 1) with the span in readings. It is sum /
// weight, where at each reading
//
//     sum    = x + keep * sum
//     weight = 1 + keep * weight
//
// and a reading is high where x > sum / weight + threshold. Multiplied out there is no division:
// (x - threshold) * weight > sum. Both are kept with 40 binary places and 2 / (span + 1) with 32
// significant bits: the average is that of double precision to a hundred-millionth of a count.
#pragma once

#include <stdint.h>

namespace beatbridge {

class EmaDetector {
 public:
  // The span must be longer than one reading and, in readings, at most 30,000.
  EmaDetector(uint16_t rate_hz, uint16_t span_ms, uint16_t threshold, uint16_t refractory_ms)
      : threshold_(threshold),
        refractory_((static_cast<uint32_t>(refractory_ms) * rate_hz + 999) / 1000) {
    const uint64_t below = static_cast<uint32_t>(span_ms) * rate_hz + 1000UL;
    uint64_t above = 2000;  // fade = 2 / (span + 1) = above / below, between 1/2 and 1 after shifts
    while (2 * above < below) {
      above *= 2;
      ++fade_shift_;
    }
    fade_ = static_cast<uint32_t>(((above << 32) + below / 2) / below);
    forget();
  }

  // Start afresh with the next reading.
  void forget() {
    sum_ = weight_ = 0;
    high_ = rose_ = false;
    since_beat_ = UINT16_MAX;
  }

  // Takes the next reading, 0-1023; true where a beat is.
  bool push(uint16_t reading) {
    sum_ = (static_cast<uint64_t>(reading) << kPlaces) + sum_ - faded(sum_);
    weight_ = (static_cast<uint64_t>(1) << kPlaces) + weight_ - faded(weight_);
    const bool high =
        reading > threshold_ && times(weight_, reading - threshold_) > sum_;
    rose_ = high && !high_;
    high_ = high;
    if (since_beat_ != UINT16_MAX) ++since_beat_;
    if (!rose_ || since_beat_ < refractory_) return false;
    since_beat_ = 0;
    return true;
  }

  // True where the latest reading crossed the threshold upwards, a beat or not.
  bool rose() const { return rose_; }

 private:
  static constexpr uint8_t kPlaces = 40;

  // value * 2 / (span + 1), rounded down.
  uint64_t faded(uint64_t value) const {
    const uint64_t high = (value >> 32) * fade_;
    const uint64_t low = (value & 0xFFFFFFFF) * fade_;
    return (high + (low >> 32)) >> fade_shift_;
  }

  static uint64_t times(uint64_t value, uint16_t factor) {
    return (((value >> 32) * factor) << 32) + (value & 0xFFFFFFFF) * factor;
  }

  uint64_t sum_;
  uint64_t weight_;
  uint32_t fade_;
  uint8_t fade_shift_ = 0;
  uint16_t threshold_;
  uint16_t refractory_;
  uint16_t since_beat_;
  bool high_;
  bool rose_;
};

}  // namespace beatbridge
