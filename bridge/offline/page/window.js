'use strict';
// The page holds every sample. Of each line as many points are drawn as the window has pixels: the
// least and the greatest of each pixel's samples, so that no peak is lost, for the window and as
// much again on either side. Whoever moves sees what is there at once; the next is drawn after.

const data = JSON.parse(document.getElementById('data').textContent);
const plot = document.getElementById('plot');
const MARGIN = {l: 118, r: 226, t: 34, b: 26};
const MOST_PLAIN_MARKS = 500;   // more beats than this in a window would be a wall
const MOST_COLUMNS = 500;       // of a roll in the window
const ROW_PX = 84, NAME_PX = 17, SLIDER_PX = 48;
const LEAST_WINDOW_S = 0.5;
const PAUSE_MS = 120;
const HELD_S = 10;              // a value this old is none
const STEPS_S = [.05, .1, .2, .5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
const span = data.end - data.begin;

function numbers(text, kind) {
  return new kind(Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer);
}

for (const row of data.rows) {
  for (const line of row.lines ?? []) for (const run of line.runs) {
    run.values = numbers(run.values, Int16Array);
    if (run.times) run.times = numbers(run.times, Float32Array);
  }
  for (const roll of row.rolls ?? []) {
    roll.begins = Float64Array.from(numbers(roll.begins, Float32Array), t => t + data.begin);
    roll.ends = Float64Array.from(numbers(roll.ends, Float32Array), t => t + data.begin);
    roll.keys = numbers(roll.keys, Uint8Array);
    roll.velocities = numbers(roll.velocities, Uint8Array);
    roll.longest = roll.begins.reduce((most, t, k) => Math.max(most, roll.ends[k] - t), 0);
  }
}

// Times and values

const timeOf = (run, k) => run.times ? data.begin + run.times[k] : run.start + k * run.step;
const valueOf = (run, k) =>
  run.values[k] === -32768 ? null : run.low + (run.values[k] + 32767) * run.unit;

function firstFrom(count, time, t) {  // the first index whose time is not before t
  let low = 0, high = count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (time(middle) < t) low = middle + 1; else high = middle;
  }
  return low;
}

function clock(moment, digits = 0) {
  const t = moment - data.zero;
  const minus = t < 0 ? '−' : '', whole = Math.abs(t);
  const seconds = (whole % 60).toFixed(digits).padStart(digits ? 3 + digits : 2, '0');
  const minutes = Math.floor(whole / 60), hours = Math.floor(minutes / 60);
  const shown = hours ? `${hours}:${String(minutes % 60).padStart(2, '0')}` : minutes;
  return `${minus}${shown}:${seconds}`;
}

// As much of each row as a window shows

function thinned(line, from, to, buckets) {
  const x = [], y = [];
  for (const run of line.runs) {
    const count = run.values.length, time = k => timeOf(run, k);
    const first = Math.max(firstFrom(count, time, from) - 1, 0);
    const last = Math.min(firstFrom(count, time, to) + 1, count);
    if (first >= last) continue;
    if (x.length) { x.push(time(first)); y.push(null); }
    const each = Math.max(1, Math.ceil((last - first) / buckets));
    for (let k = first; k < last; k += each) {
      const stop = Math.min(k + each, last);
      let least = -1, most = -1, unknown = -1;
      for (let j = k; j < stop; j++) {
        const value = run.values[j];
        if (value === -32768) { unknown = j; continue; }
        if (least < 0 || value < run.values[least]) least = j;
        if (most < 0 || value > run.values[most]) most = j;
      }
      const shown = new Set([least, most, unknown].filter(j => j >= 0).sort((a, b) => a - b));
      for (const j of shown) { x.push(time(j)); y.push(valueOf(run, j)); }
    }
  }
  return {x, y};
}

function inside(mark, from, to, window) {
  const first = firstFrom(mark.t.length, k => mark.t[k], from);
  const last = firstFrom(mark.t.length, k => mark.t[k], to);
  const plain = mark.shape.startsWith('circle');
  if (plain && (last - first) * window / (to - from) > MOST_PLAIN_MARKS) return {x: [], y: []};
  return {x: mark.t.slice(first, last), y: mark.y.slice(first, last)};
}

// What sounds, as a picture: of each pitch and column how much of it sounds, and how hard.
function rolled(roll, from, to, columns) {
  const width = (to - from) / columns;
  const z = Array.from({length: roll.last - roll.first + 1}, () => new Float32Array(columns));
  const count = roll.begins.length;
  let most = 1;
  for (let k = firstFrom(count, j => roll.begins[j], from - roll.longest); k < count; k++) {
    const begin = (roll.begins[k] - from) / width, end = (roll.ends[k] - from) / width;
    if (begin >= columns) break;
    const line = z[roll.row.get(roll.keys[k]) - roll.first];
    const full = roll.velocities[k], share = full * Math.min(1, end - begin);
    const first = Math.max(0, Math.round(begin)), last = Math.max(first + 1, Math.round(end));
    for (let c = first; c < Math.min(last, columns); c++) {
      line[c] = Math.min(line[c] + share, Math.max(line[c], full));
      most = Math.max(most, line[c]);
    }
  }
  const x0 = from + width / 2;
  return {x0, dx: width, z: z.map(line => Array.from(line, v => v > 0 ? v : null)), zmax: most};
}
