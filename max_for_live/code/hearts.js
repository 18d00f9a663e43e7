"use strict";
// Which heart of several is played, and which values besides the known ones: fills the table by which the
// patch finds the chosen heart's messages. ES5, low-priority thread; what it sends and expects: INTERFACE.md.

autowatch = 0;
inlets = 1;
outlets = 8;

var ANY = "Any heart";
var NONE = "\u2013";
var NOBODY = "-"; // kept in the place of a choice that was not made
var SILENCE_MS = 5000; // a bridge says hello every 2 s
var NAMES = 32; // of hearts and of values: more than a menu can show well

var live = false;
var root = "/heart";
var paths = []; // of one heart's messages, in the order of the table
var slots = 0;
var hearts = []; // names heard, or kept with the Set
var heardAt = {}; // name, or "" for the one heart without a name -> when it said hello
var chosen = ""; // a name, or whichever is heard
var playing = ""; // whose messages pass: a name, or "" for the one heart without a name
var values = []; // names of other values heard, or kept
var picked = []; // slot - 1 -> the name of its value, "" for none
var known = {}; // address -> the slots it feeds: most addresses need no second look

// --- messages from the patch ---

function ready(count, where) {
  slots = count;
  root = where;
  paths = arrayfromargs(arguments).slice(2);
  if (!live) {
    live = true;
    showHearts();
    showValues();
    decide();
  }
}

// What the Set kept: 1, the heart, then the value of each slot.
function stored(form) {
  var names = arrayfromargs(arguments).slice(1).map(function (name) {
    return name === NOBODY ? "" : String(name);
  });
  if (form !== 1) {
    return; // nothing was kept yet
  }
  chosen = names[0];
  picked = names.slice(1);
  add(hearts, chosen);
  picked.forEach(function (name) {
    add(values, name);
  });
  known = {};
  if (live) {
    showHearts();
    showValues();
    decide();
  }
}

// The menu of hearts: 0 is whichever is heard.
function heart(entry) {
  chosen = entry > 0 ? hearts[entry - 1] : "";
  keep();
  decide();
}

function other(slot, entry) {
  picked[slot - 1] = entry > 0 ? values[entry - 1] : "";
  known = {};
  keep();
}

function relearn() {
  outlet(5, playing ? ["/bridge/relearn", playing] : ["/bridge/relearn"]);
}

function mark(text) {
  outlet(5, playing ? ["/bridge/mark", text, playing] : ["/bridge/mark", text]);
}

function examine() {
  outlet(7, ["hearts", hearts.length, playing || NOBODY]);
}

// The one heart without a name said hello.
function single() {
  greeted("");
}

// Whatever is no message of the heart that plays.
function anything(value) {
  var feeds, i;
  if (!live) {
    return;
  }
  feeds = known[messagename];
  if (feeds === undefined) {
    feeds = look(messagename, value);
  }
  for (i = 0; i < feeds.length; i += 1) {
    outlet(4, [feeds[i], Math.max(0, Math.min(1, value))]);
  }
}

// --- hearts ---

function look(address, value) {
  var hello = address.slice(-6) === "/hello" && address.slice(0, root.length + 1) === root + "/";
  var name;
  if (hello) {
    greeted(address.slice(root.length + 1, -6));
    return [];
  }
  name = typeof value === "number" ? valueOf(address) : "";
  if (name && add(values, name)) {
    showValues();
  }
  known[address] = slotsOf(name);
  return known[address];
}

function greeted(name) {
  if (name.indexOf("/") >= 0) {
    return;
  }
  heardAt["_" + name] = new Date().getTime();
  if (add(hearts, name)) {
    values = values.filter(function (value) {
      return value.indexOf(name + "/") !== 0; // taken for values before their heart had a name
    });
    showHearts();
    showValues();
  }
  if (!chosen && name !== playing && silent(playing)) {
    decide();
  }
}

function silent(name) {
  var at = heardAt["_" + name];
  return at === undefined || new Date().getTime() - at > SILENCE_MS;
}

function decide() {
  var heard = [""].concat(hearts).filter(function (name) {
    return !silent(name);
  });
  var wanted = chosen || (heard.indexOf(playing) < 0 && heard.length ? heard[0] : playing);
  if (wanted === playing) {
    return;
  }
  playing = wanted;
  known = {};
  outlet(0, "clear");
  if (playing) {
    paths.forEach(function (path, number) {
      outlet(0, ["store", root + "/" + playing + path, number]);
    });
  }
  outlet(1, playing ? 2 : 1);
}

// --- other values ---

// The name of a value at 0-1 that belongs to the heart that plays; "" for anything else.
function valueOf(address) {
  var body = "/body" + (playing ? "/" + playing : "") + "/norm/";
  var own = root + (playing ? "/" + playing : "") + "/";
  var rest;
  if (address.indexOf(body) === 0) {
    return address.slice(body.length);
  }
  rest = address.indexOf(own) === 0 ? address.slice(own.length) : "";
  return hearts.indexOf(rest.split("/")[0]) < 0 && !(playing && isKnown(rest)) ? rest : "";
}

function isKnown(rest) {
  return paths.indexOf("/" + rest) >= 0; // it passes by the table
}

function slotsOf(name) {
  var found = [];
  var slot;
  for (slot = 1; name && slot <= slots; slot += 1) {
    if (picked[slot - 1] === name) {
      found.push(slot);
    }
  }
  return found;
}

// --- lists, menus, the Set ---

function add(list, name) {
  if (!name || list.indexOf(name) >= 0 || list.length >= NAMES) {
    return false;
  }
  list.push(name);
  return true;
}

function showHearts() {
  outlet(2, "clear");
  [ANY].concat(hearts).forEach(function (name) {
    outlet(2, ["append", name]);
  });
  outlet(2, ["set", hearts.indexOf(chosen) + 1]);
}

function showValues() {
  var slot;
  function append(name) {
    outlet(3, [slot, "append", name]);
  }
  for (slot = 1; slot <= slots; slot += 1) {
    outlet(3, [slot, "clear"]);
    [NONE].concat(values).forEach(append);
    outlet(3, [slot, "set", values.indexOf(picked[slot - 1]) + 1]);
  }
}

function keep() {
  var kept = [1, chosen || NOBODY];
  var slot;
  for (slot = 1; slot <= slots; slot += 1) {
    kept.push(picked[slot - 1] || NOBODY);
  }
  outlet(6, kept);
}
