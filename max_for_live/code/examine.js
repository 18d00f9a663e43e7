"use strict";
// The device's report on itself: asks patch, scripts and Live what they find, and tells the bridge.
// ES5, low-priority thread; what it sends and expects: INTERFACE.md.

autowatch = 0;
inlets = 1;
outlets = 2;

var USUAL_PORT = 7772;

var live = false;
var about = []; // version of the device and of its contract
var facts = {}; // what was said since the question: name -> atoms
var standing = {}; // what is said when it changes: name -> atoms
var answerPort = USUAL_PORT;

function ready(version, contract) {
  about = [version, contract];
  live = true;
  examine(USUAL_PORT); // for a check that waits for a device to be loaded
}

// Asked over OSC: everybody answers with a fact, then `report` comes.
function examine(port) {
  answerPort = port > 0 ? port : USUAL_PORT;
  facts = {};
  outlet(1, "bang");
}

function fact(name) {
  facts[name] = arrayfromargs(arguments).slice(1);
}

function state(name) {
  standing[name] = arrayfromargs(arguments).slice(1);
}

function report() {
  var lines = [
    ["device", about[0]],
    ["contract", about[1]],
    ["live", liveVersion()],
    ["max", maxVersion()],
    ["system", typeof max === "undefined" ? "?" : max.os],
    ["port", joined(standing.port)],
    ["port ours", joined(standing.ours)],
    ["switched on", joined(standing.on)],
    ["clips script", facts.clips ? "alive" : "silent"],
    ["mapping script", facts.mapping ? "alive" : "silent"],
    ["hearts script", facts.hearts ? "alive" : "silent"],
    ["dict of patch", joined(facts.dict)],
    ["dict of script", joined(facts.clips)],
    ["track", track()],
    ["song tempo", joined(facts.tempo)],
    ["tempo follow", joined(facts.follow)],
    ["grid", joined(facts.grid)],
    ["grid cell", joined(facts.cell)],
    ["rows held", joined(facts.mapping)],
    ["hearts", joined(facts.hearts)]
  ];
  if (!live) {
    return;
  }
  outlet(0, ["port", answerPort]);
  lines.forEach(function (line) {
    outlet(0, ["/device/report", line[0], String(line[1])]);
  });
  outlet(0, ["/device/reported", lines.length]);
}

function joined(atoms) {
  return atoms && atoms.length ? atoms.join(" ") : "?";
}

function first(value) {
  return typeof value === "object" && value !== null ? value[0] : value;
}

// Older ones know no string; what they do not know they refuse with an error, or with nothing.
function liveVersion() {
  var app = new LiveAPI("live_app");
  var whole;
  try {
    whole = first(app.call("get_version_string"));
  } catch (error) {
    whole = "";
  }
  return whole ? String(whole) :
    ["get_major_version", "get_minor_version", "get_bugfix_version"].map(function (name) {
      return first(app.call(name));
    }).join(".");
}

// Hexadecimal, one digit a component: 8.6.0 is "860", 9.0.10 is "90a".
function maxVersion() {
  return typeof max === "undefined" ? "?" : String(max.version).split("").map(function (digit) {
    return parseInt(digit, 16);
  }).join(".");
}

function track() {
  var api = new LiveAPI("this_device canonical_parent");
  return +api.id ? String(first(api.get("name"))) + " (" + api.type + ")" : "none";
}
