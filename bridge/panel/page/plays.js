// What the hearts play: sound here, MIDI, OSC, the Live device, styles, and receivers with their rows.

import { $, choice, field, fill, h, notice } from "./dom.js";
import { ink, Surface } from "./colours.js";

export class Plays {
  constructor(ask) {
    this.ask = ask;
    this.meters = new Map();
    this.sound = h("div", { class: "box" });
    this.midi = h("div", { class: "box" });
    this.style = h("div", { class: "box" });
    this.osc = h("div", { class: "box" });
    this.live = h("div", { class: "box" });
    this.receivers = h("div", { class: "box", hidden: true });
    $("outputs").append(this.sound, this.style, this.midi, this.osc, this.live, this.receivers);
    this.styles = [];
    this.report = "";
  }

  async say(what, args, done) {
    const answer = await this.ask(what, args);
    if (!answer.ok) notice(answer.error, true);
    else if (done) notice(done);
    return answer;
  }

  head(title, ...tools) {
    return h("div", { class: "head" }, h("h3", {}, title), ...tools);
  }

  meter(key) {
    const bar = h("i");
    this.meters.set(key, bar);
    return h("div", { class: "meter", role: "presentation" }, bar);
  }

  show(values) {
    for (const [key, level] of Object.entries(values)) {
      const bar = this.meters.get(key);
      if (bar) bar.style.width = `${Math.round(level * 100)}%`;
    }
  }

  update(outputs) {
    this.styles = outputs.styles;
    fill(this.sound, this.head("Sound here",
      h("button", { "data-key": "sound", "aria-pressed": String(outputs.sound.on), on: { click: () => this.say("sound", { on: !outputs.sound.on }) } },
        outputs.sound.on ? "On" : "Off")),
      outputs.sound.error ? h("p", { class: "promise" }, outputs.sound.error) : null, this.meter("sound"));
    const chosen = outputs.styles.find((style) => style.name === outputs.style.name);
    fill(this.style, this.head("Style",
      h("button", { "data-key": "style", "aria-pressed": String(outputs.style.on), on: { click: () => this.say("style", { on: !outputs.style.on, name: select.value }) } },
        outputs.style.on ? "Playing" : "Play")),
      h("div", { class: "pair" }, field("How the heart becomes music", this.select(outputs))),
      h("p", { class: "promise" }, chosen ? chosen.promise : ""));
    const select = this.style.querySelector("select");
    fill(this.midi, this.head("MIDI"),
      field("Port", choice([["", "none"], ...outputs.midi.ports], outputs.midi.port ?? "", (port) => this.say("midi", { port: port || null }))),
      outputs.midi.error ? h("p", { class: "promise" }, outputs.midi.error) : null, this.meter("midi"));
    const target = h("input", { type: "text", maxlength: "120", placeholder: "127.0.0.1:9000", "aria-label": "Another OSC target, HOST:PORT" });
    fill(this.osc, this.head("OSC"),
      h("ul", { class: "stack" }, outputs.targets.map((text) => h("li", { class: "what" }, h("span", {}, text), " ",
        h("button", { class: "quiet", "data-key": `no-${text}`, on: { click: () => this.say("target.remove", { target: text }) } }, `Remove ${text}`)))),
      h("div", { class: "pair" }, target, h("button", { on: { click: () => this.say("target.add", { target: target.value.trim() }) } }, "Add")), this.meter("osc"));
    fill(this.live, this.head("Ableton Live",
      h("button", { "data-key": "device", on: { click: () => this.check() } }, "Check the device")),
      h("p", { class: "promise" }, "The Max for Live device Beatbridge, on this computer, hears the hearts on the first OSC target."),
      this.report ? h("pre", {}, this.report) : null);
    this.outputs = outputs;
  }

  select(outputs) {
    return choice(outputs.styles.map((style) => [style.name, style.name]), outputs.style.name, (name) => this.say("style", { on: outputs.style.on, name }));
  }

  async check() {
    this.report = "asking the device …";
    this.update(this.outputs);
    const answer = await this.ask("device.check");
    this.report = answer.ok ? answer.report : answer.error;
    this.update(this.outputs);
  }

  rows({ receivers, used, sources }) {
    this.receivers.hidden = false;
    const add = choice([["", "choose a receiver …"], ...receivers.map((each) => [each.name, `${each.title} (${each.known})`])], "", (name) => name && this.say("receiver.add", { name }));
    fill(this.receivers, this.head("Receivers"), field("Move another program", add),
      used.map((receiver) => h("div", { class: "stack" },
        h("div", { class: "head" }, h("h3", {}, receiver.title),
          h("button", { class: "quiet", "data-key": `rm-${receiver.name}`, on: { click: () => this.say("receiver.remove", { name: receiver.name }) } }, `Remove ${receiver.title}`)),
        receiver.note ? h("p", { class: "promise" }, receiver.note) : null,
        receiver.rows.map((row, index) => this.row(receiver, row, index, sources)))));
  }

  row(receiver, row, index, sources) {
    const set = (key, value) => this.say("row.set", { name: receiver.name, index, key, value });
    const curve = h("canvas", { class: "curve", role: "img", "aria-label": `Curve ${row.curve} from ${row.min} to ${row.max}` });
    const surface = new Surface(curve);
    requestAnimationFrame(() => paintCurve(surface, row));
    const numeric = (key, label) => field(label, h("input", { type: "number", step: "any", value: String(row[key]), on: { change: (event) => set(key, Number(event.target.value)) } }));
    return h("div", { class: "row" },
      h("div", { class: "what" }, h("span", {}, `${row.from} → ${row.to}`),
        h("button", { "data-key": `move-${receiver.name}-${index}`, on: { click: () => this.say("row.move", { name: receiver.name, index }, "moving it up and down once") } }, "Move it now")),
      this.meter(`${receiver.name}/${index}`),
      h("details", {}, h("summary", {}, "Range, curve and smoothing"),
        h("div", { class: "grid3" },
          field("From", choice(sources, row.from, (value) => set("from", value))),
          numeric("min", "Min"), numeric("max", "Max"),
          field("Curve", choice(["linear", "exp", "log", "power"], row.curve, (value) => set("curve", value))),
          numeric("smoothing_s", "Smoothing, s")), curve));
  }
}

const BEND = { linear: (x) => x, exp: (x) => (10 ** x - 1) / 9, log: (x) => Math.log10(1 + 9 * x), power: (x) => x * x };

function paintCurve(surface, row) {
  const context = surface.begin();
  if (!context) return;
  const bend = BEND[row.curve] ?? BEND.linear;
  const up = row.max >= row.min;
  context.strokeStyle = ink.text;
  context.lineWidth = 1.5;
  context.beginPath();
  for (let i = 0; i <= 60; i++) {
    const level = bend(i / 60);
    const y = surface.height * (0.9 - 0.8 * (up ? level : 1 - level));
    if (i) context.lineTo((i / 60) * surface.width, y);
    else context.moveTo(0, y);
  }
  context.stroke();
}
