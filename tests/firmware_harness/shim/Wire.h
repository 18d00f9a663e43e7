// The I2C bus of the shim, with a MAX30102 on it that has a reading every 10 ms.
#pragma once

#include "Arduino.h"

class TwoWire {
 public:
  void begin() {}
  void setClock(uint32_t) {}
  void beginTransmission(uint8_t address) { address_ = address, length_ = 0; }
  size_t write(uint8_t byte) {
    out_[length_++ % sizeof out_] = byte;
    return 1;
  }
  uint8_t endTransmission(bool = true) {
    shim::now_us += 30 * (length_ + 1);
    if (address_ != 0x57) return 2;
    if (length_ > 0) register_ = out_[0];
    if (length_ > 1 && register_ == 0x09) {
      runs_ = out_[1] == 0x07;
      taken_ = shim::now_us / 10000;
    }
    return 0;
  }
  // As the cores of today declare it; two plain numbers must do.
  size_t requestFrom(uint8_t, size_t count) {
    shim::now_us += 30 * (count + 1);
    at_ = 0;
    const uint64_t made = runs_ ? shim::now_us / 10000 : taken_;
    if (register_ == 0xFF) {
      in_[0] = 0x15;
    } else if (register_ == 0x04) {
      in_[0] = made % 32, in_[1] = 0, in_[2] = taken_ % 32;
    } else if (register_ == 0x07) {
      const int reading = shim::next_reading();
      ++taken_;
      for (int i = 0; i < 3; ++i) in_[i] = static_cast<uint8_t>(reading >> (16 - 8 * i));
    }
    return count;
  }
  int read() { return in_[at_++ % sizeof in_]; }

 private:
  uint8_t address_ = 0, register_ = 0, out_[4] = {}, in_[4] = {};
  unsigned length_ = 0, at_ = 0;
  bool runs_ = false;
  uint64_t taken_ = 0;
};
static TwoWire Wire;
