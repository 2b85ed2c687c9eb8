import figures
import floors
import pytest


def test_the_corpus_is_the_one_that_the_floors_were_measured_on():
    assert figures.digest(floors.FILES) == floors.read().corpus


def test_every_group_has_floors():
    assert {name.partition(".")[0] for name in floors.read().floors} == set(figures.GROUPS)


@pytest.mark.parametrize("group", figures.GROUPS)
def test_no_figure_falls_below_its_floor(group):
    expected = {name: floor for name, floor in floors.read().floors.items() if name.startswith(f"{group}.")}
    measured = figures.flat({group: figures.GROUPS[group](floors.FILES)})
    assert floors.undercut(measured, expected) == []


def test_a_lower_figure_and_a_missing_one_undercut():
    assert floors.undercut({"a": 90.0, "b": 80.0}, {"a": 90.4, "b": 81.0, "c": 1.0}) == [
        "b: 80.0 is below 81.0",
        "c: None is below 1.0",
    ]


def test_floors_come_down_only_when_asked_to(tmp_path, monkeypatch):
    monkeypatch.setattr(floors, "PATH", tmp_path / "baseline.json")
    assert floors.update({"a": 90.0, "quotes.precision": 90.0}, lower=False) == []
    assert floors.update({"a": 80.0, "b": 70.0}, lower=False) == ["a"]
    assert floors.read().floors == {"a": 90.0, "b": 70.0}
    assert floors.update({"a": 80.0}, lower=True) == ["a"]
    assert floors.read().floors == {"a": 80.0, "b": 70.0}
