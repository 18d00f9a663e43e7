// Reads the sensors by timer interrupt, evenly whatever the main loop does. Uno and Leonardo.
//
// Timer 1 starts the converter; its interrupt takes the reading. Readings wait in a short queue, so
// that a busy main loop delays them and does not move them. Where the queue is full they are lost,
// and the numbers show it.
#pragma once

#include <Arduino.h>

#include "command.h"
#include "settings.h"

namespace beatbridge {

struct Instant {
  uint16_t number;
  uint16_t readings[BEATBRIDGE_SENSORS];
};

class Sampler {
 public:
  // Starts sampling, numbered from 0.
  void start(uint16_t rate_hz) {
    stop();
    first_ = count_ = 0;
    number_ = 0;
    TCCR1A = 0;
    TCCR1B = _BV(WGM12) | _BV(CS11) | _BV(CS10);  // count to OCR1A, the clock / 64
    OCR1A = static_cast<uint16_t>(kTicksASecond / rate_hz - 1);
    TCNT1 = 0;
    TIFR1 = _BV(OCF1A);
    ADCSRA |= _BV(ADIF) | _BV(ADIE);
    TIMSK1 = _BV(OCIE1A);
  }

  void stop() {
    TIMSK1 = 0;
    while (ADCSRA & _BV(ADSC)) {
    }
    ADCSRA &= ~_BV(ADIE);
  }

  // Takes the oldest waiting instant; false where none waits.
  bool take(Instant &instant) {
    if (count_ == 0) return false;
    noInterrupts();
    instant = queue_[first_];
    first_ = (first_ + 1) % kQueue;
    --count_;
    interrupts();
    return true;
  }

  bool empty() const { return count_ == 0; }

  // The timer's interrupt.
  void tick() {
    sensor_ = 0;
    convert();
  }

  // The converter's interrupt.
  void converted() {
    pending_.readings[sensor_] = ADC;
    if (++sensor_ < BEATBRIDGE_SENSORS) {
      convert();
      return;
    }
    pending_.number = number_++;
    if (count_ == kQueue) return;
    queue_[(first_ + count_) % kQueue] = pending_;
    ++count_;
  }

 private:
  static constexpr uint8_t kQueue = 16;

  void convert() {
#if defined(__AVR_ATmega32U4__)
    const uint8_t channel = analogPinToChannel(sensor_);
    ADCSRB = (channel & 8) ? _BV(MUX5) : 0;
#else
    const uint8_t channel = sensor_;
#endif
    ADMUX = _BV(REFS0) | (channel & 7);  // against the 5 V supply
    ADCSRA |= _BV(ADSC);
  }

  Instant queue_[kQueue];  // touched with interrupts off only
  uint8_t first_ = 0;
  volatile uint8_t count_ = 0;
  Instant pending_;
  uint16_t number_ = 0;
  uint8_t sensor_ = 0;
};

}  // namespace beatbridge
