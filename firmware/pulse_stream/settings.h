// What you may want to change, all in one place. Upload again afterwards.
#pragma once

// Pulse sensors: 1 reads pin A0; 2 reads A0 and A1, for two people at once.
#ifndef BEATBRIDGE_SENSORS
#define BEATBRIDGE_SENSORS 1
#endif

// Readings a second when the board starts: any rate from 25 to 1000 that divides 250,000.
#ifndef BEATBRIDGE_RATE_HZ
#define BEATBRIDGE_RATE_HZ 1000
#endif

// Speed of the serial line. The bridge expects this one unless it is told another (?baud=). A board
// of 8 MHz cannot make it: 250000 there.
#ifndef BEATBRIDGE_BAUD
#define BEATBRIDGE_BAUD 115200
#endif
