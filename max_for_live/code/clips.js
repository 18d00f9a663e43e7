"use strict";
// Takes clips that come over OSC, writes them into Session slots of the device's own track, and
// plays their controller lanes along. ES5, low-priority thread; what it sends and expects: INTERFACE.md.

autowatch = 0;
inlets = 1;
outlets = 3;

var ANSWER_PORT = 7772;
var NOTES_A_CALL = 100; // Live parses a call on its main thread, and a reply ends at 32,767 characters
var STEP_MS = 10; // breath for Live between two calls
var POLL_MS = 50; // lanes: 20 a second
var FORGET_MS = 120000; // a transfer without a word for so long is dropped
var FINISHED_KEPT = 64; // outcomes kept to answer a repeated datagram with
var COLOR = 0xff3a5e;
var EPSILON = 0.0001; // beats; a 32-bit float at beat 2000 is exact to this

var live = false;
var settings = { replace: 0, slot: 0, lanes: 1 };

// --- messages from the patch ---------------------------------------------------------------

function ready() {
  live = true;
  loadLanes();
  attach();
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

// --- receiving: nothing touches the Set before the clip is whole ---------------------------

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

// --- the Live Set ---------------------------------------------------------------------------

function one(api, property) {
  var value = api.get(property);
  return typeof value === "object" && value !== null ? value[0] : value;
}

function ownTrack() {
  var api = new LiveAPI("this_device canonical_parent");
  while (+api.id !== 0 && /Chain$/.test(api.type)) { // the device sits in a rack
    api = new LiveAPI(new LiveAPI(api.unquotedpath + " canonical_parent").unquotedpath +
      " canonical_parent");
  }
  if (+api.id === 0 || api.type !== "Track") {
    throw new Error("the device has no track");
  }
  if (+one(api, "has_midi_input") !== 1) {
    throw new Error(one(api, "name") + " is not a MIDI track");
  }
  return api;
}

function slotOf(track, index) {
  return new LiveAPI(track.unquotedpath + " clip_slots " + index);
}

// Returns the index of the slot a clip goes to; one past the last means: a new scene.
function choose(transfer) {
  var track = ownTrack();
  var count = track.getcount("clip_slots");
  var wanted = transfer.scene || (settings.slot ? settings.slot + transfer.nth : 0);
  var i;
  if (wanted > count + 1) {
    throw new Error("there is no slot " + wanted + ": the Set has " + count + " scenes");
  }
  if (wanted) {
    if (wanted <= count && +one(slotOf(track, wanted - 1), "has_clip") && !settings.replace) {
      throw new Error("slot " + wanted + " is occupied: choose another, or switch Replace on");
    }
    return wanted - 1;
  }
  for (i = 0; i < count; i += 1) {
    if (!+one(slotOf(track, i), "has_clip")) {
      return i;
    }
  }
  return count;
}

// --- writing, in steps that do not stall Live -----------------------------------------------

var jobs = [];
var writer = new Task(write);

function write() {
  var job = jobs[0];
  if (!job) {
    return;
  }
  try {
    if (!job.clip) {
      begin(job);
    } else if (job.at < job.transfer.notes.length) {
      addChunk(job);
    } else {
      complete(job);
      jobs.shift();
    }
  } catch (error) {
    jobs.shift();
    takeBack(job, error.message);
  }
  if (jobs.length > 0) {
    writer.schedule(STEP_MS);
  }
}

function begin(job) {
  var transfer = job.transfer;
  var index = choose(transfer);
  var track = ownTrack();
  job.number = index + 1;
  job.place = one(track, "name") + ", slot " + job.number;
  if (index === track.getcount("clip_slots")) {
    new LiveAPI("live_set").call("create_scene", -1);
  }
  job.slot = slotOf(track, index);
  if (+one(job.slot, "has_clip")) {
    job.slot.call("delete_clip");
    job.replaced = true;
  }
  job.slot.call("create_clip", transfer.beats);
  job.clip = new LiveAPI(job.slot.unquotedpath + " clip");
  if (+job.clip.id === 0) {
    job.clip = null;
    throw new Error("Live made no clip in " + job.place + " (is the track frozen?)");
  }
  job.clip.set("name", transfer.lanes.length ? freeName(track, transfer.name, index) : transfer.name);
  job.clip.set("color", COLOR);
  if (transfer.signature) {
    job.clip.set("signature_numerator", transfer.signature[0]);
    job.clip.set("signature_denominator", transfer.signature[1]);
  }
  job.clip.set("looping", 1);
  job.clip.set("loop_end", transfer.beats);
  job.clip.set("loop_start", 0);
  job.clip.set("end_marker", transfer.beats);
  job.clip.set("start_marker", 0);
}

function addChunk(job) {
  var notes = job.transfer.notes;
  var chunk = notes.slice(job.at, job.at + NOTES_A_CALL);
  var from = chunk[0].start_time - EPSILON;
  var to = chunk[chunk.length - 1].start_time + EPSILON;
  var expected, held;
  if (+job.clip.id === 0) {
    throw new Error("the clip was deleted while it was written");
  }
  job.clip.call("add_new_notes", { notes: chunk });
  job.at += chunk.length;
  expected = notes.slice(0, job.at).filter(function (note) {
    return note.start_time >= from;
  }).length;
  held = heldBetween(job.clip, from, to - from);
  if (held !== expected) {
    throw new Error("Live holds " + held + " of " + expected + " notes from beat " + chunk[0].start_time);
  }
}

function heldBetween(clip, from, span) {
  var reply = clip.call("get_notes_extended", 0, 128, from, span);
  if (typeof reply === "string") {
    reply = JSON.parse(reply);
  }
  return reply && reply.notes ? reply.notes.length : 0;
}

function complete(job) {
  var transfer = job.transfer;
  var tempo = +one(new LiveAPI("live_set"), "tempo");
  var hint = "";
  if (Math.abs(tempo - transfer.tempo) > 0.5) {
    hint = " (made for " + Math.round(transfer.tempo) + " BPM, the Set plays " + Math.round(tempo) + ")";
  }
  if (+job.clip.id === 0) {
    throw new Error("the clip was deleted while it was written");
  }
  if (transfer.lanes.length) {
    storeLanes(String(one(job.clip, "name")), transfer.lanes);
  }
  finish(transfer, "/clip/done", job.place + hint);
  attach();
}

// A clip is never left half written without saying so.
function takeBack(job, reason) {
  var text = reason;
  var home, held;
  if (job.clip && +job.clip.id !== 0) { // not a clip that somebody else put there meanwhile
    home = new LiveAPI(job.clip.unquotedpath + " canonical_parent");
    try {
      home.call("delete_clip");
      held = one(home, "has_clip");
    } catch (error) {
      held = 1;
    }
    text += held === 0 ? "; nothing is left of it" : "; slot " + job.number + " holds an incomplete clip";
  }
  if (job.replaced) {
    text += "; the clip that was there is gone (undo brings it back)";
  }
  finish(job.transfer, "/clip/error", text);
}

// --- lanes: kept with the Set by the clip's name, played along with it ----------------------

var store = null; // Dict, kept with the Set: clipN = name, clipNpartP = [cc, beat, value, beat, value ...]
var tables = {}; // name -> {cc: {beats: [], values: []}}
var observer = null; // which slot of the track plays
var playing = { slot: -1, clip: null, table: null, said: {} };
var player = new Task(play);

// The name for a clip with lanes: no other clip on the track may have it, or they would share lanes.
function freeName(track, name, own) {
  var taken = {};
  var count = track.getcount("clip_slots");
  var free = name;
  var i, candidate;
  for (i = 0; i < count; i += 1) {
    if (i !== own) {
      candidate = slotOf(track, i);
      if (+one(candidate, "has_clip")) {
        taken["_" + one(new LiveAPI(candidate.unquotedpath + " clip"), "name")] = true;
      }
    }
  }
  for (i = 2; taken["_" + free]; i += 1) {
    free = name + " " + i;
  }
  return free;
}

function storedKeys() {
  var keys = store.getkeys(); // null, one string, or an array
  return keys === null || keys === undefined ? [] : [].concat(keys);
}

function loadLanes() {
  store = new Dict(jsarguments[1]);
  tables = {};
  storedKeys().forEach(function (key) {
    var parts = [];
    var p;
    if (/^clip\d+$/.test(key)) {
      for (p = 0; store.contains(key + "part" + p); p += 1) {
        parts.push(store.get(key + "part" + p));
      }
      tables["_" + store.get(key)] = tabulate(parts);
    }
  });
}

function storeLanes(name, parts) {
  var atoms = parts.sort(function (a, b) {
    return a.part - b.part;
  }).map(function (p) {
    return p.atoms;
  });
  var keys = storedKeys();
  var n = 0;
  var key, p;
  while (keys.indexOf("clip" + n) >= 0 && String(store.get("clip" + n)) !== name) {
    n += 1;
  }
  key = "clip" + n;
  for (p = 0; store.contains(key + "part" + p); p += 1) {
    store.remove(key + "part" + p);
  }
  for (p = 0; p < atoms.length; p += 1) {
    store.set(key + "part" + p, atoms[p]);
  }
  store.set(key, name);
  tables["_" + name] = tabulate(atoms);
}

function tabulate(parts) {
  var table = {};
  parts.forEach(function (atoms) {
    var lane = table[atoms[0]] = table[atoms[0]] || { beats: [], values: [] };
    var i;
    for (i = 1; i < atoms.length; i += 2) {
      lane.beats.push(atoms[i]);
      lane.values.push(atoms[i + 1]);
    }
  });
  return table;
}

function attach() {
  if (observer) {
    observer.property = "";
    observer = null;
  }
  playing.slot = -1;
  player.cancel();
  if (!live || !settings.lanes) {
    return;
  }
  try {
    observer = new LiveAPI(slotChanged, ownTrack().unquotedpath);
    observer.property = "playing_slot_index";
  } catch (error) {
    status(error.message);
  }
}

// A notification may not work on the Set: only note it, and look in a task.
function slotChanged(args) {
  if (args[0] === "playing_slot_index") {
    playing = { slot: +args[1], clip: null, table: null, said: {} };
    player.cancel();
    if (playing.slot >= 0) {
      player.schedule(1);
    }
  }
}

function play() {
  if (!live || !settings.lanes || playing.slot < 0) {
    return;
  }
  if (!playing.clip) {
    playing.clip = new LiveAPI(observer.unquotedpath + " clip_slots " + playing.slot + " clip");
    playing.table = +playing.clip.id ? tables["_" + one(playing.clip, "name")] : null;
  }
  if (!playing.table || +playing.clip.id === 0) {
    return; // a clip without lanes costs nothing more
  }
  sound(+one(playing.clip, "playing_position"));
  player.schedule(POLL_MS);
}

function sound(beat) {
  Object.keys(playing.table).forEach(function (cc) {
    var value = valueAt(playing.table[cc], beat);
    if (value !== null && playing.said[cc] !== value) {
      playing.said[cc] = value;
      outlet(1, [+cc, value]);
    }
  });
}

// A lane is steps: the last point at or before the beat; null before the first.
function valueAt(lane, beat) {
  var low = 0;
  var high = lane.beats.length;
  var middle;
  while (low < high) {
    middle = (low + high) >> 1;
    if (lane.beats[middle] <= beat + EPSILON) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low > 0 ? lane.values[low - 1] : null;
}
