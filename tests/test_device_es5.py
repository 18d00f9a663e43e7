"""Every script in the built device is ES5, as Max's js object (all of Max 8) needs it."""

import json

import dukpy
import pytest

from max_for_live.build import build

SCRIPTS = [(file.name.split("-")[1], file.data.decode("utf-8")) for file in build().scripts]
of_every_script = pytest.mark.parametrize(
    "code", [code for _, code in SCRIPTS], ids=[name for name, _ in SCRIPTS]
)


def compiles(code: str) -> bool:
    """Whether Duktape parses it, in strict mode; nothing of it runs."""
    body = json.dumps('"use strict";\n' + code)
    try:
        return bool(dukpy.JSInterpreter().evaljs(f"new Function({body}); true"))
    except dukpy.JSRuntimeError:
        return False


def test_there_are_scripts():
    assert [name for name, _ in SCRIPTS] == ["clips", "examine", "hearts", "mapping"]


@of_every_script
def test_a_script_is_es5(code):
    assert compiles(code)


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


@of_every_script
def test_a_script_keeps_away_from_what_crashes_live_or_belongs_to_js_itself(code):
    for word in ("outlet.apply", "messnamed", "require(", "setTimeout", "post(", "File("):
        assert word not in code
    for reserved in ("open", "close", "read", "compile", "wclose", "autowatch"):
        assert f"function {reserved}(" not in code
    assert code.startswith('"use strict";\n')
    assert code.endswith("}\n")
