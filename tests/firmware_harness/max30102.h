/* A double of the MAX30102 on the simulated board's I2C bus. */
#pragma once

#include <simavr/sim_avr.h>

/* Puts the sensor on the bus. Readings of 18 bits, one a line, come from the file every 10 ms once the
 * sketch has set the sensor up as max30102_lines does. From
 * `gone_s` to `back_s`, in seconds, the sensor is unplugged; 0 and 0: never. */
void max30102_plug_in(avr_t *board, const char *path, double gone_s, double back_s);
