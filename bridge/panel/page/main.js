// The page: takes what the bridge says, hands it to its parts, and draws in step with the screen.

import { $, choice, clock, fill, h, notice, number } from "./dom.js";
import { readColours } from "./colours.js";
import { firstVisit } from "./first.js";
import { Card } from "./hearts.js";
import { Link } from "./link.js";
import { marking } from "./marks.js";
import { Plays } from "./plays.js";
import { Reach } from "./reach.js";
import { Receivers } from "./receivers.js";
import { Sessions } from "./sessions.js";

const cards = new Map();
const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** What tests count: beats shown, frames drawn, and what drawing costs. */
const counters = { beats: 0, frames: 0, drawing: [], connected: false };
Object.defineProperty(window, "panel", { value: counters });

let group = { count: 0, bpm: null, spread: null };
let recording = { on: false, since: 0 };
let lastWords = -2000;
let words = 0;

const link = new Link({ take, lost, refused });
const ask = (what, args) => link.ask(what, args);
const reach = new Reach(ask);
const plays = new Plays(ask);
const receivers = new Receivers(ask);
const sessions = new Sessions(ask, () => plays.styles);

const TAKE = {
  hearts: ({ list }) => showHearts(list),
  group(values) {
    group = values;
    showGroup();
  },
  reach: ({ list }) => reach.update(list),
  outputs: (message) => plays.update(message),
  rows: (message) => receivers.update(message),
  sessions: (message) => sessions.update(message),
  profile: showProfile,
  recording: showRecording,
  beat(event) {
    counters.beats += 1;
    lamp("lamp-in");
    cards.get(event.h)?.beat(event);
  },
  hrv: (event) => cards.get(event.h)?.measures(event),
  status(event) {
    const card = cards.get(event.h);
    if (!card) return;
    card.state(event.state);
    say(`${card.heart.name} is ${event.state}`);
  },
  w({ h, sent }) {
    if (sent) lamp("lamp-out");
    for (const [id, [t, step, values]] of Object.entries(h)) cards.get(Number(id))?.scope.push(t, step, values);
  },
  mark(event) {
    for (const card of cards.values()) card.history.marker(event.t[card.heart.id] ?? card.scope.newest(), event.text);
    notice(`marked: ${event.text}`);
  },
  meter({ v }) {
    plays.show(v);
    receivers.show(v);
  },
  notice: ({ text, warn }) => notice(text, warn),
  welcome() {
    counters.connected = true;
    document.body.dataset.connected = "yes";
    if ($("lost").open) $("lost").close();
  },
};

function take(message) {
  TAKE[message.k]?.(message);
}

function lost(code, reason) {
  counters.connected = false;
  delete document.body.dataset.connected;
  $("lost-text").textContent = code === 1000 && reason ? reason
    : "What plays may go on. This page looks for the bridge and comes back by itself; if it was ended, start it again with beatbridge panel.";
  if (!$("lost").open) $("lost").show();
}

function refused() {
  $("lost-title").textContent = "This address has no key";
  $("lost-text").textContent = "Open the panel with the address that beatbridge panel prints: it holds a key that nobody else has.";
  if (!$("lost").open) $("lost").show();
}

/** One polite line for changes of state: the newest, at most every two seconds, and not for ever. */
function say(text) {
  clearTimeout(words);
  const wait = lastWords + 2000 - performance.now();
  if (wait > 0) {
    words = setTimeout(say, wait, text);
    return;
  }
  lastWords = performance.now();
  $("state").textContent = text;
  words = setTimeout(() => ($("state").textContent = ""), 8000);
}

function lamp(id) {
  $(id).classList.add("on");
  clearTimeout(lamp[id]);
  lamp[id] = setTimeout(() => $(id).classList.remove("on"), 160);
}

function showHearts(list) {
  const there = new Set(list.map((heart) => heart.id));
  for (const [id, card] of cards) {
    if (!there.has(id)) {
      card.node.remove();
      cards.delete(id);
    }
  }
  for (const heart of list) {
    const card = cards.get(heart.id);
    if (card) card.update(heart);
    else {
      const fresh = new Card(heart, { ask });
      cards.set(heart.id, fresh);
      $("cards").append(fresh.node);
    }
  }
  receivers.hearts(list);
  $("no-heart").hidden = list.length > 0;
  showGroup();
}

/** What several hearts are together: how many are live, their mean rate, and how far apart they are. */
function showGroup() {
  $("together").hidden = cards.size < 2;
  const pair = (name, value, unit) => h("div", {}, h("dt", {}, name), h("dd", {}, value, h("span", { class: "unit" }, unit)));
  fill($("together"), pair("Live", String(group.count), `of ${cards.size}`), pair("Mean rate", number(group.bpm), "bpm"), pair("Spread", number(group.spread, 1), "bpm"));
}

function showProfile({ name, names, saved }) {
  const options = [["", name ? "no setup" : "unnamed setup"], ...names];
  const select = choice(options, name ?? "", (chosen) => chosen && ask("profile.load", { name: chosen }));
  fill($("profile"), ...select.children);
  $("profile").value = name ?? "";
  $("save").textContent = saved ? "Saved" : "Save";
}

function showRecording(message) {
  recording = { ...message, since: performance.now() - message.seconds * 1000 };
  $("record").setAttribute("aria-pressed", String(message.on));
  if (!message.on) $("record-word").textContent = "Record";
}

async function save() {
  const proposed = $("profile").value || "my setup";
  const name = prompt("Name of this setup", proposed);
  if (!name) return;
  const answer = await ask("profile.save", { name });
  notice(answer.ok ? `kept as ${name}` : answer.error, !answer.ok);
}

function stage(on) {
  document.body.classList.toggle("stage", on);
  $("stage").setAttribute("aria-pressed", String(on));
  scrollTo(0, 0);
  leave.hidden = !on;
  if (on) leave.focus();
  else $("stage").focus();
}

const leave = Object.assign(document.createElement("button"), { id: "leave", textContent: "Leave stage view", hidden: true });
leave.addEventListener("click", () => stage(false));
document.body.append(leave);

$("profile").addEventListener("change", () => $("profile").value && ask("profile.load", { name: $("profile").value }));
$("save").addEventListener("click", save);
$("record").addEventListener("click", async () => {
  const answer = await ask("record", { on: !recording.on });
  if (!answer.ok) notice(answer.error, true);
});
$("stage").addEventListener("click", () => stage(true));
$("quit").addEventListener("click", () => confirm("End the session? Every heart stops playing.") && ask("quit"));
$("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark = getComputedStyle(root).colorScheme === "dark" || (!root.dataset.theme && matchMedia("(prefers-color-scheme: dark)").matches);
  root.dataset.theme = dark ? "light" : "dark";
  localStorage.setItem("beatbridge-theme", root.dataset.theme);
  readColours();
});
document.addEventListener("repaint", () => { // other colours, or other sizes
  for (const card of cards.values()) card.history.stale = true;
  receivers.repaint();
  requestAnimationFrame(() => sessions.paint());
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("stage")) stage(false);
});

const kept = localStorage.getItem("beatbridge-theme");
if (kept) document.documentElement.dataset.theme = kept;
readColours();
firstVisit(ask, reach);
marking(ask);

setInterval(() => {
  link.acknowledge();
  for (const card of cards.values()) card.age();
  if (recording.on) $("record-word").textContent = `Recording ${clock((performance.now() - recording.since) / 1000)}`;
}, 1000);

let minutes = 0;
let painted = 0;
function frame(now) {
  requestAnimationFrame(frame);
  if (calm.matches && now - painted < 1000) return; // reduced motion: a still, renewed each second
  painted = now;
  const begun = performance.now();
  for (const card of cards.values()) card.scope.paint(now);
  if (now - minutes > 250) {
    minutes = now;
    for (const card of cards.values()) card.history.paint();
    receivers.paint();
  }
  counters.frames += 1;
  counters.drawing.push(performance.now() - begun);
  if (counters.drawing.length > 600) counters.drawing.shift();
}
requestAnimationFrame(frame);
