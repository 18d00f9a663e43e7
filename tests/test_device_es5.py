"""Every script of the device is ES5, as Max's js object (all of Max 8) needs it."""

import json
from pathlib import Path

import dukpy
import pytest

CODE = Path(__file__).parents[1] / "max_for_live" / "code"
SCRIPTS = sorted(CODE.rglob("*.js"))


def compiles(code: str) -> bool:
    """Whether Duktape parses it, in strict mode; nothing of it runs."""
    body = json.dumps('"use strict";\n' + code)
    try:
        return bool(dukpy.JSInterpreter().evaljs(f"new Function({body}); true"))
    except dukpy.JSRuntimeError:
        return False


def test_there_are_scripts():
    assert {"clips.js", "mapping.js"} <= {script.name for script in SCRIPTS}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_es5(script):
    assert compiles(script.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "newer",
    [
        "let x = 1;",
        "var f = x => x;",
        "class A {}",
        "var s = `x`;",
        "for (var x of []) {}",
        "function f(a = 1) {}",
        "var {a} = {};",
        "function* g() {}",
        "async function f() {}",
        "f(...[]);",
    ],
)
def test_the_check_knows_newer_syntax(newer):
    assert not compiles(newer)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_keeps_away_from_what_crashes_live_or_belongs_to_js_itself(script):
    code = script.read_text(encoding="utf-8")
    for word in ("outlet.apply", "messnamed", "require(", "setTimeout", "post(", "File("):
        assert word not in code
    for reserved in ("open", "close", "read", "compile", "wclose", "autowatch"):
        assert f"function {reserved}(" not in code
    assert code.startswith('"use strict";\n')
    assert code.endswith("}\n")
