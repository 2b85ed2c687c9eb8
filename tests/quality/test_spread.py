"""What is calculated from what was measured on a cluster."""

import pytest
import spread
from spread import Fit


def test_a_fit_tells_what_is_linear_from_what_is_square_and_what_fits_neither() -> None:
    sizes = [10_000, 100_000, 1_000_000]
    fit = Fit.of(sizes, [1e-3 * n + 1e-8 * n * n for n in sizes])
    assert (fit.each, fit.pair) == (pytest.approx(1e-3), pytest.approx(1e-8))
    assert fit.residuals == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
    fit = Fit.of(sizes, [20.0, 100.0, 1000.0])
    assert fit.pair == pytest.approx(0.0)
    assert fit.residuals[0] > 0.5
    assert Fit.of([1_000], [2.0]).seconds(2_000) == pytest.approx(4.0)


def test_block_against_block_is_what_a_big_collection_cannot_afford() -> None:
    real = {"words": 300, "quotes_an_article": 5.0, "cpu_milliseconds_an_article": {"quotes": 36.0, "embed": 36.0}}
    fits = {
        "quotes": Fit(9e-6, 0.0, ()),
        "look-up, exact": Fit(0.0, 1e-6, ()),
        "look-up": Fit(0.0, 3.6e-11, ()),
        "compare": Fit(3.6e-5, 0.0, ()),
    }
    found = spread.needed(real, fits)
    assert found["quotes"] == 500_000_000
    assert found["core_hours"] == {"quotes": 2000, "embed": 1000, "look-up": 2500, "compare": 5}
    assert found["first_bottleneck"] == "look-up"
