#include "MIDIUSB.h"

MIDI_ MidiUSB;
volatile uint8_t midi_usb_sent;

void MIDI_::sendMIDI(midiEventPacket_t event) { midi_usb_sent = event.header; }
