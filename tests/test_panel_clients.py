"""A page at the end of a line: newest frame, bounded events, commands as a person gives them."""

import asyncio

from bridge.panel.clients import COMMANDS_A_SECOND, FRAMES_KEPT, MOST_EVENTS, Client


def sent_by(client, sent, rounds=3):
    async def run():
        task = asyncio.ensure_future(client.run())
        for _ in range(rounds):
            await asyncio.sleep(0)
        task.cancel()

    asyncio.run(run())
    return sent


def made(now=0.0):
    sent = []

    async def send(text):
        sent.append(text)

    return Client(send, now), sent


def test_events_come_first_and_of_frames_the_newest():
    client, sent = made()
    for count in range(1, FRAMES_KEPT + 3):
        client.frame(count, f"frame {count}")
    client.event("a")
    client.event("b")
    found = sent_by(client, sent)
    assert found[:3] == ["a", "b", "frame 3"]
    assert found[-1] == f"frame {FRAMES_KEPT + 2}"
    assert len(found) == 2 + FRAMES_KEPT


def test_what_a_page_does_not_take_is_bounded_and_told_anew():
    client, _ = made()
    for n in range(MOST_EVENTS):
        client.event(str(n))
    assert not client.overflowed
    client.event("one more")
    assert client.overflowed


def test_a_page_that_lags_gets_half_the_frames_and_a_hidden_one_none():
    client, sent = made()
    client.acknowledge(1, hidden=False, now=0.0)
    for count in (61, 101, 102):  # two seconds are not yet a lag: it acknowledges once a second
        client.frame(count, f"frame {count}")
    assert sent_by(client, sent) == ["frame 61", "frame 102"]
    client.frame(103, "frame 103")
    assert sent_by(client, sent) == ["frame 61", "frame 102"]
    client.acknowledge(103, hidden=True, now=1.0)
    client.frame(104, "frame 104")
    assert sent_by(client, sent) == ["frame 61", "frame 102"]


def test_a_page_that_says_nothing_is_dead():
    client, _ = made(now=100.0)
    assert not client.dead(109.0)
    assert client.dead(111.0)
    client.acknowledge(5, hidden=False, now=111.0)
    assert not client.dead(120.0)


def test_a_flood_of_commands_is_held_to_what_a_person_does():
    client, _ = made()
    allowed = sum(client.may_command(0.5) for _ in range(1000))
    assert allowed == COMMANDS_A_SECOND
    assert client.may_command(1.0)
