// The world of Max's `js` object (ES5), for scripts run under Duktape: outlet, Task, Dict, messages.
// As strict as Max: it refuses outlets that were not declared, and atoms that are no atoms. Time is virtual.

(function (world) {
  // What Max's engine (ES5) does not have may not be leaned upon.
  [
    [Array, ["from", "of"]],
    [Array.prototype, ["find", "findIndex", "includes", "fill", "flat", "flatMap", "keys", "entries"]],
    [String.prototype, ["includes", "startsWith", "endsWith", "repeat", "padStart", "padEnd", "at"]],
    [Object, ["assign", "entries", "values", "fromEntries"]],
    [Number, ["isInteger", "isFinite", "isNaN", "parseFloat", "parseInt"]],
    [Math, ["trunc", "sign", "log10", "log2", "hypot", "clz32"]]
  ].forEach(function (pair) {
    pair[1].forEach(function (name) {
      delete pair[0][name];
    });
  });
  ["Symbol", "Promise", "Map", "Set", "WeakMap", "Proxy", "Reflect", "console", "require", "module",
    "exports", "process", "setTimeout", "Buffer", "TextEncoder", "performance"].forEach(function (name) {
    world[name] = undefined;
  });

  var now = 0;
  var tasks = [];
  var outputs = [];
  world.__posted = [];

  world.autowatch = 0;
  world.inlets = 1;
  world.outlets = 1;
  world.inlet = 0;
  world.messagename = "";
  world.jsarguments = [];
  world.max = { version: "862", os: "macintosh" };

  world.Date = function () {
    return undefined;
  };
  world.Date.prototype.getTime = function () {
    return now;
  };

  world.post = function () {
    world.__posted.push(Array.prototype.join.call(arguments, " "));
  };
  world.error = world.post;

  world.arrayfromargs = function () {
    var all = [];
    var i;
    for (i = 0; i < arguments.length; i += 1) {
      all = all.concat(typeof arguments[i] === "object" ?
        Array.prototype.slice.call(arguments[i]) : [arguments[i]]);
    }
    return all;
  };

  function checkAtom(atom) {
    var number = typeof atom === "number" && isFinite(atom);
    if (!number && typeof atom !== "string") {
      throw new Error("not an atom: " + atom);
    }
    if (typeof atom === "string" && atom.length > 32767) {
      throw new Error("a symbol of " + atom.length + " characters");
    }
  }

  world.outlet = function (n) {
    var atoms = Array.prototype.concat.apply([], Array.prototype.slice.call(arguments, 1));
    if (!(n >= 0 && n < world.outlets)) {
      throw new Error("no outlet " + n);
    }
    atoms.forEach(checkAtom);
    outputs.push([n, atoms]);
  };
  world.outlet.apply = function () {
    throw new Error("outlet.apply crashes Live");
  };

  world.Task = function (fn) {
    if (typeof fn !== "function") {
      throw new Error("a Task needs a function");
    }
    this.fn = fn;
    this.due = null;
    tasks.push(this);
  };
  world.Task.prototype.schedule = function (ms) {
    this.due = now + Math.max(0, ms || 0);
  };
  world.Task.prototype.cancel = function () {
    this.due = null;
  };

  // A named dictionary as `dict` keeps it; keys hold an atom or a list of atoms.
  var dictionaries = {};
  world.__dictionaries = dictionaries;
  world.Dict = function (name) {
    if (typeof name !== "string" || !name) {
      throw new Error("a Dict without a name is not kept with the Set");
    }
    if (made[name]) { // a parameter: the second `new Dict` of a name may empty it
      Object.keys(made[name]).forEach(function (key) {
        delete made[name][key];
      });
    }
    dictionaries[name] = dictionaries[name] || {};
    made[name] = this.data = dictionaries[name];
  };
  var made = {};
  world.__held = function (name) {
    return made[name] || null;
  };
  world.__fill = function (name, content) {
    var held = dictionaries[name] = dictionaries[name] || {};
    Object.keys(held).forEach(function (key) {
      delete held[key];
    });
    Object.keys(content).forEach(function (key) {
      held[key] = content[key];
    });
  };
  function checkKey(key) {
    if (typeof key !== "string" || /[:\s]/.test(key) || !key) {
      throw new Error("not a key for a Dict: " + key);
    }
  }
  world.Dict.prototype.set = function (key) {
    var atoms = Array.prototype.concat.apply([], Array.prototype.slice.call(arguments, 1));
    checkKey(key);
    atoms.forEach(checkAtom);
    if (atoms.length === 0 || atoms.length > 256) {
      throw new Error("a list of " + atoms.length + " atoms");
    }
    this.data[key] = atoms.length === 1 ? atoms[0] : atoms;
  };
  world.Dict.prototype.get = function (key) {
    return this.data.hasOwnProperty(key) ? this.data[key] : null;
  };
  world.Dict.prototype.contains = function (key) {
    return this.data.hasOwnProperty(key) ? 1 : 0;
  };
  world.Dict.prototype.remove = function (key) {
    delete this.data[key];
  };
  world.Dict.prototype.getkeys = function () {
    var keys = Object.keys(this.data);
    return keys.length === 0 ? null : keys.length === 1 ? keys[0] : keys;
  };

  // --- for the tests ---

  function taken() {
    var all = outputs;
    outputs = [];
    return all;
  }

  world.__send = function (selector, atoms) {
    atoms.forEach(checkAtom);
    if (typeof world[selector] === "function") {
      world[selector].apply(world, atoms);
    } else if (typeof world.anything === "function") {
      world.messagename = selector;
      world.anything.apply(world, atoms);
    } else {
      throw new Error("no function " + selector);
    }
    return taken();
  };

  // How long until a task falls due; null when none waits.
  world.__wait = function () {
    return tasks.reduce(function (least, task) {
      return task.due === null || (least !== null && least <= task.due - now) ? least : task.due - now;
    }, null);
  };

  // Lets time pass; every task that falls due runs at its own moment. Returns [ms, outlet, atoms].
  world.__advance = function (ms) {
    var end = now + ms;
    var said = [];
    function collect() {
      taken().forEach(function (message) {
        said.push([now].concat(message));
      });
    }
    function earlier(a, b) {
      return b.due === null || b.due > end || (a && a.due <= b.due) ? a : b;
    }
    var next = tasks.reduce(earlier, null);
    while (next) {
      now = Math.max(now, next.due);
      if (world.__onTime) {
        world.__onTime(now);
      }
      next.due = null;
      next.fn();
      collect();
      next = tasks.reduce(earlier, null);
    }
    now = end;
    if (world.__onTime) {
      world.__onTime(now);
    }
    collect();
    return said;
  };
}(this));
