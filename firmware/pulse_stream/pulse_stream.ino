// pulse_stream: the pulse sensor for beatbridge. Reads A0 a thousand times a second and sends each
// reading in a numbered, checked frame. README.md has the wiring and the format of the frames.
//
// The LED is on while the board waits for the bridge, and off while it streams. In the Arduino
// IDE's Serial Monitor or Plotter (115200 baud, "New Line"), type: text, start, stop or rate 500.

#include <avr/sleep.h>

#include "command.h"
#include "frame.h"
#include "sampler.h"
#include "settings.h"

using namespace beatbridge;

static_assert(BEATBRIDGE_SENSORS == 1 || BEATBRIDGE_SENSORS == 2, "one sensor or two");
static_assert(F_CPU >= 8000000UL && F_CPU % 64 == 0, "a board of 8 MHz or more");
static_assert(rate_is_exact(BEATBRIDGE_RATE_HZ),
              "BEATBRIDGE_RATE_HZ: 25 to 1000, and a divisor of the clock / 64 (250,000 at 16 MHz)");
#if !defined(USBCON)
// The line's speed comes from the clock too, in whole steps; 2.5 % off is as much as others bear.
static constexpr uint32_t kBaudStep = (F_CPU / 4 / BEATBRIDGE_BAUD - 1) / 2 + 1;
static constexpr uint32_t kBaud = F_CPU / 8 / kBaudStep;
static_assert(kBaud * 40ULL <= BEATBRIDGE_BAUD * 41ULL && kBaud * 40ULL >= BEATBRIDGE_BAUD * 39ULL,
              "this board's clock cannot make BEATBRIDGE_BAUD: try 250000 (serial:PORT?baud=250000)");
static_assert(BEATBRIDGE_RATE_HZ * 20ULL * (BEATBRIDGE_SENSORS + 2) <= BEATBRIDGE_BAUD,
              "BEATBRIDGE_BAUD is too slow for so many readings a second");
#endif

static const uint16_t kGreetEveryMs = 500;
static const uint16_t kTextLinesASecond = 50;  // as many as the Plotter can follow

static Sampler sampler;
static CommandReader commands;
static State state = State::kReady;
static uint16_t rate_hz = BEATBRIDGE_RATE_HZ;
static uint32_t greeted_ms;
static uint32_t sum[BEATBRIDGE_SENSORS];  // of the readings of one line of text
static uint16_t summed;

ISR(TIMER1_COMPA_vect) { sampler.tick(); }
ISR(ADC_vect) { sampler.converted(); }

static void greet() {
  const Text<kMaxGreetingBytes> text = greeting(state, rate_hz, BEATBRIDGE_SENSORS);
  Serial.write(reinterpret_cast<const uint8_t *>(text.c_str()), text.length());
  greeted_ms = millis();
}

static void change(State to) {
  sampler.stop();
  state = to;
  summed = 0;
  for (uint32_t &each : sum) each = 0;
  digitalWrite(LED_BUILTIN, state == State::kReady ? HIGH : LOW);
  greet();
  if (state != State::kReady) sampler.start(rate_hz);
}

static void obey(Command command) {
  switch (command) {
    case Command::kStart: change(State::kFrames); break;
    case Command::kText: change(State::kText); break;
    case Command::kStop: change(State::kReady); break;
    case Command::kRate:
      rate_hz = commands.rate_hz();
      change(state);
      break;
    case Command::kUnknown:
      Serial.print(F("\r\ncommands: start, stop, text, rate 25 to 1000 (dividing "));
      Serial.print(kTicksASecond);
      Serial.println(')');
      break;
    case Command::kNone: break;
  }
}

// False where the line is so slow that there is no room yet: the frame waits in the queue.
static bool room_for(uint8_t bytes) { return Serial.availableForWrite() >= bytes; }

static void send_frames() {
  uint8_t frame[kMaxFrameBytes];
  Instant instant;
  while (room_for(kMaxFrameBytes) && sampler.take(instant)) {
    Serial.write(frame, encode_frame(frame, instant.number, instant.readings, BEATBRIDGE_SENSORS));
  }
}

// The mean of each fiftieth of a second, which also takes the hum of 50 Hz mains out of the picture.
static void send_text() {
  const uint16_t wanted = rate_hz > kTextLinesASecond ? rate_hz / kTextLinesASecond : 1;
  Instant instant;
  while (room_for(16) && sampler.take(instant)) {
    for (uint8_t i = 0; i < BEATBRIDGE_SENSORS; ++i) sum[i] += instant.readings[i];
    if (++summed < wanted) continue;
    for (uint8_t i = 0; i < BEATBRIDGE_SENSORS; ++i) {
      if (i) Serial.print(',');
      Serial.print((sum[i] + summed / 2) / summed);
      sum[i] = 0;
    }
    Serial.print("\r\n");
    summed = 0;
  }
}

// Until the next interrupt; there is one every millisecond. Keeps the converter's surroundings calm.
static void rest() {
  noInterrupts();
  if (sampler.empty()) {
    sleep_enable();
    interrupts();
    sleep_cpu();
    sleep_disable();
  }
  interrupts();
}

void setup() {
  Serial.begin(BEATBRIDGE_BAUD);
  pinMode(LED_BUILTIN, OUTPUT);
  set_sleep_mode(SLEEP_MODE_IDLE);
  change(State::kReady);
}

void loop() {
  while (Serial.available()) obey(commands.take(static_cast<uint8_t>(Serial.read())));
#if defined(USBCON)
  if (!Serial.dtr() && state != State::kReady) change(State::kReady);  // the program has gone
#endif
  if (state == State::kReady) {
    if (millis() - greeted_ms >= kGreetEveryMs) greet();
  } else if (state == State::kFrames) {
    send_frames();
  } else {
    send_text();
  }
  rest();
}
