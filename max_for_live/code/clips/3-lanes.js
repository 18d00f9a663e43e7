// The clips script, 3 of 3: controller lanes, kept with the Set by the clip's name and played along with
// the clip, in step with its playing position.

var POLL_MS = 50; // 20 a second
var store = null; // Dict, kept with the Set: clipN = name, clipNpartP = [cc, beat, value, beat, value ...]
var lanesName = ""; // of the dict, for the report
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

function loadLanes(name) {
  if (!store) { // a second Dict of the name could empty the one that the Set has filled
    store = new Dict(name);
    lanesName = name;
  }
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
