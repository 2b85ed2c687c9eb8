"""What is calculated from what was measured on a cluster."""

import pytest
import spread


def test_growth_is_the_power_and_what_does_not_fit_is_told() -> None:
    power, residuals = spread.growth([1_000, 10_000, 100_000], [2.0, 200.0, 20_000.0])
    assert power == pytest.approx(2.0)
    assert residuals == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    power, residuals = spread.growth([1_000, 10_000, 100_000], [1.0, 20.0, 100.0])
    assert power == pytest.approx(1.0)
    assert max(residuals) > 0.5


def test_block_against_block_is_what_a_big_collection_cannot_afford() -> None:
    real = {"words": 300, "quotes_an_article": 5.0, "cpu_milliseconds_an_article": {"quotes": 36.0, "embed": 36.0}}
    measured = [{"quotes": 1_000_000, "cpu_seconds": {"quotes": 9.0, "look-up": 36.0, "compare": 36.0}}]
    found = spread.needed(real, measured)
    assert found["quotes"] == 500_000_000
    assert found["core_hours"] == {"quotes": 2000, "embed": 1000, "look-up": 2500, "compare": 5}
    assert found["first_bottleneck"] == "look-up"
