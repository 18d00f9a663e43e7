/* What of the MAX30102 a sketch meets over I2C, from its data sheet: register pointer, FIFO with its
 * pointers and overflow counter, and the settings that the readings depend on. */
#include "max30102.h"

#include <simavr/avr_twi.h>
#include <simavr/sim_cycle_timers.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ADDRESS = 0x57, DEPTH = 32, BYTES = 3, MAX_READINGS = 1 << 16 };
enum { FIFO_WRITE = 0x04, OVERFLOW = 0x05, FIFO_READ = 0x06, FIFO_DATA = 0x07, FIFO_CONFIG = 0x08,
       MODE = 0x09, CONFIG = 0x0A, CURRENT = 0x0D, SLOTS = 0x11, PART = 0xFF };

static avr_irq_t *bus;
static unsigned char registers[256], fifo[DEPTH][BYTES];
static unsigned readings[MAX_READINGS], count, next, held, at_byte, pointer;
static int selected, pointed;
static double gone_s, back_s;

static void reset(void) {
  memset(registers, 0, sizeof registers);
  registers[PART] = 0x15;
  held = at_byte = 0;
}

static int unplugged(const avr_t *board) {
  const double t = (double)board->cycle / board->frequency;
  return t >= gone_s && t < back_s;
}

static avr_cycle_count_t sample(avr_t *board, avr_cycle_count_t when, void *param) {
  (void)param;
  const int runs = registers[FIFO_CONFIG] == 0x50 && registers[MODE] == 0x07 &&
                   registers[CONFIG] == 0x2F && registers[CURRENT] && registers[SLOTS] == 0x02;
  if (unplugged(board)) {
    reset(); /* without power */
  } else if (runs) {
    const unsigned reading = readings[next < count ? next++ : count - 1];
    unsigned char *slot = fifo[registers[FIFO_WRITE]];
    for (int i = 0; i < BYTES; i++) slot[i] = reading >> 8 * (BYTES - 1 - i);
    registers[FIFO_WRITE] = (registers[FIFO_WRITE] + 1) % DEPTH;
    if (held < DEPTH) {
      held++;
    } else { /* rolls over: the oldest is lost */
      registers[FIFO_READ] = registers[FIFO_WRITE];
      if (registers[OVERFLOW] < 0x1F) registers[OVERFLOW]++;
    }
  }
  return when + board->frequency / 100;
}

static void store(unsigned char value) {
  if (pointer == MODE && value & 0x40) reset();
  else registers[pointer++ & 0xFF] = value;
}

static unsigned char load(void) {
  if (pointer != FIFO_DATA) return registers[pointer++ & 0xFF];
  if (!held) return 0;
  const unsigned char value = fifo[registers[FIFO_READ]][at_byte];
  if (++at_byte == BYTES) {
    at_byte = 0;
    held--;
    registers[FIFO_READ] = (registers[FIFO_READ] + 1) % DEPTH;
    registers[OVERFLOW] = 0; /* a complete reading was taken */
  }
  return value;
}

static void on_bus(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq;
  avr_t *board = param;
  avr_twi_msg_irq_t message;
  message.u.v = value;
  const unsigned what = message.u.twi.msg;
  if (what & TWI_COND_STOP) selected = 0;
  if (what & TWI_COND_START) {
    selected = message.u.twi.addr >> 1 == ADDRESS && !unplugged(board) ? message.u.twi.addr : 0;
    pointed = 0;
    if (selected) avr_raise_irq(bus, avr_twi_irq_msg(TWI_COND_ACK, selected, 1));
  }
  if (!selected) return;
  if (what & TWI_COND_WRITE) {
    avr_raise_irq(bus, avr_twi_irq_msg(TWI_COND_ACK, selected, 1));
    if (pointed) store(message.u.twi.data);
    else pointer = message.u.twi.data, pointed = 1;
  }
  if (what & TWI_COND_READ) avr_raise_irq(bus, avr_twi_irq_msg(TWI_COND_READ, selected, load()));
}

void max30102_plug_in(avr_t *board, const char *path, double gone, double back) {
  FILE *file = fopen(path, "r");
  if (!file) perror(path), exit(1);
  while (count < MAX_READINGS && fscanf(file, "%u", &readings[count]) == 1) count++;
  fclose(file);
  gone_s = gone, back_s = back;
  reset();
  bus = avr_io_getirq(board, AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_INPUT);
  avr_irq_register_notify(avr_io_getirq(board, AVR_IOCTL_TWI_GETIRQ(0), TWI_IRQ_OUTPUT), on_bus, board);
  avr_cycle_timer_register(board, board->frequency / 100, sample, NULL);
}
