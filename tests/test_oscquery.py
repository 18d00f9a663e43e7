"""The namespace over HTTP: the contract's table, read back by somebody else's client."""

import json
import socket
import urllib.error
import urllib.request

import pytest

from bridge.errors import UserError
from bridge.events import Beat, Body, State, Status
from bridge.mapping import profile as profiles
from bridge.mapping.values import Said
from bridge.osc import contract
from bridge.osc.contract import Way
from bridge.sinks import Seat
from bridge.sinks.oscquery import QueryServer, open_sinks

pytest.importorskip("zeroconf")


def seat(name="heart", **options):
    options.setdefault("root", "/heart")
    return Seat(name, 1, profiles.load([]), listens_on=lambda: 7790, **options)


@pytest.fixture
def server():
    seats = [seat()]
    made = QueryServer(0, seats)
    made.sinks = [made.member(each) for each in seats]
    yield made
    for sink in made.sinks:
        sink.close()


def get(server, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{server.port}{path}", timeout=60) as answer:
        body = answer.read()
        return json.loads(body) if body else None


@pytest.mark.slow
def test_the_tree_is_the_contract(server):
    for message in contract.MESSAGES:
        if message.way not in (Way.OUT, Way.IN) or message.path.startswith(("/group", "/body")):
            continue
        node = get(server, message.address())
        assert node["FULL_PATH"] == message.address()
        assert node["TYPE"] == message.tags
        heard = 1 if message.way is Way.OUT else 2
        assert node["ACCESS"] == (heard if message.tags else 0)
        if message.bounds:
            assert node["RANGE"][0] == {"MIN": message.bounds[0], "MAX": message.bounds[1]}


@pytest.mark.slow
def test_values_are_those_that_were_said_last_and_null_before(server):
    (sink,) = server.sinks
    assert get(server, "/heart/bpm?VALUE") == {"VALUE": [None]}
    sink.event(Beat(1.0, 1.0, strength=0.5, ibi_ms=800.0, bpm=75.0), age_s=0.25)
    sink.event(Status(1.0, State.LIVE), age_s=0.0)
    sink.event(Body(1.0, "eda", 4.5), age_s=0.0)
    assert get(server, "/heart/bpm?VALUE") == {"VALUE": [75.0]}
    assert get(server, "/heart/beat?VALUE") == {"VALUE": [1, 0.5, 250.0]}
    assert get(server, "/heart/status?VALUE") == {"VALUE": ["live"]}
    assert get(server, "/body/eda?VALUE") == {"VALUE": [4.5]}


@pytest.mark.slow
def test_host_info_says_where_we_listen_and_errors_are_errors(server):
    info = get(server, "/?HOST_INFO")
    assert (info["OSC_PORT"], info["OSC_TRANSPORT"]) == (7790, "UDP")
    assert get(server, "/heart/bpm?RANGE") is None  # 204: it has none
    for path, status in (("/nothing", 404), ("/heart/bpm?COLOUR", 400)):
        with pytest.raises(urllib.error.HTTPError) as error:
            get(server, path)
        assert error.value.code == status
        error.value.close()


@pytest.mark.slow
def test_somebody_elses_client_reads_it(server):
    pythonoscquery = pytest.importorskip("pythonoscquery.osc_query_client")
    from zeroconf import ServiceInfo

    server.sinks[0].event(Beat(1.0, 1.0, ibi_ms=800.0, bpm=75.0), age_s=0.0)
    service = "_oscjson._tcp.local."
    info = ServiceInfo(
        service, f"x.{service}", port=server.port, addresses=[socket.inet_aton("127.0.0.1")]
    )
    client = pythonoscquery.OSCQueryClient(info)
    assert client.get_host_info().osc_port == 7790
    hrv = client.query_node("/heart/hrv")
    paths = {node.full_path for node in hrv.contents}
    assert paths == {m.address() for m in contract.MESSAGES if m.path.startswith("/hrv/")}
    assert client.query_node("/heart/bpm").value == [75.0]
    assert client.query_node("/nothing") is None


@pytest.mark.slow
def test_it_is_found_on_this_machine(server):
    from zeroconf import IPVersion, Zeroconf

    service = "_oscjson._tcp.local."
    zeroconf = Zeroconf(interfaces=["127.0.0.1"], ip_version=IPVersion.V4Only)
    try:
        info = zeroconf.get_service_info(service, f"beatbridge {server.port}.{service}", 60_000)
    finally:
        zeroconf.close()
    assert info is not None
    assert info.port == server.port


@pytest.mark.slow
def test_several_hearts_and_the_group():
    seats = [seat(name, root=f"/heart/{name}", alone=False) for name in ("violin", "cello")]
    sinks = open_sinks("0", seats)
    server = sinks[0]._server
    try:
        sinks[1].event(Beat(1.0, 1.0, ibi_ms=800.0, bpm=75.0), age_s=0.0)
        sinks[0].group(Said("/group/count", (2,)))
        assert get(server, "/heart/cello/bpm?VALUE") == {"VALUE": [75.0]}
        assert get(server, "/heart/violin/bpm?VALUE") == {"VALUE": [None]}
        assert get(server, "/heart/group/count?VALUE") == {"VALUE": [2]}
    finally:
        for sink in sinks:
            sink.close()


def test_a_port_that_is_none_or_taken_is_said():
    with pytest.raises(UserError, match="should be a port"):
        open_sinks("http", [seat()])
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        with pytest.raises(UserError, match="--oscquery"):
            open_sinks(str(holder.getsockname()[1]), [seat()])
