/* An Arduino Uno on the table: runs a sketch's ELF in simavr, with recordings on its analog pins and
 * its serial line as a pseudo-terminal that may be damaged on purpose.
 *
 *   board ELF [--link PATH] [--analog FILE] [--analog FILE] [--samples N | --seconds S] [--speed X]
 *             [--log FILE] [--uart FILE] [--corrupt P] [--drop P] [--double P] [--seed N]
 *             [--garbage N:BYTES] [--reset N] [--clock HZ] [--i2c FILE] [--gone S:S]
 *
 * --link     a symbolic link to the pseudo-terminal, as a port's name; gone when the board is. Once
 *            it is there, the board prints "plugged in"
 * --analog   readings 0-1023, one a line; conversion k of the pin gives line k, then the last one.
 *            Where the sketch paused its conversions, they start again with line 0
 * --samples  end after this many conversions of pin A0; --seconds: of simulated time
 * --speed    1 is real time, 0 (the default) as fast as possible
 * --log      the clock cycle of every conversion of A0, as unsigned 64-bit numbers
 * --uart     every byte sent, as the cycle (unsigned 64 bit) and the byte (unsigned 64 bit)
 * --corrupt, --drop, --double   the chance of each for every byte sent once A0 was read 500 times
 * --garbage  so many random bytes into the line after conversion N; --reset: the reset button, then
 * --clock    of the processor, 16000000 if nothing is said
 * --i2c      a MAX30102 on the I2C bus with the readings of this file; --gone: unplugged meanwhile
 *
 * Build: cc -O2 -o board board.c max30102.c -lsimavr -lutil
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <simavr/avr_adc.h>
#include <simavr/avr_uart.h>
#include <simavr/sim_avr.h>
#include <simavr/sim_elf.h>
#include <simavr/sim_irq.h>

#include "max30102.h"

enum { PINS = 2, MAX_READINGS = 1 << 20 };

static avr_t *avr;
static int master = -1, slave = -1;
static unsigned char out[4096];
static size_t out_length;
static unsigned short *analog[PINS];
static long readings[PINS], conversion[PINS], conversions;
static FILE *cycle_log, *uart_log;
static double corrupt, drop, twice;
static long sent, damaged;
static unsigned long long random_state = 88172645463325252ULL;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double seconds_now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

static unsigned random_bits(void) { /* xorshift64 (Marsaglia 2003) */
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return random_state >> 32;
}

static double chance(void) { return random_bits() / 4294967296.0; }

static void flush_line(void) {
  size_t done = 0;
  while (done < out_length) {
    ssize_t n = write(master, out + done, out_length - done);
    if (n > 0) done += n;
    else if (errno == EAGAIN) usleep(50); /* nobody reads: the board's time stands still */
    else fail("pseudo-terminal");
  }
  out_length = 0;
}

static void put(unsigned char byte) {
  if (master < 0) return;
  out[out_length++] = byte;
  if (out_length == sizeof out) flush_line();
}

static void on_uart(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  sent++;
  if (uart_log) {
    unsigned long long record[2] = {avr->cycle, value & 0xFF};
    fwrite(record, sizeof record, 1, uart_log);
  }
  double luck = conversions < 500 ? 1 : chance();
  if (luck < corrupt) {
    damaged++;
    put(random_bits());
  } else if ((luck -= corrupt) < drop) {
    damaged++;
  } else {
    put(value);
    if (luck - drop < twice) {
      damaged++;
      put(value);
    }
  }
}

static void restart_after_pause(void) {
  static avr_cycle_count_t last, usual;
  const avr_cycle_count_t since = avr->cycle - last;
  if (usual && since > usual + usual / 4) memset(conversion, 0, sizeof conversion);
  usual = since;
  last = avr->cycle;
}

static void on_conversion(struct avr_irq_t *irq, uint32_t value, void *param) {
  (void)irq, (void)param;
  union {
    avr_adc_mux_t mux;
    uint32_t value;
  } trigger = {.value = value};
  unsigned pin = trigger.mux.src;
  if (pin >= PINS || readings[pin] == 0) return;
  if (pin == 0) restart_after_pause();
  long at = conversion[pin]++;
  unsigned reading = analog[pin][at < readings[pin] ? at : readings[pin] - 1];
  /* simavr gives floor(mV * 1023 / 5000): the lowest voltage that reads so. */
  avr_raise_irq(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_ADC0 + pin),
                (reading * 5000 + 1022) / 1023);
  if (pin == 0) {
    conversions++;
    if (cycle_log) {
      unsigned long long cycle = avr->cycle;
      fwrite(&cycle, sizeof cycle, 1, cycle_log);
    }
  }
}

static void on_sleep(avr_t *board, avr_cycle_count_t cycles) { /* until the next interrupt, at once */
  (void)board, (void)cycles;
}

static FILE *open_file(const char *path, const char *mode) {
  FILE *file = fopen(path, mode);
  if (!file) fail(path);
  return file;
}

static void load_analog(unsigned pin, const char *path) {
  FILE *file = open_file(path, "r");
  analog[pin] = malloc(MAX_READINGS * sizeof *analog[pin]);
  unsigned reading;
  while (readings[pin] < MAX_READINGS && fscanf(file, "%u", &reading) == 1)
    analog[pin][readings[pin]++] = reading;
  fclose(file);
}

static void plug_in(const char *link) {
  struct termios raw;
  char name[128];
  memset(&raw, 0, sizeof raw);
  cfmakeraw(&raw);
  /* The board keeps an end open too: else a line without a reader would count as hung up. */
  if (openpty(&master, &slave, name, &raw, NULL)) fail("openpty");
  fcntl(master, F_SETFL, O_NONBLOCK);
  unlink(link);
  if (symlink(name, link)) fail(link);
  puts("plugged in");
  fflush(stdout);
}

static void unplug(const char *link) {
  flush_line();
  int waiting = 1;
  for (int i = 0; i < 2000 && waiting > 0; i++) { /* what was sent, arrives */
    if (ioctl(slave, FIONREAD, &waiting)) break;
    usleep(1000);
  }
  unlink(link);
}

static avr_t *make_board(const char *elf, unsigned long clock_hz) {
  elf_firmware_t firmware;
  memset(&firmware, 0, sizeof firmware);
  if (elf_read_firmware(elf, &firmware)) exit(1);
  strcpy(firmware.mmcu, "atmega328p");
  firmware.frequency = clock_hz;
  firmware.vcc = firmware.avcc = firmware.aref = 5000;
  avr_t *board = avr_make_mcu_by_name(firmware.mmcu);
  avr_init(board);
  board->log = LOG_ERROR;
  board->sleep = on_sleep;
  avr_load_firmware(board, &firmware);
  uint32_t flags = 0;
  avr_ioctl(board, AVR_IOCTL_UART_GET_FLAGS('0'), &flags);
  flags &= ~(AVR_UART_FLAG_STDIO | AVR_UART_FLAG_POLL_SLEEP);
  avr_ioctl(board, AVR_IOCTL_UART_SET_FLAGS('0'), &flags);
  return board;
}

int main(int argc, char **argv) {
  const char *link = NULL, *i2c = NULL;
  unsigned long clock_hz = 16000000;
  double seconds = 1e9, speed = 0, gone_s = 0, back_s = 0;
  long samples = -1, garbage_at = -1, garbage = 0, reset_at = -1;
  unsigned pins = 0;
  if (argc < 2) return 2;
  for (int i = 2; i + 1 < argc; i += 2) {
    const char *key = argv[i], *value = argv[i + 1];
    if (!strcmp(key, "--link")) link = value;
    else if (!strcmp(key, "--analog") && pins < PINS) load_analog(pins++, value);
    else if (!strcmp(key, "--samples")) samples = atol(value);
    else if (!strcmp(key, "--seconds")) seconds = atof(value);
    else if (!strcmp(key, "--speed")) speed = atof(value);
    else if (!strcmp(key, "--log")) cycle_log = open_file(value, "wb");
    else if (!strcmp(key, "--uart")) uart_log = open_file(value, "wb");
    else if (!strcmp(key, "--corrupt")) corrupt = atof(value);
    else if (!strcmp(key, "--drop")) drop = atof(value);
    else if (!strcmp(key, "--double")) twice = atof(value);
    else if (!strcmp(key, "--seed")) random_state ^= strtoull(value, NULL, 10) * 2654435761ULL;
    else if (!strcmp(key, "--reset")) reset_at = atol(value);
    else if (!strcmp(key, "--clock")) clock_hz = strtoul(value, NULL, 10);
    else if (!strcmp(key, "--i2c")) i2c = value;
    else if (!strcmp(key, "--gone")) sscanf(value, "%lf:%lf", &gone_s, &back_s);
    else if (!strcmp(key, "--garbage")) sscanf(value, "%ld:%ld", &garbage_at, &garbage);
    else return fprintf(stderr, "board: what is %s?\n", key), 2;
  }
  avr = make_board(argv[1], clock_hz);
  if (i2c) max30102_plug_in(avr, i2c, gone_s, back_s);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_OUTPUT), on_uart, NULL);
  avr_irq_register_notify(avr_io_getirq(avr, AVR_IOCTL_ADC_GETIRQ, ADC_IRQ_OUT_TRIGGER), on_conversion, NULL);
  avr_irq_t *received = avr_io_getirq(avr, AVR_IOCTL_UART_GETIRQ('0'), UART_IRQ_INPUT);
  if (link) plug_in(link);

  const double started = seconds_now();
  const avr_cycle_count_t slice = avr->frequency / 1000;
  avr_cycle_count_t next = avr->cycle + slice;
  while (samples < 0 || conversions < samples) {
    int state = avr_run(avr);
    if (state == cpu_Done || state == cpu_Crashed) {
      fprintf(stderr, "board: the processor stopped (%d)\n", state);
      return 1;
    }
    if (avr->cycle < next) continue;
    next += slice;
    const double t = (double)avr->cycle / avr->frequency;
    if (t >= seconds) break;
    if (garbage_at >= 0 && conversions >= garbage_at) {
      for (garbage_at = -1; garbage > 0; garbage--) put(random_bits());
    }
    if (reset_at >= 0 && conversions >= reset_at) {
      reset_at = -1;
      avr_reset(avr);
    }
    if (master >= 0) {
      flush_line();
      unsigned char byte;
      if (read(master, &byte, 1) == 1) avr_raise_irq(received, byte);
    }
    if (speed > 0) {
      const double early = started + t / speed - seconds_now();
      if (early > 0) usleep(early * 1e6);
    }
  }
  if (link) unplug(link);
  if (cycle_log) fclose(cycle_log);
  if (uart_log) fclose(uart_log);
  const double simulated = (double)avr->cycle / avr->frequency, wall = seconds_now() - started;
  fprintf(stderr, "board: %.3f s in %.3f s, %ld conversions, %ld bytes sent, %ld damaged\n", simulated,
          wall, conversions, sent, damaged);
  return 0;
}
