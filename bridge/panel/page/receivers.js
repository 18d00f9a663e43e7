// Receivers: other programs that the hearts move, with their rows. A row is changed in place, while it plays.

import { $, choice, field, fill, h, notice } from "./dom.js";
import { ink, Surface } from "./colours.js";
import { Meter } from "./meter.js";

const CURVES = ["linear", "exp", "log", "power"];
const FIRST = "the first heart";
const GROUP = "group";
const ALL = "all together";

export class Receivers {
  constructor(ask) {
    this.ask = ask;
    this.names = [];
    this.views = new Map();
    this.chooser = h("div", {});
    this.list = h("div", { class: "stack" });
    $("receivers").append(this.chooser, this.list);
  }

  /** The hearts that rows may follow by name. */
  hearts(list) {
    this.names = list.map((heart) => heart.name);
    for (const view of this.views.values()) view.hearts(this.names);
  }

  update({ receivers, used, sources, group }) {
    const free = receivers.filter((each) => !used.some((one) => one.name === each.name));
    const options = [["", "choose a receiver …"], ...free.map((each) => [each.name, each.known ? `${each.title} · ${each.known}` : each.title])];
    fill(this.chooser, field("Move another program", choice(options, "", (name) => name && this.add(name))));
    const there = new Set(used.map((each) => each.name));
    for (const [name, view] of this.views) {
      if (there.has(name)) continue;
      view.node.remove();
      this.views.delete(name);
    }
    for (const receiver of used) {
      let view = this.views.get(receiver.name);
      if (view && view.size !== receiver.rows.length) {
        view.node.remove();
        view = null;
      }
      if (!view) {
        view = new View(receiver, this.ask);
        this.views.set(receiver.name, view);
        this.list.append(view.node);
      }
      view.update(receiver, { "": sources, [GROUP]: group }, this.names);
    }
  }

  async add(name) {
    document.activeElement.blur();
    const answer = await this.ask("receiver.add", { name });
    if (!answer.ok) notice(answer.error, true);
  }

  /** What has just left, by receiver and row. */
  show(values) {
    for (const [key, value] of Object.entries(values)) {
      const at = key.lastIndexOf("/");
      if (at > 0) this.views.get(key.slice(0, at))?.rows[Number(key.slice(at + 1))]?.show(value);
    }
  }

  repaint() {
    for (const view of this.views.values()) for (const row of view.rows) row.stale = true;
  }

  paint() {
    for (const view of this.views.values()) for (const row of view.rows) row.paint();
  }
}

class View {
  constructor(receiver, ask) {
    const act = (what) => async () => {
      const answer = await ask(what, { name: receiver.name });
      if (!answer.ok || answer.says) notice(answer.says ?? answer.error, !answer.ok);
    };
    this.size = receiver.rows.length;
    this.where = h("input", { type: "text", maxlength: "120", on: { change: () => this.move(ask) } });
    this.rows = receiver.rows.map((row, index) => new RowView(receiver.name, index, row, ask));
    this.node = h("article", { class: "box", "aria-label": receiver.title },
      h("div", { class: "head" }, h("h3", {}, receiver.title),
        h("div", { class: "tools" },
          h("button", { class: "quiet", on: { click: act("receiver.keep") } }, "Keep as a map"),
          h("button", { class: "quiet", "aria-label": `Remove ${receiver.title}`, on: { click: act("receiver.remove") } }, "Remove"))),
      receiver.promise ? h("p", { class: "promise" }, receiver.promise) : null,
      receiver.first ? h("p", { class: "promise" }, h("b", {}, "First: "), receiver.first) : null,
      field(receiver.how === "midi" ? "MIDI port, or virtual" : "Where it listens", this.where),
      h("div", { class: "rows" }, this.rows.map((row) => row.node)));
    this.name = receiver.name;
  }

  async move(ask) {
    const answer = await ask("receiver.where", { name: this.name, where: this.where.value.trim() });
    if (answer.ok) return;
    notice(answer.error, true);
    this.where.value = this.known;
  }

  update(receiver, sources, names) {
    this.known = receiver.where;
    if (document.activeElement !== this.where) this.where.value = receiver.where;
    receiver.rows.forEach((row, index) => this.rows[index].update(row, sources));
    this.hearts(names);
  }

  hearts(names) {
    for (const row of this.rows) row.hearts(names);
  }
}

class RowView {
  constructor(receiver, index, row, ask) {
    this.ask = ask;
    this.place = { name: receiver, index };
    this.row = row;
    this.level = this.input = null;
    this.on = h("input", { type: "checkbox", on: { change: () => this.set("mute", !this.on.checked) } });
    this.what = h("small", {});
    this.meter = new Meter();
    const canvas = h("canvas", { class: "curve", role: "img" });
    this.curve = canvas;
    this.surface = new Surface(canvas);
    this.move = h("button", { "aria-label": `Move ${row.name} now`, on: { click: () => this.lend() } }, "Move it now");
    this.numbers = new Map();
    const numeric = (key, label) => {
      const input = h("input", { type: "number", step: "any", on: { change: () => (input.value === "" ? (input.value = input.known) : this.set(key, Number(input.value))) } });
      this.numbers.set(key, input);
      return field(label, input);
    };
    this.heart = choice([["", FIRST]], "", () => this.follow());
    this.source = choice([], "", () => this.follow());
    this.bend = choice(CURVES, row.curve, (value) => this.set("curve", value));
    this.hearts_ = field("Heart", this.heart);
    const value = row.kind === "value";
    this.node = h("div", { class: "row" },
      h("label", { class: "what" }, this.on, h("span", {}, row.name, h("br"), this.what)),
      canvas, this.meter.node, this.move,
      h("details", {}, h("summary", {}, "Change", h("span", { class: "unseen" }, ` ${row.name}`)),
        h("div", { class: "grid3" }, this.hearts_,
          value ? field("Value", this.source) : null,
          row.kind === "word" ? null : [numeric("low", "Takes, from"), numeric("high", "Takes, to"), numeric("min", "Sends, from"), numeric("max", "Sends, to"), field("Curve", this.bend)],
          value ? numeric("smoothing_s", "Smoothing, s") : null)));
    this.stale = true; // the curve is to be drawn anew
  }

  async set(key, value) {
    const answer = await this.ask("row.set", { ...this.place, key, value });
    if (answer.ok) return;
    notice(answer.error, true);
    this.fill();
  }

  follow() {
    let source = this.row.kind === "value" ? this.source.value : this.row.from.split("/").at(-1);
    const together = this.heart.value === GROUP;
    if (together !== (this.followed === GROUP) && !this.sources[together ? GROUP : ""].includes(source)) source = "bpm";
    this.set("from", this.heart.value ? `${this.heart.value}/${source}` : source);
  }

  async lend() {
    const answer = await this.ask("row.move", this.place);
    notice(answer.ok ? `${this.row.name} moves by itself for 12 seconds, nothing else does: let the other side learn it` : answer.error, !answer.ok);
  }

  update(row, sources) {
    this.row = row;
    this.sources = sources;
    this.what.textContent = `${row.from} → ${row.to}`;
    this.curve.setAttribute("aria-label", `Curve ${row.curve}: ${row.low} to ${row.high} becomes ${row.min} to ${row.max}`);
    this.node.classList.toggle("muted", row.mute);
    this.stale = true;
    this.fill();
  }

  /** Fields as the bridge has them; the one that is being typed in stays. */
  fill() {
    const { row } = this;
    this.on.checked = !row.mute;
    for (const [key, input] of this.numbers) {
      input.known = String(Number(row[key].toPrecision(6)));
      if (document.activeElement !== input) input.value = input.known;
    }
    const [heart, source] = this.sources[""].includes(row.from) || row.kind !== "value" ? ["", row.from] : split(row.from);
    options(this.source, [...new Set([...(this.sources[heart] ?? this.sources[""]), source])], source);
    options(this.bend, [...new Set([...CURVES, row.curve])], row.curve);
    this.followed = row.kind === "value" ? heart : row.from.includes("/") ? split(row.from)[0] : "";
  }

  hearts(names) {
    this.hearts_.hidden = names.length < 2 && !this.followed;
    const gone = this.followed && this.followed !== GROUP && !names.includes(this.followed) ? [this.followed] : [];
    const all = this.row.kind === "value" ? [[GROUP, ALL]] : [];
    options(this.heart, [["", FIRST], ...names, ...gone, ...all], this.followed ?? "");
  }

  show(value) {
    this.meter.show(value);
    [this.level, , this.input] = value;
    this.stale = true;
  }

  paint() {
    if (!this.stale) return;
    const context = this.surface.begin();
    if (!context) return;
    this.stale = false;
    const { width, height } = this.surface;
    const { points, min, max } = this.row;
    const x = (share) => 4 + share * (width - 8);
    const y = (share) => height - 5 - share * (height - 10);
    context.strokeStyle = this.row.mute ? ink.line : ink.second;
    context.lineWidth = 1.5;
    context.beginPath();
    points.forEach((point, n) => context.lineTo(x(n / (points.length - 1)), y(point)));
    context.stroke();
    if (this.input === null || this.row.kind !== "value") return;
    context.fillStyle = ink.text;
    context.beginPath();
    context.arc(x(this.input), y(max >= min ? this.level : 1 - this.level), 3, 0, 7);
    context.fill();
  }
}

const split = (from) => [from.slice(0, from.indexOf("/")), from.slice(from.indexOf("/") + 1)];

function options(select, list, chosen) {
  if (document.activeElement === select) return;
  const fresh = choice(list, chosen, () => {});
  select.replaceChildren(...fresh.children);
  select.value = chosen;
}
