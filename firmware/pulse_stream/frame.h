// The frames and the greeting that pulse_stream sends. Plain C++, compiles on any computer.
//
// A frame carries one instant: a row of 14-bit numbers, each sent as two bytes of seven bits, the
// low seven first: a header, one reading a sensor, the check. Only the first byte has bit 7 set,
// so that a listener that lost its place finds the next frame. README.md has the table.
#pragma once

#include <stddef.h>
#include <stdint.h>

namespace beatbridge {

constexpr uint8_t kProtocolVersion = 1;
constexpr uint8_t kReadingBits = 10;
constexpr uint8_t kMaxSensors = 2;
constexpr uint8_t kMaxFrameBytes = 2 * (kMaxSensors + 2);
constexpr uint8_t kMaxGreetingBytes = 96;

constexpr uint16_t kCrcPolynomial = 0x3A9D;  // low bit first; Hamming distance 6 up to 70 bits
constexpr uint16_t kCrcStart = 0x3FFF;
constexpr uint16_t kNumberMask = 0x1FFF;  // 13 bits: 0 ... 8191, and 0 again

// The check, one seven-bit byte further.
inline uint16_t crc14(uint16_t crc, uint8_t septet) {
  crc ^= septet & 0x7F;
  for (uint8_t bit = 0; bit < 7; ++bit) crc = (crc & 1) ? (crc >> 1) ^ kCrcPolynomial : crc >> 1;
  return crc;
}

// Writes one frame; returns its length: 6 bytes for one sensor, 8 for two.
inline uint8_t encode_frame(uint8_t *out, uint16_t number, const uint16_t *readings,
                            uint8_t sensors) {
  const uint8_t length = 2 * (sensors + 2);
  const uint16_t header = static_cast<uint16_t>((number & kNumberMask) | (sensors - 1) << 13);
  uint16_t crc = kCrcStart;
  for (uint8_t i = 0; i + 2 < length; ++i) {
    const uint16_t word = i < 2 ? header : readings[i / 2 - 1];
    out[i] = (i % 2 ? word >> 7 : word) & 0x7F;
    crc = crc14(crc, out[i]);
  }
  out[length - 2] = crc & 0x7F;
  out[length - 1] = crc >> 7;
  out[0] |= 0x80;
  return length;
}

// Builds short texts in a buffer of its own, without printf.
template <size_t N>
class Text {
 public:
  void add(const char *text) {
    while (*text) add(*text++);
  }
  void add(char letter) {
    if (length_ + 1 < N) bytes_[length_++] = letter;
    bytes_[length_] = '\0';
  }
  void add(uint16_t number) {
    if (number >= 10) add(static_cast<uint16_t>(number / 10));
    add(static_cast<char>('0' + number % 10));
  }
  void add_hex(uint16_t number) {
    for (int8_t shift = 12; shift >= 0; shift -= 4) {
      add("0123456789ABCDEF"[(number >> shift) & 0xF]);
    }
  }
  const char *c_str() const { return bytes_; }
  size_t length() const { return length_; }

 private:
  char bytes_[N] = {};
  size_t length_ = 0;
};

enum class State : uint8_t { kReady, kFrames, kText };

// "beatbridge pulse_stream 1 ready rate=1000 channels=1 bits=10 *321B", in lines of its own: what
// the board is and does. The four digits are the check of all before the space and the star.
inline Text<kMaxGreetingBytes> greeting(State state, uint16_t rate_hz, uint8_t sensors) {
  Text<kMaxGreetingBytes> text;
  text.add("\r\nbeatbridge pulse_stream ");
  text.add(static_cast<uint16_t>(kProtocolVersion));
  text.add(state == State::kReady ? " ready" : state == State::kFrames ? " frames" : " text");
  text.add(" rate=");
  text.add(rate_hz);
  text.add(" channels=");
  text.add(static_cast<uint16_t>(sensors));
  text.add(" bits=");
  text.add(static_cast<uint16_t>(kReadingBits));
  uint16_t crc = kCrcStart;
  for (size_t i = 2; i < text.length(); ++i) {
    crc = crc14(crc, static_cast<uint8_t>(text.c_str()[i]));
  }
  text.add(" *");
  text.add_hex(crc);
  text.add("\r\n");
  return text;
}

}  // namespace beatbridge
