// One card a heart: its number, its signal, its figures and minutes. Words and shapes, never colour alone.

import { h, number } from "./dom.js";
import { History } from "./charts.js";
import { Scope } from "./scope.js";

const FIGURES = [
  ["ibi", "Interval", "ms", 0],
  ["rmssd", "RMSSD", "ms", 0],
  ["sdnn", "SDNN", "ms", 0],
  ["breath", "Breath", "/min", 1],
  ["coherence", "Coherence", "%", 0],
  ["quality", "Quality", "%", 0],
];
const LINKS = { "no-contact": "connected, but touches no skin", reconnecting: "out of reach, looking for it" };
const SHAPES = { // filled, half, crossed: readable without colour
  live: "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z",
  searching: "M8 2a6 6 0 1 1 0 12zM8 2a6 6 0 1 0 0 12",
  lost: "M3 3 13 13M13 3 3 13",
  ended: "M3 8h10",
};

function shape(state) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[state] ?? SHAPES.searching);
  path.setAttribute("fill", state === "live" || state === "searching" ? "currentColor" : "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "2");
  svg.append(path);
  return svg;
}

export class Card {
  constructor(heart, { ask }) {
    this.heart = heart;
    this.lastBeat = null;
    const canvas = (label, className) => h("canvas", { role: "img", "aria-label": label, class: className });
    const scope = canvas(`Signal of ${heart.name}, last six seconds`, "scope");
    const charts = {
      tachogram: canvas(`Intervals of ${heart.name}, last minutes`),
      poincare: canvas(`Poincaré cloud of ${heart.name}`),
      trend: canvas(`RMSSD and SDNN of ${heart.name}, last minutes`),
    };
    this.word = h("span", { class: "word" });
    this.bpm = h("span");
    this.values = Object.fromEntries(FIGURES.map(([key]) => [key, h("span", {}, "–")]));
    this.recording = h("small");
    this.node = h("article", { class: `card h${((heart.number - 1) % 4) + 1}`, "aria-label": heart.name },
      h("div", { class: "top" },
        h("h3", {}, h("span", { class: "number" }, String(heart.number)), heart.name), this.word),
      h("div", { class: "figures" },
        h("p", { class: "bpm" }, this.bpm, h("span", { class: "unit" }, "bpm")),
        h("dl", {}, FIGURES.map(([key, name, unit]) => h("div", { "data-figure": key },
          h("dt", {}, name), h("dd", {}, this.values[key], h("span", { class: "unit" }, unit)))))),
      scope,
      h("div", { class: "charts" },
        h("figure", {}, charts.tachogram, h("figcaption", {}, "Intervals")),
        h("figure", {}, charts.poincare, h("figcaption", {}, "Poincaré")),
        h("figure", {}, charts.trend, h("figcaption", {}, "RMSSD ─  SDNN ┄"))),
      h("div", { class: "tools" },
        h("button", { on: { click: () => ask("relearn", { heart: heart.id }) } }, "Relearn"),
        h("button", { on: { click: () => ask("stop", { heart: heart.id }) } }, `Stop ${heart.name}`),
        h("small", {}, heart.source), this.recording));
    this.scope = new Scope(scope, heart.number);
    this.history = new History(heart.number, charts);
    this.known = {};
    this.state(heart.state);
    this.show();
  }

  update(heart) {
    this.heart = heart;
    this.state(heart.state);
    this.recording.textContent = heart.recording ? "● recording" : "";
  }

  state(state) {
    this.heart.state = state;
    const link = LINKS[this.heart.link];
    const battery = this.heart.battery !== null && this.heart.battery !== undefined ? `, battery ${this.heart.battery} %` : "";
    const predicted = this.heart.predicted ? ", beats predicted" : "";
    this.word.replaceChildren(shape(state), h("span", {}, (link ? `${state}: ${link}` : state) + predicted + battery));
    this.scope.empty = state === "lost";
    this.node.classList.toggle("stale", state !== "live");
    if (state !== "live") this.show();
  }

  beat(event) {
    this.lastBeat = performance.now();
    this.scope.beat(event.t, event.s);
    if (event.ibi !== null) {
      this.known.ibi = event.ibi;
      this.history.interval(event.t, event.ibi);
    }
    if (event.bpm !== null) this.known.bpm = event.bpm;
    this.show();
  }

  measures(event) {
    Object.assign(this.known, event.v);
    if ("rmssd" in event.v || "sdnn" in event.v) this.history.measure(event.t, event.v.rmssd ?? null, event.v.sdnn ?? null);
    this.show();
  }

  /** Nothing known is a dash; what is old is dimmed and says how old it is, in the card's word. */
  show() {
    this.bpm.textContent = number(this.known.bpm);
    for (const [key, , , digits] of FIGURES) {
      const value = this.known[key];
      this.values[key].textContent = number(value === undefined || value === null ? null : key === "quality" || key === "coherence" ? value * 100 : value, digits);
      const optional = key === "breath" || key === "coherence";
      this.values[key].closest("[data-figure]").hidden = optional && value === undefined;
    }
  }

  /** In words how long nothing has been heard; called once a second. */
  age() {
    if (this.heart.state !== "lost" || this.lastBeat === null) return;
    const seconds = Math.round((performance.now() - this.lastBeat) / 1000);
    this.word.lastChild.textContent = `lost: last beat ${seconds} s ago`;
  }
}
