// The signal of one heart over the last seconds, with a mark on every beat at the beat's own time.

import { colour, ink, pattern, Surface } from "./colours.js";

const SECONDS = 6;
const ROOM = 8192;
const MARGIN = 0.12;

export class Scope {
  constructor(canvas, number) {
    this.surface = new Surface(canvas);
    this.number = number;
    this.empty = false; // a lost heart is no flat line, but nothing
    this.t = new Float64Array(ROOM);
    this.v = new Float32Array(ROOM);
    this.clear();
  }

  clear() {
    this.head = 0;
    this.size = 0;
    this.beats = [];
    this.low = NaN;
    this.high = NaN;
    this.shown = 0;
  }

  /** Values from t on, step seconds apart. */
  push(t, step, values) {
    if (this.size && t < this.newest() - 1) this.clear(); // the heart began anew
    for (let i = 0; i < values.length; i++) {
      this.t[this.head] = t + i * step;
      this.v[this.head] = values[i];
      this.head = (this.head + 1) % ROOM;
    }
    this.size = Math.min(ROOM, this.size + values.length);
    this.arrived = performance.now();
  }

  beat(t, strength) {
    this.beats.push([t, strength]);
    while (this.beats.length && this.beats[0][0] < t - SECONDS - 1) this.beats.shift();
  }

  newest() {
    return this.t[(this.head + ROOM - 1) % ROOM];
  }

  /** The right edge moves evenly and never past what is known, so that nothing moves without data. */
  edge(now) {
    const newest = this.newest();
    const wanted = Math.min(newest, this.shown + (now - (this.painted ?? now)) / 1000);
    this.shown = newest - wanted > 0.35 || wanted > newest ? newest - 0.05 : wanted;
    this.painted = now;
    return this.shown;
  }

  paint(now) {
    const context = this.surface.begin();
    if (!context || !this.size || this.empty) return;
    const { width, height } = this.surface;
    const end = this.edge(now);
    const begin = end - SECONDS;
    const columns = Math.ceil(width);
    const low = new Float32Array(columns).fill(Infinity);
    const high = new Float32Array(columns).fill(-Infinity);
    let least = Infinity, most = -Infinity;
    for (let k = 1; k <= this.size; k++) {
      const at = (this.head + ROOM - k) % ROOM;
      const t = this.t[at];
      if (t < begin) break;
      if (t > end) continue;
      const column = Math.min(columns - 1, Math.floor(((t - begin) / SECONDS) * width));
      const value = this.v[at];
      if (value < low[column]) low[column] = value;
      if (value > high[column]) high[column] = value;
      if (value < least) least = value;
      if (value > most) most = value;
    }
    if (most > least) this.follow(least, most);
    if (!(this.high > this.low)) return;
    const y = (value) => height * (1 - MARGIN) - ((value - this.low) / (this.high - this.low)) * height * (1 - 2 * MARGIN);
    this.marks(context, begin, width, height);
    context.strokeStyle = colour(this.number);
    context.lineWidth = 1.5;
    context.lineJoin = "round";
    context.beginPath();
    let before = -2;
    for (let x = 0; x < columns; x++) {
      if (low[x] === Infinity) continue;
      if (x - before > 4) context.moveTo(x, y(high[x]));
      else context.lineTo(x, y(high[x]));
      if (high[x] > low[x]) context.lineTo(x, y(low[x]));
      before = x;
    }
    context.stroke();
  }

  follow(least, most) {
    if (!(this.high > this.low)) [this.low, this.high] = [least, most];
    this.low = least < this.low ? least : this.low + (least - this.low) * 0.02;
    this.high = most > this.high ? most : this.high + (most - this.high) * 0.02;
  }

  marks(context, begin, width, height) {
    context.strokeStyle = ink.second;
    context.lineWidth = 1;
    context.setLineDash(pattern(this.number));
    context.beginPath();
    for (const [t] of this.beats) {
      const x = Math.round(((t - begin) / SECONDS) * width) + 0.5;
      if (x < 0 || x > width) continue;
      context.moveTo(x, height * 0.06);
      context.lineTo(x, height * 0.94);
    }
    context.stroke();
    context.setLineDash([]);
    context.fillStyle = colour(this.number);
    for (const [t, strength] of this.beats) {
      const x = ((t - begin) / SECONDS) * width;
      if (x < 0 || x > width) continue;
      const r = 3 + 3 * strength;
      context.beginPath();
      context.moveTo(x, r * 2);
      context.lineTo(x - r, 0);
      context.lineTo(x + r, 0);
      context.fill();
    }
  }
}
