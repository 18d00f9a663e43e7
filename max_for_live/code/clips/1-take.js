"use strict";
// The clips script, 1 of 3: takes clips that come over OSC, part by part, and answers each message.
// ES5, low-priority thread; what it sends and expects: INTERFACE.md.

autowatch = 0;
inlets = 1;
outlets = 4;

var ANSWER_PORT = 7772;
var FORGET_MS = 120000; // a transfer without a word for so long is dropped
var FINISHED_KEPT = 64; // outcomes kept to answer a repeated datagram with

var live = false;
var settings = { replace: 0, slot: 0, lanes: 1 };

// --- messages from the patch ---

// NAME is the dict's, as this device has it. Comes again when a preset is loaded or the device is saved.
function ready(name) {
  live = true;
  loadLanes(name);
  attach();
}

function examine() {
  outlet(3, ["clips", lanesName]);
}

function replace(on) {
  settings.replace = +on;
}

function slot(n) {
  settings.slot = Math.max(0, Math.floor(+n));
}

function lanes(on) {
  settings.lanes = +on;
  attach();
}

function anything() {
  var args = arrayfromargs(arguments);
  if (!live || typeof args[0] !== "number") {
    return; // the sender asks again
  }
  if (messagename === "/clip/open") {
    opened(args);
  } else if (messagename === "/clip/notes") {
    part(args, addNotes);
  } else if (messagename === "/clip/lane") {
    part(args, addPoints);
  } else if (messagename === "/clip/close") {
    closed(args);
  }
}

// --- receiving: nothing touches the Set before the clip is whole ---

var transfers = {}; // by id
var finished = []; // [id, answer, port], oldest first
var batch = { first: 0, last: 0 }; // ids of one batch count up

function opened(args) {
  var id = args[0];
  var transfer = transfers[id];
  if (repeated(id)) {
    return;
  }
  if (!transfer) {
    forget();
    if (id !== batch.last + 1) {
      batch.first = id;
    }
    batch.last = id;
    transfer = {
      id: id,
      name: String(args[1]),
      beats: args[2],
      tempo: args[3],
      announced: args[4],
      signature: args[5] > 0 && args[6] > 0 ? [args[5], args[6]] : null,
      scene: args[7] > 0 ? args[7] : 0,
      port: args[8] > 0 ? args[8] : ANSWER_PORT,
      nth: id - batch.first,
      parts: {},
      notes: [],
      lanes: [],
      closing: false
    };
    transfers[id] = transfer;
  }
  transfer.heard = new Date().getTime();
  try {
    if (!(transfer.beats > 0) || !(transfer.announced >= 0)) {
      throw new Error("a clip needs a length above 0 and a number of notes");
    }
    if (!transfer.closing) {
      choose(transfer);
    }
    answer(transfer.port, ["/clip/ready", id]);
    status(transfer.name);
  } catch (error) {
    finish(transfer, "/clip/error", error.message);
  }
}

function part(args, add) {
  var transfer = known(args[0]);
  var number = args[1];
  if (!transfer) {
    return;
  }
  if (!transfer.parts[number] && !transfer.closing) {
    try {
      if (!(number >= 0) || number !== Math.floor(number)) {
        throw new Error("no part number");
      }
      add(transfer, args);
    } catch (error) {
      finish(transfer, "/clip/error", "bad part " + number + ": " + error.message);
      return;
    }
    transfer.parts[number] = true;
  }
  answer(transfer.port, ["/clip/got", transfer.id, number]);
}

function addNotes(transfer, args) {
  var notes = [];
  var i, note;
  if (args.length < 6 || (args.length - 2) % 4 !== 0) {
    throw new Error("notes come as pitch, start, length, velocity");
  }
  for (i = 2; i < args.length; i += 4) {
    note = { pitch: args[i], start_time: args[i + 1], duration: args[i + 2], velocity: args[i + 3] };
    within("pitch", note.pitch, 0, 127);
    within("velocity", note.velocity, 1, 127);
    within("start", note.start_time, 0, transfer.beats);
    if (!(note.duration > 0)) {
      throw new Error("length " + note.duration + " is not above 0");
    }
    notes.push(note);
  }
  transfer.notes = transfer.notes.concat(notes);
}

function addPoints(transfer, args) {
  var i;
  if (args.length < 5 || (args.length - 3) % 2 !== 0) {
    throw new Error("points come as controller, then beat, value");
  }
  within("controller", args[2], 0, 127);
  for (i = 3; i < args.length; i += 2) {
    within("beat", args[i], 0, Infinity);
    within("value", args[i + 1], 0, 127);
  }
  transfer.lanes.push({ part: args[1], atoms: args.slice(2) });
}

function within(name, value, low, high) {
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    throw new Error(name + " " + value + " is not " + low + " to " + high);
  }
}

function closed(args) {
  var transfer = known(args[0]);
  var missing = [];
  var i;
  if (!transfer) {
    return;
  }
  if (transfer.closing) {
    answer(transfer.port, ["/clip/ready", transfer.id]); // a sign of life: it is being written
    return;
  }
  for (i = 0; i < args[1]; i += 1) {
    if (!transfer.parts[i]) {
      missing.push(i);
    }
  }
  if (missing.length > 0) {
    finish(transfer, "/clip/error",
      missing.length + " of " + args[1] + " parts never came, the first is " + missing[0]);
  } else if (transfer.notes.length !== transfer.announced) {
    finish(transfer, "/clip/error",
      transfer.announced + " notes were announced, " + transfer.notes.length + " came");
  } else {
    transfer.closing = true;
    transfer.notes = distinct(transfer.notes);
    jobs.push({ transfer: transfer, at: 0, slot: null, clip: null, replaced: false });
    writer.schedule(STEP_MS);
  }
}

function distinct(notes) {
  // Live keeps one note of a pitch at a moment.
  var sorted = notes.slice().sort(function (a, b) {
    return a.start_time - b.start_time || a.pitch - b.pitch;
  });
  return sorted.filter(function (note, i) {
    var before = sorted[i - 1];
    return !before || before.pitch !== note.pitch || before.start_time !== note.start_time;
  });
}

function known(id) {
  var transfer = transfers[id];
  if (transfer) {
    transfer.heard = new Date().getTime();
  } else if (!repeated(id)) {
    answer(ANSWER_PORT, ["/clip/error", id, "unknown clip: the device was reloaded meanwhile"]);
  }
  return transfer;
}

function repeated(id) {
  var i;
  for (i = 0; i < finished.length; i += 1) {
    if (finished[i][0] === id) {
      answer(finished[i][2], finished[i][1]);
      return true;
    }
  }
  return false;
}

function finish(transfer, path, text) {
  var said = [path, transfer.id, text];
  delete transfers[transfer.id];
  finished.push([transfer.id, said, transfer.port]);
  if (finished.length > FINISHED_KEPT) {
    finished.shift();
  }
  answer(transfer.port, said);
  status(text);
}

function forget() {
  var now = new Date().getTime();
  Object.keys(transfers).forEach(function (id) {
    if (!transfers[id].closing && now - transfers[id].heard > FORGET_MS) {
      delete transfers[id];
    }
  });
}

function answer(port, list) {
  // The bridge's own port, unless the sender could not have it and named another.
  if (port !== ANSWER_PORT) {
    outlet(0, ["port", port]);
  }
  outlet(0, list);
  if (port !== ANSWER_PORT) {
    outlet(0, ["port", ANSWER_PORT]);
  }
}

function status(text) {
  outlet(2, ["set", text.length > 34 ? text.slice(0, 33) + "\u2026" : text]);
}
