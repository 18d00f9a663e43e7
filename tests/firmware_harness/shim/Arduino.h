// What the portable sketches use of an Arduino core, on this computer: readings from a file, lines to
// standard output, and a clock that goes on by itself. Which core is meant is said by its own macro;
// what that core lacks is not there.
#pragma once

#include <math.h>
#include <stdint.h>
#include <stdio.h>

#if defined(SHIM_CORE_API)  // ArduinoCore-API: Uno R4, Nano Every, SAMD, RP2040 (mbed)
typedef enum { LOW = 0, HIGH = 1, CHANGE = 2 } PinStatus;
typedef enum { INPUT = 0, OUTPUT = 1, INPUT_PULLUP = 2 } PinMode;
typedef uint8_t pin_size_t;
#else
#define LOW 0
#define HIGH 1
#define INPUT 0
typedef uint8_t PinMode;
typedef int PinStatus;
typedef uint8_t pin_size_t;
#endif

#if !defined(SHIM_A0)
#define SHIM_A0 14
#endif
static const uint8_t A0 = SHIM_A0;

class __FlashStringHelper;
#define F(text) (reinterpret_cast<const __FlashStringHelper *>(text))

namespace shim {
extern uint64_t now_us;
extern unsigned adc_bits;
int next_reading();
int level(uint8_t pin);
}  // namespace shim

inline unsigned long micros() { return static_cast<uint32_t>(shim::now_us += 3); }
inline unsigned long millis() { return static_cast<uint32_t>((shim::now_us += 3) / 1000); }
inline void delay(unsigned long ms) { shim::now_us += 1000 * ms; }
inline void pinMode(pin_size_t, PinMode) {}
inline PinStatus digitalRead(pin_size_t pin) { return static_cast<PinStatus>(shim::level(pin)); }
inline int analogRead(pin_size_t pin) {
  shim::now_us += 40;
  return pin == A0 ? shim::next_reading() : -1;
}
#if !defined(__AVR__) && !defined(ESP8266)
inline void analogReadResolution(int bits) { shim::adc_bits = bits; }
#endif

class SerialPort {
 public:
  void begin(unsigned long) {}
  size_t print(char c) { return printf("%c", c); }
  size_t print(int n) { return printf("%d", n); }
  size_t print(unsigned n) { return printf("%u", n); }
  size_t print(long n) { return printf("%ld", n); }
  size_t print(unsigned long n) { return printf("%lu", n); }
  template <typename Value>
  size_t println(Value value) {
    return print(value) + printf("\r\n");
  }
  size_t println(const __FlashStringHelper *text) {
    return printf("%s\r\n", reinterpret_cast<const char *>(text));
  }
};
static SerialPort Serial;
