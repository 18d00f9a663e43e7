// The words that pulse_stream obeys, a line each: start, stop, text, rate 500. Plain C++ but for
// F_CPU, the board's clock in Hz.
#pragma once

#include <stdint.h>
#include <string.h>

namespace beatbridge {

enum class Command : uint8_t { kNone, kStart, kStop, kText, kRate, kUnknown };

constexpr uint16_t kMinRateHz = 25;
constexpr uint16_t kMaxRateHz = 1000;
constexpr uint32_t kTicksASecond = F_CPU / 64;  // of timer 1: 250,000 at 16 MHz

// Only rates that the timer hits exactly: the sampling must not drift.
constexpr bool rate_is_exact(uint16_t rate_hz) {
  return rate_hz >= kMinRateHz && rate_hz <= kMaxRateHz && kTicksASecond % rate_hz == 0;
}

// Puts the letters of a line together. What is no command, or mangled, does nothing.
class CommandReader {
 public:
  // Takes one byte; returns the command that it completes, or kNone.
  Command take(uint8_t byte) {
    if (byte != '\n' && byte != '\r') {
      if (length_ < sizeof line_) line_[length_] = byte;
      if (length_ <= sizeof line_) ++length_;
      return Command::kNone;
    }
    const uint8_t length = length_;
    length_ = 0;
    if (length == 0) return Command::kNone;
    if (is("start", length)) return Command::kStart;
    if (is("stop", length)) return Command::kStop;
    if (is("text", length)) return Command::kText;
    return takes_rate(length) ? Command::kRate : Command::kUnknown;
  }

  // Of the latest kRate, readings a second.
  uint16_t rate_hz() const { return rate_hz_; }

 private:
  bool is(const char *word, uint8_t length) const {
    return length == strlen(word) && memcmp(line_, word, length) == 0;
  }

  bool takes_rate(uint8_t length) {
    if (length < 6 || length > 9 || memcmp(line_, "rate ", 5) != 0) return false;
    uint16_t rate = 0;
    for (uint8_t i = 5; i < length; ++i) {
      if (line_[i] < '0' || line_[i] > '9') return false;
      rate = 10 * rate + (line_[i] - '0');
    }
    if (!rate_is_exact(rate)) return false;
    rate_hz_ = rate;
    return true;
  }

  uint8_t line_[12] = {};
  uint8_t length_ = 0;  // one more than fits: the line was too long
  uint16_t rate_hz_ = 0;
};

}  // namespace beatbridge
