// pulse_lines: any sensor with an analog output, on any Arduino board. Sends 250 lines a second, each
// the time in microseconds and the reading: 1234000,512
//
// Where an AD8232's LO+ and LO- are wired, "!" is sent while an electrode is off, as its maker's own
// sketch does. README.md has the wiring: sensors on a 3.3 V board get 3.3 V, never 5 V.

const uint8_t kSensorPin = A0;
const int16_t kLeadOffPlusPin = -1;   // LO+ and LO-: the pins they are wired to, or -1
const int16_t kLeadOffMinusPin = -1;
const uint32_t kEveryUs = 4000;

static uint32_t last_us;

static bool is_off(int16_t pin) { return pin >= 0 && digitalRead(pin) == HIGH; }

void setup() {
  Serial.begin(115200);
#if defined(ARDUINO_ARCH_RENESAS)
  analogReadResolution(14);  // Uno R4
#elif !defined(__AVR__) && !defined(ESP8266)
  analogReadResolution(12);  // the others that can; 10 bits are what an Uno or a Nano has
#endif
  if (kLeadOffPlusPin >= 0) pinMode(kLeadOffPlusPin, INPUT);
  if (kLeadOffMinusPin >= 0) pinMode(kLeadOffMinusPin, INPUT);
  last_us = micros();
}

void loop() {
  const uint32_t now_us = micros();
  if (now_us - last_us < kEveryUs) return;
  last_us += kEveryUs;
  if (now_us - last_us >= kEveryUs) last_us = now_us;  // the line was blocked: no burst to catch up
  if (is_off(kLeadOffPlusPin) || is_off(kLeadOffMinusPin)) {
    Serial.println('!');
    return;
  }
  const int reading = analogRead(kSensorPin);
  Serial.print(now_us);
  Serial.print(',');
  Serial.println(reading);
}
