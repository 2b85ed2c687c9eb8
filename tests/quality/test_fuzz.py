"""Hostile input ends no command in a traceback; the thrower itself sees what it is there to see."""

from pathlib import Path

import pytest
from fuzzing import Findings, Limits, Range, fuzz, inputs, shares
from hostile import KINDS, Attack

INPUTS = 200
SEED = 20


def test_hostile_input_ends_in_an_exit_code(tmp_path: Path) -> None:
    findings = Findings(tmp_path / "findings")
    with Range() as shooting:
        tallies = fuzz(shooting, shares(INPUTS, list(KINDS)), SEED, findings)
    told = {path.name: path.read_text()[:3000] for path in (tmp_path / "findings").glob("[!l]*.json")}
    assert not findings.count, told
    assert sum(tally.inputs for tally in tallies.values()) == INPUTS
    assert {0, 1, 2} <= set(shooting.codes)


def test_the_same_seed_gives_the_same_attacks() -> None:
    some = list(inputs("tmx", 5, 3))
    assert some == list(inputs("tmx", 5, 3))
    assert [Attack.from_json(one.to_json()) for one in some] == some


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("raise KeyError('x')", "KeyError"),
        ("while True: pass", "no end"),
        ("held = bytearray(80 << 20); held[::4096] = b'x' * len(held[::4096])", "grew by"),
        ("raise SystemExit(3)", "exit code 3"),
        ("raise SystemExit(2)", "without a word"),
        ("print('\\x1b]52;c;aGk=\\x07')", "on standard output"),
        ("print('{\"a\": NaN}')", "no JSON"),
    ],
)
def test_a_fault_is_found_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str, told: str) -> None:
    attack = Attack("names", (("names", "--jsonl"),), {"a.txt": b"x"})
    findings = Findings(tmp_path)
    with Range(Limits(seconds=0.3, memory=40 << 20)) as shooting:
        monkeypatch.setattr("pipeline.cli.main", lambda: exec(fault))
        findings.begin(attack)
        outcome = shooting.throw(attack)
    findings.end(outcome.fault)
    assert told in (outcome.fault or "")
    findings.close()
    assert len(list(tmp_path.glob("*.json"))) == 1
