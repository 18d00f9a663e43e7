// What the hearts play: sound here, MIDI, OSC, the Live device and styles. Receivers have a file of their own.

import { $, choice, fill, h, notice } from "./dom.js";
import { Meter } from "./meter.js";

export class Plays {
  constructor(ask) {
    this.ask = ask;
    this.meters = { sound: new Meter(), midi: new Meter() };
    this.rate = h("small", {});
    this.sound = h("div", { class: "box" });
    this.midi = h("div", { class: "box" });
    this.style = h("div", { class: "box" });
    this.osc = h("div", { class: "box" });
    this.live = h("div", { class: "box" });
    $("outputs").append(this.sound, this.style, this.midi, this.osc, this.live);
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
    return h("div", { class: "head" }, h("h3", {}, title), ...tools.filter(Boolean));
  }

  /** What has just left, by output. */
  show(values) {
    for (const [key, meter] of Object.entries(this.meters)) if (values[key]) meter.show(values[key]);
    if (values.osc) this.rate.textContent = values.osc[1];
  }

  update(outputs) {
    this.styles = outputs.styles;
    fill(this.sound, this.head("Sound here",
      h("button", { "data-key": "sound", "aria-pressed": String(outputs.sound.on), on: { click: () => this.say("sound", { on: !outputs.sound.on }) } },
        outputs.sound.on ? "On" : "Off")),
      outputs.sound.error ? h("p", { class: "promise" }, outputs.sound.error) : null, outputs.sound.on ? this.meters.sound.node : null);
    const chosen = outputs.styles.find((style) => style.name === outputs.style.name);
    const named = (label, select) => {
      select.setAttribute("aria-label", label);
      return select;
    };
    const style = named("Style", choice(outputs.styles.map((each) => each.name), outputs.style.name, (name) => this.say("style", { on: outputs.style.on, name })));
    fill(this.style, this.head("Style", style,
      h("button", { "data-key": "style", "aria-pressed": String(outputs.style.on), on: { click: () => this.say("style", { on: !outputs.style.on, name: style.value }) } },
        outputs.style.on ? "Playing" : "Play")),
      h("p", { class: "promise" }, chosen ? chosen.promise : ""));
    fill(this.midi, this.head("MIDI",
      named("MIDI port", choice([["", "none"], ...outputs.midi.ports], outputs.midi.port ?? "", (port) => this.say("midi", { port: port || null })))),
      outputs.midi.error ? h("p", { class: "promise" }, outputs.midi.error) : null, outputs.midi.port ? this.meters.midi.node : null);
    const target = h("input", { type: "text", maxlength: "120", placeholder: "127.0.0.1:9000", "aria-label": "Another OSC target, HOST:PORT" });
    const add = () => this.say("target.add", { target: target.value.trim() });
    target.addEventListener("keydown", (event) => event.key === "Enter" && add());
    fill(this.osc, this.head("OSC", outputs.targets.length ? this.rate : null),
      h("ul", { class: "stack" }, outputs.targets.map((text) => h("li", { class: "pair" }, h("span", {}, text),
        h("button", { class: "quiet", "aria-label": `Remove ${text}`, "data-key": `no-${text}`, on: { click: () => this.say("target.remove", { target: text }) } }, "Remove")))),
      h("div", { class: "pair" }, target, h("button", { on: { click: add } }, "Add")));
    fill(this.live, this.head("Ableton Live",
      h("button", { "data-key": "device", on: { click: () => this.check() } }, "Check the device")),
      h("p", { class: "promise" }, "The Max for Live device Beatbridge, on this computer, hears the hearts on the first OSC target."),
      this.report ? h("pre", {}, this.report) : null);
    this.outputs = outputs;
  }

  async check() {
    this.report = "asking the device …";
    this.update(this.outputs);
    const answer = await this.ask("device.check");
    this.report = answer.ok ? answer.report : answer.error;
    this.update(this.outputs);
  }
}
