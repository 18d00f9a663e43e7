// heart_note: the meditation box. Plays one MIDI note a heartbeat, alone, without a computer: over a
// DIN socket, and over USB where the board has it. README.md has the wiring; settings.h the choices.
//
// The LED blinks with the note, and a stronger beat is a louder one. Without a finger on the sensor
// the box is quiet; with one, it plays from the fifth beat on, once it is sure of the heart.

#include <avr/sleep.h>

#include "finger.h"
#include "note.h"
#include "pulse_detector.h"
#include "settings.h"

#if defined(USBCON) && BEATBRIDGE_USB_MIDI
#include <MIDIUSB.h>  // not found? Install MIDIUSB in the Library Manager, or see settings.h
#endif

#if defined(USBCON)
#define DIN Serial1
#else
#define DIN Serial
#endif

using namespace beatbridge;

static const uint16_t kRateHz = 1000;
static const uint32_t kMidiBaud = 31250;

static_assert(F_CPU >= 8000000UL && F_CPU % (8UL * kRateHz) == 0,
              "a clock of 8 MHz or more, in whole steps of 8 kHz: the timer must hit 1 ms exactly");

static PulseDetector detector(kLeastRise, kRefractoryMs);
static Finger finger;
static Note note(kChannel, kNote, kNoteMs);

static volatile uint8_t ticks;

ISR(TIMER1_COMPA_vect) { ++ticks; }

static void start_ticking() {
  TCCR1A = 0;
  TCCR1B = _BV(WGM12) | _BV(CS11);  // count to OCR1A, the clock / 8
  OCR1A = F_CPU / 8 / kRateHz - 1;
  TCNT1 = 0;
  TIMSK1 = _BV(OCIE1A);
}

// Sleeps until the next tick; one that came while the loop was busy counts too.
static void wait_for_tick() {
  for (;;) {
    noInterrupts();
    if (ticks) break;
    sleep_enable();
    interrupts();
    sleep_cpu();
    sleep_disable();
  }
  --ticks;
  interrupts();
}

static void send(const MidiMessage &message) {
  DIN.write(message.status);
  DIN.write(message.data1);
  DIN.write(message.data2);
#if defined(USBCON) && BEATBRIDGE_USB_MIDI
  MidiUSB.sendMIDI({static_cast<uint8_t>(message.status >> 4), message.status, message.data1,
                    message.data2});
  MidiUSB.flush();
#endif
}

static void end_note() {
  send(note.off());
  digitalWrite(LED_BUILTIN, LOW);
}

void setup() {
  DIN.begin(kMidiBaud);
  pinMode(LED_BUILTIN, OUTPUT);
  digitalWrite(LED_BUILTIN, LOW);
  set_sleep_mode(SLEEP_MODE_IDLE);
  send(note.all_off());
  start_ticking();
}

void loop() {
  wait_for_tick();
  if (note.tick()) end_note();
  const bool beat = detector.push(static_cast<uint16_t>(analogRead(A0)));
  if (!finger.push(beat, detector)) return;
  if (note.sounding()) end_note();
  send(note.on(detector.velocity(kVelocity)));
  digitalWrite(LED_BUILTIN, HIGH);
}
