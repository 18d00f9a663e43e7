// Runs a sketch for so many seconds: sketch SECONDS READINGS. From the tenth to the eleventh second
// pin 7 is high, for a sketch that asks. Build with -DSKETCH="..." and the macros of one core.
#include "Arduino.h"

#include <stdlib.h>

#include SKETCH

namespace shim {
uint64_t now_us = 4294967296ULL - 5000000;  // micros() wraps after five seconds
static uint64_t began_us;
unsigned adc_bits = 10;
static FILE *readings;

int next_reading() {
  int reading = 0;
  if (fscanf(readings, "%d", &reading) != 1) reading = 0;
  return reading;
}

int level(uint8_t pin) {
  const uint64_t t = now_us - began_us;
  return pin == 7 && t >= 10000000 && t < 11000000 ? HIGH : LOW;
}
}  // namespace shim

int main(int, char **argv) {
  shim::began_us = shim::now_us;
  const uint64_t end_us = shim::now_us + static_cast<uint64_t>(1e6 * atof(argv[1]));
  shim::readings = fopen(argv[2], "r");
  if (!shim::readings) return 1;
  setup();
  while (shim::now_us < end_us) {
    shim::now_us += 10;
    loop();
  }
  fprintf(stderr, "%u bits\n", shim::adc_bits);
  return 0;
}
