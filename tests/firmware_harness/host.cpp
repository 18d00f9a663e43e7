// The sketches' headers for Python's ctypes: what runs on the board, on this computer.
#include "../../firmware/heart_note/finger.h"
#include "../../firmware/heart_note/pulse_detector.h"
#include "../../firmware/pulse_stream/command.h"
#include "../../firmware/pulse_stream/frame.h"

using namespace beatbridge;

extern "C" {

// Marks each reading that is a beat with 1, and gives the velocity where heart_note sounds it.
void find_beats(uint8_t least_rise, uint16_t refractory_ms, uint8_t usual_velocity,
                const uint16_t *readings, uint32_t count, uint8_t *beats, uint8_t *velocities) {
  PulseDetector detector(least_rise, refractory_ms);
  Finger finger;
  for (uint32_t i = 0; i < count; ++i) {
    beats[i] = detector.push(readings[i]);
    velocities[i] = finger.push(beats[i], detector) ? detector.velocity(usual_velocity) : 0;
  }
}

uint8_t frame(uint8_t *out, uint16_t number, const uint16_t *readings, uint8_t sensors) {
  return encode_frame(out, number, readings, sensors);
}

void greet(char *out, uint8_t state, uint16_t rate_hz, uint8_t sensors) {
  const auto text = greeting(static_cast<State>(state), rate_hz, sensors);
  memcpy(out, text.c_str(), text.length() + 1);
}

// Gives the command that each byte completes, and the rate that the last one set.
uint16_t obey(const uint8_t *bytes, uint32_t count, uint8_t *commands) {
  CommandReader reader;
  for (uint32_t i = 0; i < count; ++i) commands[i] = static_cast<uint8_t>(reader.take(bytes[i]));
  return reader.rate_hz();
}

}
