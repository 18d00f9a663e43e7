// Finds the upstrokes of a pulse wave, however strong or weak the pulse is: the signal rises, within
// the last fifth of a second, by a share of what it usually rises at a beat; the beat is where that
// upstroke is steepest, which is the same moment of a weak wave and of a strong one. Whole numbers
// only, plain C++, for readings at 1 kHz.
//
// The usual rise is a running average over about four beats, so that the threshold follows the finger
// by itself; in the seed's sketch it was fixed, 60 counts above an average, and deaf to weak pulses.
// A rise rather than a level, because the level drifts with every breath and movement.
#pragma once

#include <stdint.h>

#include "smooth.h"

namespace beatbridge {

// What lies between two beats: of the earlier one, the rise of its upstroke, and what came after it.
struct Cycle {
  uint16_t interval_ms;  // from beat to beat; UINT16_MAX where it is longer, or there was none
  uint32_t rise;         // of the upstroke, in counts times Smoother::kGain, as all that follows
  uint32_t travelled;    // all ways up and down together
  uint32_t foot;         // level from which the upstroke rose
  uint8_t turns;         // how often up became down and down became up, small wobbles left out
};

class PulseDetector {
 public:
  // The least rise that counts as a beat is in counts of the converter.
  PulseDetector(uint8_t least_rise, uint16_t refractory_ms)
      : least_(static_cast<uint32_t>(least_rise) * Smoother::kGain), refractory_(refractory_ms) {}

  // Takes the next reading, 0-1023; true where a beat is.
  bool push(uint16_t reading) {
    const uint32_t level = smoother_.push(reading);
    if (since_beat_ < UINT16_MAX) ++since_beat_;
    if (++tick_ == kStepMs) {
      tick_ = 0;
      step(level);
    }
    if (level < lowest_) lowest_ = level;
    const uint32_t rise = level - lowest_;
    const uint32_t steep = level > previous_ ? level - previous_ : 0;
    previous_ = level;
    switch (part_) {
      case Part::kFoot:
        // Not on the way down, where only the threshold has come lower.
        if (steep == 0 || since_beat_ < refractory_ || rise <= threshold()) return false;
        part_ = Part::kRising;
        foot_ = lowest_;
        steepest_ = steep;
        return false;
      case Part::kRising:
        if (steep > steepest_) steepest_ = steep;
        if (steep > steepest_ / 8 * 7) return false;
        beat(rise);
        return true;
      case Part::kTop:
        if (rise > now_.rise) now_.rise = rise;
        if (rise >= now_.rise / 2) return false;
        part_ = Part::kFoot;
        follow(usual_, now_.rise);
        return false;
    }
    return false;
  }

  // Of the latest beat and the one before it: what lies between them, and before that.
  const Cycle &last() const { return last_; }
  const Cycle &before() const { return before_; }
  // Level from which the latest beat rose.
  uint32_t foot() const { return now_.foot; }
  // What the signal usually rises at a beat; 0 before the first.
  uint32_t usual_rise() const { return usual_; }
  // Since the latest beat, ms; UINT16_MAX where that is long ago.
  uint16_t since_beat_ms() const { return since_beat_; }

  // Velocity 1-127 of the latest beat: `usual` for one that rises as steeply as most.
  uint8_t velocity(uint8_t usual) const {
    if (usual_steep_ == 0) return usual;
    const uint32_t velocity = usual * steep_ / usual_steep_;
    return velocity < 1 ? 1 : velocity > 127 ? 127 : static_cast<uint8_t>(velocity);
  }

 private:
  enum class Part : uint8_t { kFoot, kRising, kTop };

  static constexpr uint8_t kStepMs = 10;
  static constexpr uint8_t kSteps = 20;            // an upstroke takes a fifth of a second at most
  static constexpr uint16_t kForgetAfterMs = 2500; // of silence: the pulse may have become weaker

  // Six eighths of the usual rise until 400 ms after a beat, while its dicrotic wave may come; from
  // there an eighth less every 30 ms, down to two.
  uint32_t threshold() const {
    const uint8_t eighths = since_beat_ < 400   ? 6
                            : since_beat_ < 520 ? 6 - (since_beat_ - 400) / 30
                                                : 2;
    const uint32_t share = usual_ / 8 * eighths;
    return share > least_ ? share : least_;
  }

  // Every 10 ms: what needs no finer look.
  void step(uint32_t level) {
    if (!started_) {
      started_ = true;
      for (uint32_t &each : steps_) each = level;
      lowest_ = turn_ = level;
    }
    const uint32_t previous = steps_[next_ ? next_ - 1 : kSteps - 1];
    now_.travelled += level > previous ? level - previous : previous - level;
    steps_[next_] = level;
    if (++next_ == kSteps) next_ = 0;
    lowest_ = level;
    for (const uint32_t each : steps_) {
      if (each < lowest_) lowest_ = each;
    }
    count_turns(level);
    if (since_beat_ > kForgetAfterMs) usual_ -= usual_ / 128;
  }

  // A turn is one that goes back by an eighth of the usual rise.
  void count_turns(uint32_t level) {
    const uint32_t back = (usual_ ? usual_ : least_) / 8;
    if (upwards_ ? level > turn_ : level < turn_) {
      turn_ = level;
    } else if (upwards_ ? level + back < turn_ : level > turn_ + back) {
      upwards_ = !upwards_;
      turn_ = level;
      if (now_.turns < UINT8_MAX) ++now_.turns;
    }
  }

  void beat(uint32_t rise) {
    before_ = last_;
    last_ = now_;
    last_.interval_ms = since_beat_;
    now_ = {0, rise, 0, foot_, 0};
    if (steep_) follow(usual_steep_, steep_);
    steep_ = steepest_;
    since_beat_ = 0;
    part_ = Part::kTop;
  }

  // A quarter of the way to the new value, which counts as twice the usual one at most.
  static void follow(uint32_t &usual, uint32_t value) {
    if (usual == 0) {
      usual = value;
    } else {
      usual += (value < 2 * usual ? value : 2 * usual) / 4 - usual / 4;
    }
  }

  const uint32_t least_;
  const uint16_t refractory_;
  Smoother smoother_;
  uint32_t steps_[kSteps] = {};  // the last fifth of a second
  uint32_t lowest_ = UINT32_MAX; // of it
  uint32_t usual_ = 0;
  uint32_t previous_ = 0;        // level, a millisecond ago
  uint32_t foot_ = 0, steepest_ = 0;  // of the upstroke that is going on
  uint32_t steep_ = 0, usual_steep_ = 0;  // a millisecond: of the latest beat, and of most
  uint32_t turn_ = 0;  // the highest or lowest level since the last turn
  Cycle now_ = {}, last_ = {}, before_ = {};
  uint16_t since_beat_ = UINT16_MAX;
  Part part_ = Part::kFoot;
  uint8_t next_ = 0;
  uint8_t tick_ = kStepMs - 1;  // the first reading is a step
  bool started_ = false;
  bool upwards_ = false;
};

}  // namespace beatbridge
