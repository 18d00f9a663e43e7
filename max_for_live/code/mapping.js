"use strict";
// Lets a row's Map button take the parameter that is clicked next, as Ableton's own devices do.
// ES5, low-priority thread; what it sends and expects: INTERFACE.md.

autowatch = 0;
inlets = 1;
outlets = 4;

var LABEL_LENGTH = 24;
var UNMAPPED = "Map";

var live = false;
var token = 0; // tells this instance's mapOff from everybody else's
var armed = 0; // the row that waits for a click, 0: none
var atArming = 0; // what was selected already when the button was pressed
var clicked = 0;
var targets = {}; // row -> id of its parameter
var held = {}; // row -> whether its parameter is held
var selection = null; // watches live_set view selected_parameter while a row is armed
var taker = new Task(take);

function ready() {
  live = true;
  token = token || 1 + Math.floor(Math.random() * 0x7ffffffe);
  Object.keys(targets).forEach(function (row) {
    label(+row);
  });
}

// For every row what Live kept for it, about when ready comes.
function stored(row, id) {
  targets[row] = +id;
  if (live) {
    label(row);
  }
}

function arm(row, on) {
  if (!+on) {
    if (armed === row) {
      disarm();
    }
    return;
  }
  if (armed && armed !== row) {
    disarm();
  }
  armed = row;
  if (!live) {
    disarm();
    return;
  }
  outlet(2, token);
  watch();
}

function unmap(row) {
  if (armed === row) {
    disarm();
  }
  targets[row] = 0;
  outlet(0, [row, 0]);
  label(row);
}

// live.remote~ took or lost its hold. The row keeps its target all the same (a source that is off lets
// go as well), unless the parameter is gone.
function mapped(row, on) {
  held[row] = +on;
  if (live) {
    label(row);
  }
}

function examine() {
  var rows = Object.keys(held).filter(function (row) {
    return held[row];
  });
  outlet(3, ["mapping"].concat(rows.length ? rows.map(Number) : "none"));
}

// Somebody in the Set armed a Map button: only one may wait at a time.
function map_off(theirs) {
  if (armed && theirs !== token) {
    disarm();
  }
}

function disarm() {
  outlet(1, [armed, "armed", 0]);
  armed = 0;
  clicked = 0;
  taker.cancel();
  if (selection) {
    selection.property = "";
    selection = null;
  }
}

function watch() {
  atArming = idOf(new LiveAPI("live_set view").get("selected_parameter"));
  selection = new LiveAPI(selected, "live_set view");
  selection.property = "selected_parameter";
}

// A notification may not work on the Set: only note the click, and take it in a task.
function selected(args) {
  if (args[0] === "selected_parameter" && armed) {
    clicked = idOf(args.slice(1));
    taker.cancel();
    if (clicked && clicked !== atArming) {
      taker.schedule(1);
    } else if (!clicked) {
      atArming = 0; // the selection was left, so that the old parameter may be clicked again
    }
  }
}

function take() {
  var row = armed;
  if (!row || !clicked || isOwn(clicked)) {
    return;
  }
  targets[row] = clicked;
  outlet(0, [row, clicked]);
  disarm();
  label(row);
}

// Live names an object as the pair "id", N.
function idOf(pair) {
  return pair && pair[0] === "id" ? +pair[1] : 0;
}

function parentOf(api) {
  return new LiveAPI(api.unquotedpath + " canonical_parent");
}

function isOwn(id) {
  return +parentOf(new LiveAPI("id " + id)).id === +new LiveAPI("this_device").id;
}

function label(row) {
  outlet(1, [row, "name", targets[row] ? describe(targets[row]) : UNMAPPED]);
}

// "Device: Parameter" in at most 24 characters; the parameter is the part that must stay legible.
function describe(id) {
  var parameter = new LiveAPI("id " + id);
  var owner, name, room;
  if (+parameter.id === 0) {
    return UNMAPPED;
  }
  owner = parentOf(parameter);
  if (/MixerDevice$/.test(owner.type)) { // a mixer has no name of its own, its track has
    owner = parentOf(owner);
  }
  name = clip(nameOf(parameter), LABEL_LENGTH);
  room = LABEL_LENGTH - name.length - 2;
  return room < 3 ? name : clip(nameOf(owner), room) + ": " + name;
}

function nameOf(api) {
  var value = api.get("name");
  return String(typeof value === "object" && value !== null ? value[0] : value);
}

function clip(text, length) {
  return text.length > length ? text.slice(0, length - 1) + "\u2026" : text;
}
