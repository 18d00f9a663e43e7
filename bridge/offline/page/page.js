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

// The figure

for (const row of data.rows) {  // its lines are named beside it
  const named = [row.lines, row.marks, row.rolls].reduce((sum, each) => sum + (each?.length ?? 0), 1);
  row.height = Math.max(row.height, (named + 1) * NAME_PX / ROW_PX);
}
const total = data.rows.reduce((sum, row) => sum + row.height, 0);
const GAP = .14 / total;
const traces = [], refill = [], layout = {
  margin: MARGIN, showlegend: false, hovermode: false, dragmode: 'pan',
  paper_bgcolor: '#fff', plot_bgcolor: '#fff', font: {size: 11, color: '#444'},
  shapes: [], annotations: [],
  xaxis: {
    range: [data.begin, data.end], minallowed: data.begin, maxallowed: data.end,
    showgrid: true, gridcolor: '#eee', zeroline: false, ticks: 'outside', tickmode: 'array',
  },
};

let top_ = 1;
data.rows.forEach((row, number) => {
  const id = number ? String(number + 1) : '';
  const share = row.height / total;
  row.domain = [Math.max(top_ - share + GAP, 0), top_];
  row.axis = `yaxis${id}`;
  top_ -= share;
  layout[row.axis] = {
    domain: row.domain, fixedrange: true, zeroline: false, gridcolor: '#eee', nticks: 5,
    tickfont: {size: 10}, ...row.log ? {type: 'log', dtick: 1} : {},
  };
  if (row.range) Object.assign(layout[row.axis], {range: row.range, tickvals: [0, 64, 127]});
  const on = {yaxis: `y${id}`, xaxis: 'x'};
  for (const line of row.lines ?? []) {
    const shape = line.stepped ? 'hv' : 'linear';
    traces.push({...on, type: 'scatter', mode: 'lines', name: line.name, x: [], y: [],
      line: {color: line.colour, width: 1.1, shape}});
    refill.push((from, to, window, pixels) =>
      thinned(line, from, to, Math.ceil(pixels * (to - from) / window)));
  }
  for (const mark of row.marks ?? []) {
    const plain = mark.shape.startsWith('circle');
    traces.push({...on, type: 'scatter', mode: 'markers', name: mark.name, x: [], y: [],
      marker: {color: mark.colour, symbol: mark.shape, size: plain ? 5 : 9,
               line: {color: plain ? mark.colour : '#fff', width: plain ? 1 : .6}}});
    refill.push((from, to, window) => inside(mark, from, to, window));
  }
  for (const roll of row.rolls ?? []) {
    roll.row = new Map(row.pitches.map((pitch, k) => [pitch, k]));
    const own = roll.pitches.map(pitch => roll.row.get(pitch));
    [roll.first, roll.last] = [Math.min(...own), Math.max(...own)];
    traces.push({...on, type: 'heatmap', name: roll.name, z: [[null]], showscale: false, zmin: 0,
      y0: roll.first, dy: 1, ygap: row.pitches.length > 30 ? 0 : 1.5,
      colorscale: [[0, roll.colour + '28'], [1, roll.colour]]});
    refill.push((from, to, window) => rolled(
      roll, from, to, Math.ceil(MOST_COLUMNS * (to - from) / window)));
  }
  if (row.rolls) {
    const every = Math.ceil(row.pitches.length * 10 / (ROW_PX * row.height));
    const shown = row.pitches.map((_, k) => k).filter(k => k % every === 0);
    Object.assign(layout[row.axis], {range: [-.6, row.pitches.length - .4], showgrid: false,
      tickvals: shown, ticktext: shown.map(k => row.pitch_names[row.pitches[k]] ?? row.pitches[k])});
  }
});
layout.xaxis.anchor = `y${data.rows.length > 1 ? data.rows.length : ''}`;

// One slider for all: the heart rate, or the first line there is, on an axis of its own.
const overview = (data.rows.find(row => row.slider) ?? data.rows.find(row => row.lines)).lines[0];
const whole = thinned(overview, data.begin, data.end, 600);
const known = whole.y.filter(v => v !== null);
layout.yaxis99 = {domain: [0, .0005], fixedrange: true, showticklabels: false, showgrid: false,
  zeroline: false, anchor: 'x2',
  range: [Math.min(...known), Math.max(...known)]};
layout.xaxis2 = {
  matches: 'x', anchor: 'y99', showticklabels: false, showgrid: false, zeroline: false,
  range: [data.begin, data.end], minallowed: data.begin, maxallowed: data.end,
  rangeslider: {bgcolor: '#f6f7fa', bordercolor: '#ccd', borderwidth: 1,
                range: [data.begin, data.end]},
};
traces.push({type: 'scatter', mode: 'lines', x: whole.x, y: whole.y, xaxis: 'x2', yaxis: 'y99',
  line: {color: overview.colour, width: 1}});

for (const phase of data.phases) {
  layout.shapes.push({type: 'rect', xref: 'x', yref: 'paper', x0: phase.from, x1: phase.to,
    y0: 0, y1: 1, fillcolor: phase.colour, opacity: .22, line: {width: 0}, layer: 'below'});
  const name = phase.name.replace(/&/g, '&amp;').replace(/</g, '&lt;');
  layout.annotations.push({xref: 'x', yref: 'paper', x: phase.from, y: 1, text: `<b>${name}</b>`,
    showarrow: false, xanchor: 'left', yanchor: 'bottom', font: {color: '#333'}});
}
for (const [x0, x1] of data.gaps) {
  layout.shapes.push({type: 'rect', xref: 'x', yref: 'paper', x0, x1, y0: 0, y1: 1,
    fillcolor: '#888', opacity: .25, line: {width: 0}, layer: 'below'});
}

// Filling it

let axis, shown;  // shown: from where to where the rows are filled

function ticks(from, to, window, pixels) {
  const step = STEPS_S.find(each => window / each <= pixels / 80) ?? 86400;
  const tickvals = [];
  for (let k = Math.ceil((from - data.zero) / step); data.zero + k * step <= to; k++) {
    tickvals.push(data.zero + k * step);
  }
  const digits = step < .1 ? 2 : step < 1 ? 1 : 0;
  return {tickvals, ticktext: tickvals.map(t => clock(t, digits))};
}

function filled() {
  const [from, to] = axis?.range ?? [data.begin, data.end], window = to - from;
  const pixels = axis?._length ?? plot.clientWidth - MARGIN.l - MARGIN.r;
  const first = Math.max(from - window, data.begin), last = Math.min(to + window, data.end);
  const change = {};
  shown = [first, last];
  refill.forEach((make, trace) => {
    for (const [key, value] of Object.entries(make(first, last, window, pixels))) {
      (change[key] ??= new Array(refill.length).fill(undefined))[trace] = value;
    }
  });
  const marks = ticks(first, last, window, pixels);
  const relaid = {'xaxis.tickvals': marks.tickvals, 'xaxis.ticktext': marks.ticktext};
  data.rows.forEach((row, number) => {  // a signal fills its row, wherever its baseline is
    if (!row.follow) return;
    const {y} = thinned(row.lines[0], from, to, pixels), values = y.filter(v => v !== null);
    if (!values.length) return;
    values.sort((a, b) => a - b);
    const [low, high] = [.001, .999].map(share => values[Math.floor(share * (values.length - 1))]);
    relaid[`${row.axis}.range`] = [low - .12 * (high - low || 1), high + .16 * (high - low || 1)];
  });
  return {change, relaid};
}

async function fill() {
  const {change, relaid} = filled();
  await Plotly.update(plot, change, relaid, [...refill.keys()]);
  plot.dispatchEvent(new Event('filled'));
}

let timer;
function moved() {  // while there is something to see, nobody is kept waiting for more of it
  clearTimeout(timer);
  const there = shown[0] <= axis.range[0] && axis.range[1] <= shown[1];
  timer = setTimeout(fill, there ? PAUSE_MS : 0);
}

// Beside each row: its lines, and their values under the pointer

const cursor = document.createElement('div');
cursor.id = 'cursor';
const now = document.getElementById('now');
const readings = [];

function element(kind, text, inside) {
  const made = document.createElement(kind);
  if (text) made.textContent = text;
  inside?.append(made);
  return made;
}

for (const row of data.rows) {
  row.beside = element('div', '', plot);
  row.beside.className = 'beside';
  element('b', row.unit ? `${row.name}, ${row.unit}` : row.name, row.beside);
  const reading = (name, colour, read) => {
    const place = element('span', '', row.beside);
    if (name) element('span', name, place).style.color = colour;
    else place.className = 'sounding';
    readings.push([element('output', '', place), read]);
  };
  for (const line of row.lines ?? []) {
    reading(line.name, line.colour, t => {
      for (const run of line.runs) {
        const next = firstFrom(run.values.length, k => timeOf(run, k), t), k = next - !line.ends;
        const held = line.stepped && next < run.values.length ? span : HELD_S;
        if (k < 0 || k >= run.values.length || Math.abs(timeOf(run, k) - t) > held) continue;
        const value = valueOf(run, k);
        if (value !== null) return said(value);
      }
      return '';
    });
  }
  for (const mark of row.marks ?? []) {
    if (mark.name === 'interval') continue;  // its value stands there already
    reading(mark.name, mark.colour, t => {
      const k = firstFrom(mark.t.length, j => mark.t[j], t), ends = row.unit && mark.t[k];
      if (ends && ends - mark.y[k] / 1000 <= t) return said(mark.y[k]);
      return mark.name === 'beat' ? `${k} of ${mark.t.length}` : `${mark.t.length} in all`;
    });
  }
  for (const roll of row.rolls ?? []) {
    if (row.rolls.length > 1) element('span', roll.name, element('span', '', row.beside)).style.color = roll.colour;
  }
  if (row.rolls) reading('', '', t => {
    const sounding = [];
    for (const roll of row.rolls) {
      let k = firstFrom(roll.begins.length, j => roll.begins[j], t - roll.longest);
      for (; k < roll.begins.length && roll.begins[k] <= t; k++) {
        if (roll.ends[k] > t) sounding.push(`${row.pitch_names[roll.keys[k]]} (${roll.velocities[k]})`);
      }
    }
    return sounding.join(', ');
  });
}

function said(value) {
  return Number(value.toPrecision(5)).toLocaleString('en', {maximumFractionDigits: 4});
}

function place() {
  const {h, t} = plot._fullLayout._size;
  for (const row of data.rows) {
    row.beside.style.top = `${t + h * (1 - row.domain[1])}px`;
    row.beside.style.height = `${h * (row.domain[1] - row.domain[0]) + 2}px`;
  }
  cursor.style.top = `${t}px`;
  cursor.style.height = `${h}px`;
}

function point(event) {
  const box = plot.getBoundingClientRect(), x = event.clientX - box.left - axis._offset;
  const t = axis.p2d(x), within = x >= 0 && x <= axis._length;
  cursor.style.display = within ? 'block' : 'none';
  cursor.style.left = `${x + axis._offset}px`;
  const phase = data.phases.find(each => each.from <= t && t < each.to);
  now.textContent = within ? clock(t, 3) + (phase ? ` · ${phase.name}` : '') : '';
  for (const [output, read] of readings) output.textContent = within ? read(t) : '';
}

// Keys: what the mouse can, without one

function move(from, to) {
  const window = Math.min(Math.max(to - from, LEAST_WINDOW_S), span);
  const start = Math.min(Math.max((from + to - window) / 2, data.begin), data.end - window);
  return Plotly.relayout(plot, {'xaxis.range': [start, start + window]});
}

document.addEventListener('keydown', event => {
  const [from, to] = axis.range, window = to - from;
  const moves = {
    ArrowLeft: [from - window / 4, to - window / 4], ArrowRight: [from + window / 4, to + window / 4],
    '+': [from + window / 4, to - window / 4], '-': [from - window / 2, to + window / 2],
    '0': [data.begin, data.end],
  };
  if (event.ctrlKey || event.metaKey || event.altKey || !moves[event.key]) return;
  event.preventDefault();
  move(...moves[event.key]);
});

async function start() {
  plot.style.height = `${Math.max(innerHeight - 64, ROW_PX * total + 130)}px`;
  const first = filled();
  for (const [path, value] of Object.entries(first.relaid)) {
    const [of, key] = path.split('.');
    layout[of][key] = value;
  }
  layout.xaxis2.rangeslider.thickness = SLIDER_PX / plot.clientHeight;
  refill.forEach((_, trace) => {
    for (const key in first.change) {
      if (first.change[key][trace] !== undefined) traces[trace][key] = first.change[key][trace];
    }
  });
  await Plotly.newPlot(plot, traces, layout, {
    responsive: true, scrollZoom: true, displaylogo: false, doubleClick: 'reset',
    modeBarButtonsToRemove: ['select2d', 'lasso2d', 'autoScale2d'],
  });
  axis = plot._fullLayout.xaxis;
  plot.append(cursor);
  place();
  plot.on('plotly_relayout', moved);
  plot.on('plotly_afterplot', () => { axis = plot._fullLayout.xaxis; place(); });
  plot.addEventListener('mousemove', point);
  plot.addEventListener('mouseleave', point);
}

start();
