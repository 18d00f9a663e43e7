"""The panel's server as a process of its own: who gets in, what pages are told, and how it ends."""

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

aiohttp = pytest.importorskip("aiohttp")

KEY = "k" * 43


class Served:
    """A running server and the pipes of the process that would play."""

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge.panel.serve"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        self.tell({"key": KEY, "ports": [0], "hosts": ["127.0.0.1"], "folder": str(folder)})
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.ours = f"127.0.0.1:{self.port}"

    def end(self):
        """Close its stdin, as the death of the playing process does; its exit code and errors."""
        self.process.stdin.close()
        with self.process:
            return self.process.wait(60), self.process.stderr.read()

    def tell(self, message):
        self.process.stdin.write(json.dumps(message) + "\n")
        self.process.stdin.flush()

    def raw(self, text):
        """Send bytes as they are; return the status line's number, headers and body."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            line.sendall(text.replace("\n", "\r\n").encode())
            line.settimeout(60)
            answer = b""
            with contextlib.suppress(TimeoutError):
                while part := line.recv(65536):
                    answer += part
                    if b"\r\n\r\n" in answer:
                        break
        head = answer.split(b"\r\n\r\n")[0].decode()
        return int(head.split()[1]), head

    @contextlib.asynccontextmanager
    async def page(self, key=KEY, **headers):
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(
                f"http://{self.ours}/socket", headers={"Origin": f"http://{self.ours}"} | headers
            ) as page,
        ):
            await page.send_json({"key": key})
            yield page


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """A server that tests share: nothing that they do to it stays."""
    served = Served(tmp_path_factory.mktemp("sessions"))
    yield served
    assert served.end() == (0, "")


@pytest.fixture
def served(tmp_path):
    served = Served(tmp_path)
    yield served
    assert served.end() == (0, "")


@pytest.mark.slow
def test_every_answer_wears_its_headers(running):
    for path, status in (("/", 200), ("/main.js", 200), ("/none", 404)):
        got, head = running.raw(f"GET {path} HTTP/1.1\nHost: {running.ours}\n\n")
        assert got == status
        assert "Content-Security-Policy: default-src 'none'" in head
        assert "require-trusted-types-for 'script'" in head
        assert "Server: beatbridge\r\n" in head
        assert "Access-Control" not in head


@pytest.mark.parametrize(
    ("request_text", "status"),
    [
        ("GET / HTTP/1.1\nHost: evil.test:{port}\n\n", 421),
        ("GET / HTTP/1.1\nHost: 127.0.0.1\n\n", 421),
        ("GET / HTTP/1.0\n\n", 421),
        ("GET / HTTP/1.1\nHost: evil.test\nX-Forwarded-Host: 127.0.0.1:{port}\n\n", 421),
        ("GET / HTTP/1.1\nHost: {ours}\nHost: evil.test\n\n", 400),
        ("GET http://evil.test/ HTTP/1.1\nHost: {ours}\n\n", 400),
        ("GET / HTTP/1.1\nHost: {ours}\nOrigin: http://evil.test\n\n", 403),
        ("GET / HTTP/1.1\nHost: {ours}\nSec-Fetch-Site: cross-site\n\n", 403),
        ("GET /../../etc/passwd HTTP/1.1\nHost: {ours}\n\n", 404),
        ("GET /%2e%2e%2fetc/passwd HTTP/1.1\nHost: {ours}\n\n", 404),
        ("GET /..%5cserve.py HTTP/1.1\nHost: {ours}\n\n", 404),
        ("GET /socket HTTP/1.1\nHost: {ours}\nUpgrade: websocket\nConnection: Upgrade\n"
         "Sec-WebSocket-Version: 13\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\n\n", 403),
        ("POST / HTTP/1.1\nHost: {ours}\nContent-Length: 5\n\nhello", 400),
        ("POST / HTTP/1.1\nHost: {ours}\nContent-Length: 0\n\n", 405),
        ("POST /socket HTTP/1.1\nHost: {ours}\nOrigin: http://evil.test\n"
         "Content-Length: 0\n\n", 403),
    ],
)  # fmt: skip
def test_what_is_refused(running, request_text, status):
    got, _ = running.raw(request_text.format(port=running.port, ours=running.ours))
    assert got == status


@pytest.mark.parametrize("key", ["", "wrong", None, 5, "k" * 42])
def test_without_the_key_nothing_is_told(running, key):
    running.tell({"k": "hearts", "list": []})

    async def try_it():
        async with running.page(key) as page:
            message = await page.receive(timeout=60)
            assert message.type is aiohttp.WSMsgType.CLOSE
            assert page.close_code == 4401

    asyncio.run(try_it())


@pytest.mark.slow
def test_a_page_is_told_what_is_kept_then_what_comes(served):
    served.tell({"k": "hearts", "list": [{"id": 1}]})

    async def look():
        async with served.page() as page:
            first = await page.receive_json(timeout=60)
            assert first == {"k": "welcome"}
            message = await page.receive_json(timeout=60)
            assert message == {"k": "hearts", "list": [{"id": 1}]}
            served.tell({"k": "beat", "h": 1, "t": 1.0})
            assert (await page.receive_json(timeout=60))["k"] == "beat"
            served.tell({"k": "w", "h": {"1": [0.0, 0.01, [1.0]]}})
            frame = await page.receive_json(timeout=60)
            assert (frame["k"], frame["n"]) == ("w", 1)

    asyncio.run(look())


@pytest.mark.slow
def test_a_command_goes_through_and_its_answer_to_who_asked(served):
    async def ask():
        async with served.page() as one, served.page() as other:
            for page in (one, other):
                assert (await page.receive_json(timeout=60))["k"] == "welcome"
            await one.send_json({"id": 7, "do": "start", "source": "sim", "name": "<img onerror>"})
            line = await asyncio.to_thread(served.process.stdout.readline)
            command = json.loads(line)
            assert command["do"] == "start"
            assert command["name"] == "<img onerror>"
            served.tell({"k": "answer", "re": command["id"], "ok": False, "error": "no"})
            answer = await one.receive_json(timeout=60)
            assert answer == {"k": "answer", "re": 7, "ok": False, "error": "no"}
            served.tell({"k": "notice", "text": "after"})
            assert (await other.receive_json(timeout=60))["k"] == "notice"

    asyncio.run(ask())


@pytest.mark.parametrize("text", ["no json", "[]", "{}", '{"id": "x", "do": 5}', "[" * 60_000])
def test_what_is_no_command_closes_the_page_and_nothing_else(running, text):
    async def send():
        async with running.page() as page:
            assert (await page.receive_json(timeout=60))["k"] == "welcome"
            await page.send_str(text)
            message = await page.receive(timeout=60)
            while message.type is aiohttp.WSMsgType.TEXT:  # what a page is told when it opens
                message = await page.receive(timeout=60)
            assert message.type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        async with running.page() as page:
            assert (await page.receive_json(timeout=60))["k"] == "welcome"

    asyncio.run(send())


@pytest.mark.slow
def test_a_page_that_does_not_read_costs_no_memory_and_no_other_page(served, request):
    def memory_kb():
        return int(Path(f"/proc/{served.process.pid}/statm").read_text().split()[1]) * 4

    if not sys.platform.startswith("linux"):
        pytest.skip("reads /proc")
    stuck = socket.create_connection(("127.0.0.1", served.port))
    request.addfinalizer(stuck.close)
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    hand = (
        f"GET /socket HTTP/1.1\r\nHost: {served.ours}\r\nOrigin: http://{served.ours}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    stuck.sendall(hand.encode())
    text = json.dumps({"key": KEY}).encode()
    stuck.sendall(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)

    async def watch():
        async with served.page() as page:
            assert (await page.receive_json(timeout=60))["k"] == "welcome"
            frame = {"k": "w", "h": {"1": [0.0, 0.01, [1.25] * 900]}}

            async def tell(count):
                def say():
                    for _ in range(count):
                        served.tell(frame)
                    served.tell({"k": "notice", "text": "last"})

                saying = asyncio.ensure_future(asyncio.to_thread(say))
                while (await page.receive_json(timeout=60))["k"] != "notice":
                    pass
                await saying
                return memory_kb()

            async def be_there():  # who says nothing for long is let go
                while True:
                    await page.send_json({"seen": 0, "hidden": False})
                    await asyncio.sleep(1.0)

            there = asyncio.ensure_future(be_there())
            before = await tell(300)  # buffers have their usual size
            grown = await tell(8000) - before  # 32 MB
            there.cancel()
            return grown

    assert asyncio.run(watch()) < 12_000


@pytest.mark.slow
def test_files_come_in_parts_and_nothing_leaves_the_folder(served, tmp_path):
    async def upload(name, content, size=None):
        import base64

        async with served.page() as page:
            await page.receive_json(timeout=60)

            async def ask(number, **command):
                await page.send_json({"id": number} | command)
                while True:
                    message = await page.receive_json(timeout=60)
                    if message["k"] == "answer":
                        return message

            answer = await ask(1, do="upload.begin", name=name, size=size or len(content))
            if answer["ok"]:
                data = base64.b64encode(content).decode()
                answer = await ask(2, do="upload.part", data=data)
            if answer["ok"]:
                answer = await ask(3, do="upload.end")
            return answer

    good = asyncio.run(upload("../../my take.csv", b"800\n810\n790\n805\n"))
    assert good["ok"]
    assert good["source"] == f"csv:{tmp_path / 'my-take.csv'}"
    again = asyncio.run(upload("my take.csv", b"900\n910\n890\n905\n"))
    assert again["source"].endswith("my-take-2.csv")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-take-2.csv", "my-take.csv"]
    wrong = asyncio.run(upload("my take.csv", b"this is,\nno recording\n"))
    assert wrong["error"].startswith("my-take-3.csv is no recording that can be played: ")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["my-take-2.csv", "my-take.csv"]
    assert "ends in" in asyncio.run(upload("x.exe", b"1"))["error"]
    assert "larger than it said" in asyncio.run(upload("x.csv", b"12345", size=3))["error"]
    assert "did not arrive whole" in asyncio.run(upload("x.csv", b"12345", size=9))["error"]


@pytest.mark.slow
def test_it_ends_with_the_process_that_started_it(tmp_path):
    assert Served(tmp_path).end() == (0, "")


def started(folder, **config):
    """What a server answers first, and at once is ended."""
    with subprocess.Popen(
        [sys.executable, "-m", "bridge.panel.serve"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        given = {"key": KEY, "ports": [0], "hosts": ["127.0.0.1"], "folder": str(folder)} | config
        process.stdin.write(json.dumps(given) + "\n")
        process.stdin.flush()
        answer = json.loads(process.stdout.readline())
        process.stdin.close()
        process.wait(60)
    return answer


@pytest.mark.slow
def test_a_port_that_is_taken_is_passed_over(tmp_path):
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        socket.create_server(("127.0.0.1", 0)) as s,
    ):
        taken, free = other.getsockname()[1], s.getsockname()[1]
        s.close()
        assert started(tmp_path, ports=[taken, free]) == {"do": "ready", "port": free}
        answer = started(tmp_path, ports=[taken])
        assert answer["do"] == "failed"
        assert f"127.0.0.1 port {taken}: " in answer["error"]


@pytest.mark.slow
def test_an_address_that_is_not_ours_is_said(tmp_path):
    """192.0.2.1 is kept for documentation: no computer has it."""
    answer = started(tmp_path, hosts=["127.0.0.1", "192.0.2.1"])
    assert answer["do"] == "failed"
    assert "192.0.2.1" in answer["error"]


WRONG = (None, [], {}, -1, 1e300, True, "<b>", "../x", ["a"], {"a": {"b": []}}, "x" * 5000)


@pytest.mark.slow
def test_commands_of_any_shape_are_answered(served, tmp_path):
    """By the server itself; none ends it, and none leaves the folder."""
    keys = ("session", "name", "size", "data", "text", "style", "index", "key", "value", "where")
    does = (
        "upload.begin", "upload.part", "upload.end", "session.note", "session.replay",
        "receiver.add", "receiver.where", "receiver.keep", "row.set",
    )  # fmt: skip

    async def send():
        async with served.page() as page:
            asked = [
                {"do": do} | dict.fromkeys(keys, value) for do in does for value in WRONG
            ]  # fmt: skip
            for number, command in enumerate(asked):
                await page.send_json(command | {"id": number})
                answer = {}
                while answer.get("re") != number:
                    answer = await page.receive_json(timeout=60)
                assert not answer["ok"] or command["do"] == "upload.begin", command
                await asyncio.sleep(1.0 / 45)  # as fast as a person may be

    asyncio.run(send())
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_the_page_of_a_session_is_apart_and_under_a_name_of_its_own(served, tmp_path):
    (tmp_path / "clips").mkdir()
    for stem, inside in (("good", True), ("out", False)):
        (tmp_path / f"{stem}.csv").write_text("800\n810\n790\n", encoding="utf-8")
        page = tmp_path / "clips" / f"{stem}_page.html"
        if inside:
            page.write_text("<p>the page", encoding="utf-8")
        else:
            (tmp_path / "secret.html").write_text("secret", encoding="utf-8")
            page.symlink_to(tmp_path / "secret.html")

    async def look():
        async with served.page() as page:
            served.tell({"k": "recording", "on": False, "seconds": 0.0})
            while True:
                message = await page.receive_json(timeout=60)
                if message["k"] == "sessions":
                    return {each["name"]: each["page"] for each in message["list"]}

    pages = asyncio.run(look())
    assert pages["out.csv"] is None
    where = pages["good.csv"]
    assert len(where) > len("/session/") + 20
    status, head = served.raw(f"GET {where} HTTP/1.1\nHost: {served.ours}\n\n")
    assert status == 200
    assert "Content-Security-Policy: sandbox allow-scripts" in head
    assert "Cross-Origin-Resource-Policy: same-origin" in head
    for other in ("/session/0", "/session/", "/session/..%2f..%2fgood.csv", f"{where}x"):
        assert served.raw(f"GET {other} HTTP/1.1\nHost: {served.ours}\n\n")[0] == 404
    evil = f"GET {where} HTTP/1.1\nHost: evil.test\n\n"
    assert served.raw(evil)[0] == 421
