// What you may want to change, all in one place. Upload again afterwards.
#pragma once

#include <stdint.h>

// The note.
constexpr uint8_t kNote = 60;       // 60 is middle C (C3 in Live), 36 a drum rack's first pad
constexpr uint8_t kChannel = 1;     // 1-16
constexpr uint8_t kVelocity = 90;   // 1-127, of a beat as strong as most; others are louder or softer
constexpr uint16_t kNoteMs = 150;   // how long it is held

// The heartbeat. The box finds out by itself how strong the pulse is.
constexpr uint8_t kLeastRise = 12;        // a pulse wave this high at least, of 1023: lower it for a
                                          // very weak pulse, raise it if the box plays by itself
constexpr uint16_t kRefractoryMs = 250;   // no second beat within this time

// Boards with USB of their own (Leonardo, Micro): 1 plays over the USB cable as well, with the
// library MIDIUSB from the Library Manager; 0 over the DIN socket only.
#ifndef BEATBRIDGE_USB_MIDI
#define BEATBRIDGE_USB_MIDI 1
#endif

static_assert(kNote <= 127, "kNote: 0 to 127");
static_assert(kChannel >= 1 && kChannel <= 16, "kChannel: 1 to 16");
static_assert(kVelocity >= 1 && kVelocity <= 127, "kVelocity: 1 to 127");
static_assert(kNoteMs >= 1, "kNoteMs: 1 or more");
static_assert(kLeastRise >= 4, "kLeastRise: 4 or more, or the converter's own steps are beats");
static_assert(kRefractoryMs >= 200 && kRefractoryMs <= 1000, "kRefractoryMs: 200 to 1000");
