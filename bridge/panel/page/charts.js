// The heart over minutes: intervals, the Poincare cloud, and the trend of RMSSD and SDNN with markers.

import { colour, ink, pattern, Surface } from "./colours.js";

const MINUTES = 5;
const MOST = 1200;

export class History {
  constructor(number, canvases) {
    this.number = number;
    this.tachogram = new Surface(canvases.tachogram);
    this.poincare = new Surface(canvases.poincare);
    this.trend = new Surface(canvases.trend);
    this.clear();
  }

  clear() {
    this.intervals = []; // [t, ms]
    this.measures = []; // [t, rmssd, sdnn]
    this.markers = []; // [t, text]
    this.stale = true;
  }

  interval(t, ms) {
    if (this.intervals.length && t < this.intervals.at(-1)[0]) this.clear();
    this.intervals.push([t, ms]);
    if (this.intervals.length > MOST) this.intervals.shift();
    this.stale = true;
  }

  measure(t, rmssd, sdnn) {
    if (rmssd === null && sdnn === null) return;
    this.measures.push([t, rmssd, sdnn]);
    if (this.measures.length > MOST) this.measures.shift();
    this.stale = true;
  }

  marker(t, text) {
    this.markers.push([t, text]);
    this.stale = true;
  }

  /** Drawn when something came, at most a few times a second: none of it moves by itself. */
  paint() {
    if (!this.stale) return;
    this.stale = false;
    this.paintTachogram();
    this.paintPoincare();
    this.paintTrend();
  }

  span() {
    const end = Math.max(this.intervals.at(-1)?.[0] ?? 0, this.measures.at(-1)?.[0] ?? 0);
    const first = Math.min(this.intervals[0]?.[0] ?? end, this.measures[0]?.[0] ?? end);
    return [Math.max(first, end - MINUTES * 60), Math.max(end, first + 20)];
  }

  paintTachogram() {
    const context = this.tachogram.begin();
    const [begin, end] = this.span();
    const points = this.intervals.filter(([t]) => t >= begin);
    if (!context || points.length < 2) return;
    const { width, height } = this.tachogram;
    const [low, high] = limits(points.map(([, ms]) => ms), 60);
    axis(context, width, height, low, high, "ms");
    context.strokeStyle = colour(this.number);
    context.lineWidth = 1.5;
    context.beginPath();
    let before = null;
    for (const [t, ms] of points) {
      const x = ((t - begin) / (end - begin)) * width;
      const y = height - 4 - ((ms - low) / (high - low)) * (height - 8);
      if (before === null || t - before > 2.6) context.moveTo(x, y);
      else context.lineTo(x, y);
      before = t;
    }
    context.stroke();
  }

  paintPoincare() {
    const context = this.poincare.begin();
    if (!context || this.intervals.length < 3) return;
    const { width, height } = this.poincare;
    const side = Math.min(width, height);
    const recent = this.intervals.slice(-300);
    const [low, high] = limits(recent.map(([, ms]) => ms), 100);
    const place = (ms) => 4 + ((ms - low) / (high - low)) * (side - 8);
    context.strokeStyle = ink.line;
    context.lineWidth = 1;
    context.beginPath();
    context.moveTo(4, side - 4);
    context.lineTo(side - 4, 4);
    context.stroke();
    context.fillStyle = colour(this.number);
    for (let i = 1; i < recent.length; i++) {
      if (recent[i][0] - recent[i - 1][0] > 2.6) continue;
      context.globalAlpha = 0.25 + 0.75 * (i / recent.length);
      context.beginPath();
      context.arc(place(recent[i - 1][1]), side - place(recent[i][1]), 2, 0, 7);
      context.fill();
    }
    context.globalAlpha = 1;
  }

  paintTrend() {
    const context = this.trend.begin();
    const [begin, end] = this.span();
    const points = this.measures.filter(([t]) => t >= begin);
    if (!context || points.length < 2) return;
    const { width, height } = this.trend;
    const values = points.flatMap(([, a, b]) => [a, b]).filter((value) => value !== null);
    const [low, high] = limits([0, ...values], 20);
    axis(context, width, height, low, high, "ms");
    const x = (t) => ((t - begin) / (end - begin)) * width;
    const y = (value) => height - 4 - ((value - low) / (high - low)) * (height - 8);
    const line = (at, dash, style) => {
      context.strokeStyle = style;
      context.setLineDash(dash);
      context.lineWidth = 1.5;
      context.beginPath();
      let open = false;
      for (const point of points) {
        if (point[at] === null) open = false;
        else if (open) context.lineTo(x(point[0]), y(point[at]));
        else { context.moveTo(x(point[0]), y(point[at])); open = true; }
      }
      context.stroke();
      context.setLineDash([]);
    };
    line(1, [], colour(this.number));
    line(2, pattern(2), ink.second);
    context.fillStyle = ink.text;
    context.strokeStyle = ink.text;
    context.font = "11px system-ui, sans-serif";
    for (const [t, text] of this.markers) {
      if (t < begin) continue;
      const at = Math.round(x(t)) + 0.5;
      context.beginPath();
      context.moveTo(at, 0);
      context.lineTo(at, height);
      context.stroke();
      const name = text.slice(0, 18), room = context.measureText(name).width + 3;
      context.fillText(name, at + room < width ? at + 3 : at - room, height - 6);
    }
  }
}

function limits(values, least) {
  let low = Math.min(...values), high = Math.max(...values);
  const missing = least - (high - low);
  if (missing > 0) [low, high] = [low - missing / 2, high + missing / 2];
  return [low, high];
}

function axis(context, width, height, low, high, unit) {
  context.fillStyle = ink.second;
  context.font = "11px system-ui, sans-serif";
  context.fillText(`${Math.round(high)} ${unit}`, 2, 10);
  context.fillText(`${Math.round(low)}`, 2, height - 3);
}
