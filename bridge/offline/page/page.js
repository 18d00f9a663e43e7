'use strict';
// The page: values under the pointer, keys, and the beginning of all.

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
