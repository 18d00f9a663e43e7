// What you may want to change, all in one place. Upload again afterwards.
#pragma once

#include <stdint.h>

// The note.
constexpr uint8_t kNote = 60;       // 60 is middle C (C3 in Live), 36 a drum rack's first pad
constexpr uint8_t kChannel = 1;     // 1-16
constexpr uint8_t kVelocity = 100;  // 1-127
constexpr uint16_t kNoteMs = 150;   // how long it is held

// The heartbeat. Readings are 0-1023, a thousand a second.
constexpr uint16_t kThreshold = 60;       // how far above its average the signal must rise: lower it
                                          // for a weak pulse, raise it if notes come too often
constexpr uint16_t kSpanMs = 3000;        // how much of the past the average looks at
constexpr uint16_t kRefractoryMs = 250;   // no second beat within this time

// Boards with USB of their own (Leonardo, Micro): 1 plays over the USB cable as well, with the
// library MIDIUSB from the Library Manager; 0 over the DIN socket only.
#ifndef BEATBRIDGE_USB_MIDI
#define BEATBRIDGE_USB_MIDI 1
#endif
