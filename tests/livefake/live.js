// Live's side for scripts under Duktape: LiveAPI over a Set in memory, refusing what Live refuses.
// __refuse "throw" raises an error in the script; "post" only writes to the console and gives null,
// as Max's js does for some calls. Scripts have to be right under both.

(function (world) {
  var ids = {};
  var lastId = 0;
  var ready = false;
  var notifying = false;
  var observers = [];
  world.__refuse = "throw";
  world.__refused = [];

  function Refusal(message) {
    this.message = message;
  }
  Refusal.prototype = new Error();

  function refuse(message) {
    throw new Refusal(message);
  }

  function guarded(action) {
    try {
      return action();
    } catch (error) {
      world.__refused.push(error.message);
      if (world.__refuse === "throw") {
        throw new Error(error.message);
      }
      return null;
    }
  }

  function make(type, fields, parent) {
    lastId += 1;
    fields.type = type;
    fields.id = lastId;
    fields.parent = parent || null;
    ids[lastId] = fields;
    return fields;
  }

  function unmake(object) {
    delete ids[object.id];
  }

  function changed(object, property) {
    observers.slice().forEach(function (o) {
      if (o.target === object && o.watched === property) {
        o.notify();
      }
    });
  }

  // --- the object model: properties (r read, w write, o observe), children, functions ---

  var MODEL = {
    Application: {},
    Song: { tempo: "rwo", is_playing: "ro" },
    "Song.View": { selected_parameter: "rwo" },
    Scene: { name: "rwo" },
    Track: { name: "rwo", has_midi_input: "r", playing_slot_index: "ro", is_frozen: "ro", color: "rwo" },
    ClipSlot: { has_clip: "ro", is_playing: "r" },
    Clip: {
      name: "rwo", color: "rwo", looping: "rwo", loop_start: "rwo", loop_end: "rwo", start_marker: "rwo",
      end_marker: "rwo", signature_numerator: "rwo", signature_denominator: "rwo", length: "r",
      playing_position: "ro", is_playing: "r", is_midi_clip: "r"
    },
    MidiEffectDevice: { name: "rwo" },
    PluginDevice: { name: "rwo" },
    RackDevice: { name: "rwo" },
    Chain: { name: "rwo" },
    MixerDevice: {},
    DeviceParameter: { name: "r", value: "rwo", min: "r", max: "r" }
  };
  var CHILDREN = {
    Song: { tracks: "list", scenes: "list", view: "one" },
    Track: { clip_slots: "list", devices: "list", mixer_device: "one" },
    ClipSlot: { clip: "one" },
    MidiEffectDevice: { parameters: "list" },
    PluginDevice: { parameters: "list" },
    RackDevice: { parameters: "list", chains: "list" },
    Chain: { devices: "list" },
    MixerDevice: { volume: "one" }
  };

  function newSlot(track) {
    return make("ClipSlot", { clip: null, is_playing: 0 }, track);
  }

  function newTrack(song, name, midi, scenes) {
    var track = make("Track", {
      name: name, has_midi_input: midi ? 1 : 0, playing_slot_index: -1, is_frozen: 0, clip_slots: [],
      devices: [], color: 0
    }, song);
    var i;
    for (i = 0; i < scenes; i += 1) {
      track.clip_slots.push(newSlot(track));
    }
    track.mixer_device = make("MixerDevice", {}, track);
    track.mixer_device.volume = make("DeviceParameter",
      { name: "Track Volume", value: 0.85, min: 0, max: 1 }, track.mixer_device);
    song.tracks.push(track);
    return track;
  }

  function newDevice(type, name, parent, parameters) {
    var device = make(type, { name: name, parameters: [], chains: [] }, parent);
    parameters.forEach(function (p) {
      device.parameters.push(make("DeviceParameter", { name: p, value: 0, min: 0, max: 1 }, device));
    });
    parent.devices.push(device);
    return device;
  }

  var song = make("Song", { tempo: 120, is_playing: 0, tracks: [], scenes: [] }, null);
  song.view = make("Song.View", { selected_parameter: null }, song);

  var app = make("Application", {}, null);

  // --- what the functions of Live do, and refuse ---

  function number(value, what) {
    if (typeof value !== "number" || !isFinite(value)) {
      refuse(what + " is not a number: " + value);
    }
  }

  function mayChange() {
    if (notifying) {
      refuse("Changes cannot be triggered by notifications");
    }
  }

  var NOTE_KEYS = ["pitch", "start_time", "duration", "velocity", "mute", "probability",
    "velocity_deviation", "release_velocity"];

  function checkNote(note) {
    ["pitch", "start_time", "duration"].forEach(function (key) {
      if (!note.hasOwnProperty(key)) {
        refuse("Missing required keys");
      }
    });
    Object.keys(note).forEach(function (key) {
      if (NOTE_KEYS.indexOf(key) < 0) {
        refuse("Invalid entry in the dictionary: " + key);
      }
      number(note[key], key);
    });
    if (note.pitch !== Math.floor(note.pitch) || note.pitch < 0 || note.pitch > 127) {
      refuse("pitch out of range");
    }
    if (note.duration <= 0) {
      refuse("duration out of range");
    }
    if (note.velocity < 1 || note.velocity > 127) {
      refuse("velocity out of range");
    }
  }

  function addNote(clip, note) {
    // Of one pitch nothing overlaps: the note before is cut, one at the same moment replaced.
    clip.notes = clip.notes.filter(function (other) {
      var under = other.pitch === note.pitch && other.start_time <= note.start_time &&
        other.start_time + other.duration > note.start_time;
      if (under) {
        other.duration = note.start_time - other.start_time;
      }
      return other.duration > 0;
    });
    clip.notes.push(note);
  }

  var FUNCTIONS = {
    Application: {
      get_version_string: function () {
        return world.__oldLive ? refuse("call: invalid function") : "12.1.5";
      },
      get_major_version: function () {
        return 11;
      },
      get_minor_version: function () {
        return 3;
      },
      get_bugfix_version: function () {
        return 21;
      }
    },
    Song: {
      create_scene: function (self, index) {
        mayChange();
        number(index, "index");
        self.scenes.push(make("Scene", { name: "" }, self));
        self.tracks.forEach(function (track) {
          track.clip_slots.push(newSlot(track));
        });
      }
    },
    ClipSlot: {
      create_clip: function (self, length) {
        mayChange();
        number(length, "length");
        if (self.clip) {
          refuse("ClipSlot already has a clip");
        }
        if (!self.parent.has_midi_input) {
          refuse("Clips can only be created on MIDI tracks");
        }
        if (self.parent.is_frozen || length <= 0) {
          refuse("Cannot create a clip here");
        }
        self.clip = make("Clip", {
          name: "", color: 0, looping: 0, loop_start: 0, loop_end: length, start_marker: 0,
          end_marker: length, signature_numerator: 4, signature_denominator: 4, playing_position: 0,
          is_playing: 0, is_midi_clip: 1, notes: []
        }, self);
        changed(self, "has_clip");
      },
      delete_clip: function (self) {
        mayChange();
        if (!self.clip || world.__keepClips) {
          refuse("ClipSlot has no clip to delete");
        }
        unmake(self.clip);
        self.clip = null;
        changed(self, "has_clip");
      }
    },
    Clip: {
      add_new_notes: function (self, payload) {
        mayChange();
        if (typeof payload !== "object" || Object.keys(payload).join() !== "notes") {
          refuse("add_new_notes takes a dictionary with the key notes");
        }
        if (payload.notes.length > 400) {
          refuse("Live stalls on " + payload.notes.length + " notes in one call");
        }
        payload.notes.forEach(checkNote); // nothing is added when one of them is wrong
        if (world.__noteLimit !== undefined && self.notes.length + payload.notes.length > world.__noteLimit) {
          refuse("out of notes (a fault the test put in)");
        }
        payload.notes.forEach(function (note) {
          addNote(self, JSON.parse(JSON.stringify(note)));
        });
        return payload.notes.map(function (_, i) {
          return i + 1;
        });
      },
      get_notes_extended: function (self, pitch, pitchSpan, time, timeSpan) {
        [pitch, pitchSpan, time, timeSpan].forEach(function (value) {
          number(value, "range");
        });
        var notes = self.notes.filter(function (note) {
          return note.pitch >= pitch && note.pitch < pitch + pitchSpan &&
            note.start_time >= time && note.start_time < time + timeSpan;
        }).map(function (note, i) {
          return {
            note_id: i + 1, pitch: note.pitch, start_time: note.start_time, duration: note.duration,
            velocity: note.velocity, mute: 0, probability: 1.0, velocity_deviation: 0.0,
            release_velocity: 64.0
          };
        });
        return JSON.stringify({ notes: notes }).slice(0, 32767); // a Max symbol ends there
      }
    }
  };

  var CHECKS = {
    "Clip.name": function (self, value) {
      if (typeof value !== "string") {
        refuse("a name is a symbol");
      }
    },
    "Clip.loop_end": function (self, value) {
      if (value <= self.loop_start) {
        refuse("Cannot set LoopEnd before LoopStart");
      }
    },
    "Clip.loop_start": function (self, value) {
      if (value >= self.loop_end) {
        refuse("Cannot set LoopStart behind LoopEnd");
      }
    },
    "Clip.end_marker": function (self, value) {
      if (value <= self.start_marker) {
        refuse("Cannot set EndMarker before StartMarker");
      }
    },
    "Clip.start_marker": function (self, value) {
      if (value >= self.end_marker) {
        refuse("Cannot set StartMarker behind EndMarker");
      }
    },
    "Clip.signature_numerator": function (self, value) {
      if (!(value >= 1 && value <= 99)) {
        refuse("numerator out of range");
      }
    },
    "Clip.signature_denominator": function (self, value) {
      if ([1, 2, 4, 8, 16].indexOf(value) < 0) {
        refuse("denominator out of range");
      }
    }
  };

  function value(object, property) {
    if (property === "has_clip") {
      return object.clip ? 1 : 0;
    }
    if (property === "length") {
      return object.loop_end - object.loop_start;
    }
    return object[property];
  }

  // --- paths ---

  function indexIn(list, object) {
    return list.indexOf(object);
  }

  function pathOf(object) {
    var parent = object.parent;
    if (object === song) {
      return "live_set";
    }
    var children = CHILDREN[parent.type];
    var found = "";
    Object.keys(children).forEach(function (name) {
      if (children[name] === "one" && parent[name] === object) {
        found = pathOf(parent) + " " + name;
      } else if (children[name] === "list" && parent[name].indexOf(object) >= 0) {
        found = pathOf(parent) + " " + name + " " + parent[name].indexOf(object);
      }
    });
    return found;
  }

  function walk(path) {
    var tokens = path.split(" ");
    var first = tokens.shift();
    var roots = { live_set: song, live_app: app, this_device: world.__device };
    var at = roots[first] || null;
    var kind;
    if (first === "id") {
      return ids[+tokens[0]] || null;
    }
    while (at && tokens.length > 0) {
      first = tokens.shift();
      kind = (CHILDREN[at.type] || {})[first];
      if (first === "canonical_parent") {
        at = at.parent;
      } else if (kind === "one") {
        at = at[first];
      } else if (kind === "list") {
        at = at[first][+tokens.shift()] || null;
      } else {
        refuse("invalid path: " + path);
      }
    }
    return at;
  }

  // --- LiveAPI ---

  world.LiveAPI = function (callback, path) {
    var self = this;
    var where = typeof callback === "function" ? path : callback;
    if (!ready) {
      throw new Error("LiveAPI before live.thisdevice: the object stays dead");
    }
    if (typeof where !== "string") {
      throw new Error("LiveAPI needs a path");
    }
    this.callback = typeof callback === "function" ? callback : null;
    this.target = guarded(function () {
      return walk(where);
    });
    this.watched = "";
    this.notify = function () {
      var now = value(self.target, self.watched);
      var args = self.watched === "selected_parameter" ? ["id", now ? now.id : 0] : [now];
      notifying = true;
      try {
        self.callback([self.watched].concat(args));
      } finally {
        notifying = false;
      }
    };
  };

  function live(self) {
    return self.target && ids[self.target.id] ? self.target : null;
  }

  function property(name, get, set) {
    Object.defineProperty(world.LiveAPI.prototype, name, { get: get, set: set });
  }
  property("id", function () {
    return live(this) ? String(this.target.id) : "0"; // a string, as in Max
  });
  property("type", function () {
    return live(this) ? this.target.type : "unknown";
  });
  property("unquotedpath", function () {
    return live(this) ? pathOf(this.target) : "";
  });
  property("path", function () {
    return '"' + this.unquotedpath + '"';
  });
  property("property", function () {
    return this.watched;
  }, function (name) {
    var self = this;
    guarded(function () {
      observers = observers.filter(function (o) {
        return o !== self;
      });
      self.watched = "";
      if (name) {
        if (!live(self) || (MODEL[self.target.type][name] || "").indexOf("o") < 0) {
          refuse("property cannot be listened to: " + name);
        }
        if (!self.callback) {
          refuse("nobody listens");
        }
        self.watched = name;
        observers.push(self);
        self.notify();
      }
    });
  });

  world.LiveAPI.prototype.get = function (name) {
    var self = this;
    return guarded(function () {
      if (!live(self)) {
        refuse("get: no valid object set");
      }
      var kind = (CHILDREN[self.target.type] || {})[name];
      var access = MODEL[self.target.type][name];
      if (name === "selected_parameter") {
        return ["id", self.target[name] ? self.target[name].id : 0];
      }
      if (kind === "list") {
        return Array.prototype.concat.apply([], self.target[name].map(function (child) {
          return ["id", child.id];
        }));
      }
      if (kind === "one") {
        return ["id", self.target[name] ? self.target[name].id : 0];
      }
      if (!access) {
        refuse("get: invalid property: " + self.target.type + "." + name);
      }
      return [value(self.target, name)];
    });
  };

  world.LiveAPI.prototype.getcount = function (name) {
    var self = this;
    return guarded(function () {
      if (!live(self) || (CHILDREN[self.target.type] || {})[name] !== "list") {
        refuse("getcount: no list of " + name);
      }
      return self.target[name].length;
    });
  };

  world.LiveAPI.prototype.set = function (name, to) {
    var self = this;
    guarded(function () {
      mayChange();
      if (!live(self)) {
        refuse("set: no valid object set");
      }
      if ((MODEL[self.target.type][name] || "").indexOf("w") < 0) {
        refuse("set: cannot set " + self.target.type + "." + name);
      }
      if (name !== "name") {
        number(to, name);
      }
      (CHECKS[self.target.type + "." + name] || function () { return undefined; })(self.target, to);
      self.target[name] = to;
      changed(self.target, name);
    });
  };

  world.LiveAPI.prototype.call = function (name) {
    var self = this;
    var args = Array.prototype.slice.call(arguments, 1);
    return guarded(function () {
      if (!live(self)) {
        refuse("call: no valid object set");
      }
      var fn = (FUNCTIONS[self.target.type] || {})[name];
      if (!fn) {
        refuse("call: invalid function: " + self.target.type + "." + name);
      }
      return fn.apply(null, [self.target].concat(args));
    });
  };

  // --- for the tests ---

  world.__song = song;
  world.__newTrack = newTrack;
  world.__newDevice = newDevice;
  world.__newChain = function (rack, name) {
    var chain = make("Chain", { name: name, devices: [] }, rack);
    rack.chains.push(chain);
    return chain;
  };
  world.__forget = unmake;
  world.__observers = function () {
    return observers.length;
  };
  world.__live = function () {
    ready = true;
  };
  world.__change = function (object, property, to) {
    object[property] = to;
    changed(object, property);
  };
  world.__deleteClip = function (track, index) {
    unmake(song.tracks[track].clip_slots[index].clip);
    song.tracks[track].clip_slots[index].clip = null;
  };
  world.__putClip = function (track, index, name) {
    var slot = song.tracks[track].clip_slots[index];
    FUNCTIONS.ClipSlot.create_clip(slot, 4);
    slot.clip.name = name;
  };
  world.__clips = function (track) {
    return song.tracks[track].clip_slots.map(function (slot) {
      var clip = slot.clip;
      return clip && {
        name: clip.name, color: clip.color, looping: clip.looping, loop_start: clip.loop_start,
        loop_end: clip.loop_end, start_marker: clip.start_marker, end_marker: clip.end_marker,
        signature: [clip.signature_numerator, clip.signature_denominator],
        notes: clip.notes.map(function (note) {
          return [note.pitch, note.start_time, note.duration, note.velocity];
        })
      };
    });
  };
}(this));
