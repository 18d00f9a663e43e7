// max30102_lines: a MAX30102 (or MAX30101, MAX30105) on the I2C pins of any Arduino board. Sends 100
// lines a second, each the time in microseconds and the infrared light that came back: 1234000,98765
//
// No library is needed but Wire, which every board brings. Registers and their values are those of
// Analog Devices' data sheet of the MAX30102. README.md has the wiring: 3.3 V.

#include <Wire.h>

const int kAddress = 0x57;
const uint8_t kFifoWrite = 0x04, kFifoData = 0x07, kFifoConfig = 0x08;
const uint8_t kMode = 0x09, kSensorConfig = 0x0A, kInfraredCurrent = 0x0D, kSlots = 0x11;
const uint8_t kPartId = 0xFF;

const uint8_t kPart = 0x15;          // what all three sensors call themselves
const uint8_t kReset = 0x40;
const uint8_t kCurrent = 0x1F;       // 6.2 mA; brighter for a weak pulse: up to 0xFF, 51 mA
const uint8_t kFifoDepth = 32;
const uint32_t kEveryUs = 10000;
const uint32_t kSilentMs = 500;      // without a reading so long: the sensor was reset, or is gone

static uint32_t last_reading_ms;

static bool write_register(uint8_t name, uint8_t value) {
  Wire.beginTransmission(kAddress);
  Wire.write(name);
  Wire.write(value);
  return Wire.endTransmission() == 0;
}

// Reads bytes from a register on; false where the sensor does not answer.
static bool read_registers(uint8_t name, uint8_t *bytes, int count) {
  Wire.beginTransmission(kAddress);
  Wire.write(name);
  if (Wire.endTransmission(false) != 0) return false;
  if (static_cast<int>(Wire.requestFrom(kAddress, count)) != count) return false;
  for (int i = 0; i < count; ++i) bytes[i] = static_cast<uint8_t>(Wire.read());
  return true;
}

// Infrared only, 18 bits, 400 readings a second averaged by fours.
static bool start_sensor() {
  uint8_t part = 0;
  if (!read_registers(kPartId, &part, 1) || part != kPart) return false;
  if (!write_register(kMode, kReset)) return false;
  delay(10);
  return write_register(kFifoConfig, 0x50) &&    // averages of 4; the oldest give way when it is full
         write_register(kSensorConfig, 0x2F) &&  // 4096 nA full scale, 400 a second, 411 us pulses
         write_register(kInfraredCurrent, kCurrent) &&
         write_register(kSlots, 0x02) &&         // one slot: the infrared LED
         write_register(kMode, 0x07);            // run what the slots say
}

// How many readings wait in the sensor; 0 where it does not answer.
static uint8_t waiting() {
  uint8_t pointers[3];  // write, overflow, read
  if (!read_registers(kFifoWrite, pointers, 3)) return 0;
  if (pointers[1]) return kFifoDepth;
  return (pointers[0] - pointers[2]) & (kFifoDepth - 1);
}

void setup() {
  Serial.begin(115200);
  Wire.begin();
  Wire.setClock(400000);
#if defined(WIRE_HAS_TIMEOUT)
  Wire.setWireTimeout(5000, true);  // a loose wire must not stop the board
#endif
  last_reading_ms = millis() - kSilentMs;
}

void loop() {
  if (millis() - last_reading_ms >= kSilentMs) {
    last_reading_ms = millis();
    if (!start_sensor()) Serial.println(F("no sensor answers: check VIN, GND, SDA and SCL"));
  }
  const uint8_t count = waiting();
  const uint32_t now_us = micros();
  for (uint8_t i = 0; i < count; ++i) {
    uint8_t bytes[3];
    if (!read_registers(kFifoData, bytes, 3)) return;
    const uint32_t infrared = (bytes[0] & 0x3UL) << 16 | static_cast<uint32_t>(bytes[1]) << 8 | bytes[2];
    Serial.print(now_us - (count - 1 - i) * kEveryUs);  // those that waited are older
    Serial.print(',');
    Serial.println(infrared);
    last_reading_ms = millis();
  }
}
