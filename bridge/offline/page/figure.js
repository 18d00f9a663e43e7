'use strict';
// The rows as plotly's traces and layout, and filling them with what the window shows.

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
