"""Every fault of the table is seen: by the lint, or by the test that it names."""

import pytest

from max_for_live.lint import lint
from tests import device_mutations, livefake
from tests.device_mutations import TABLE, Mutation
from tests.maxpatch import rig
from tests.maxpatch.runtime import Max


def test_the_table_is_long_enough_and_no_fault_is_in_it_twice() -> None:
    faults = {(m.where, m.old, str(m.new)) for m in TABLE}
    assert len(faults) >= 60
    pairs = [(str(m), m.test) for m in TABLE]
    assert len(pairs) == len(set(pairs))


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deaf device is not waited for."""
    patient = Max.receive
    monkeypatch.setattr(Max, "receive", lambda max_, n, _wait=0.0: patient(max_, n, 0.4))


@pytest.mark.slow
@pytest.mark.parametrize("mutation", TABLE, ids=str)
def test_a_fault_is_seen(mutation: Mutation, quick: None, monkeypatch: pytest.MonkeyPatch) -> None:
    data = mutation.data()
    if mutation.test is device_mutations.LINT:
        assert lint(data)
        return
    mutation.test(*mutation.arguments)  # without the fault it passes
    monkeypatch.setattr(rig, "DATA", data)
    if changed := mutation.script():
        stem, code = changed
        real = livefake.source
        monkeypatch.setattr(livefake, "source", lambda name: code if name == stem else real(name))
    with pytest.raises((Exception, pytest.fail.Exception)):
        mutation.test(*mutation.arguments)
