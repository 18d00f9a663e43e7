// The clips script, 2 of 3: writes a whole clip into a Session slot of the device's own track.

var NOTES_A_CALL = 100; // Live parses a call on its main thread, and a reply ends at 32,767 characters
var STEP_MS = 10; // breath for Live between two calls
var COLOR = 0xff3a5e;
var EPSILON = 0.0001; // beats; a 32-bit float at beat 2000 is exact to this

// --- the Live Set ---

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

// --- writing, in steps that do not stall Live ---

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
