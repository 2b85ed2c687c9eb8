"""Which of the models that are there translate a pair: one directly, or two by way of English."""

from collections.abc import Sequence

from pipeline.engines.descriptions import Description
from pipeline.ports import Translator
from pipeline.records import Language

PIVOT: Language = "en"


def route(models: Sequence[Description], source: Language, target: Language) -> tuple[Description, ...]:
    """The first model for the pair, or the first two that lead there through English; empty when nothing does."""
    direct = _first(models, source, target)
    if direct:
        return (direct,)
    legs = (_first(models, source, PIVOT), _first(models, PIVOT, target))
    return tuple(leg for leg in legs if leg) if all(legs) else ()


def _first(models: Sequence[Description], source: Language, target: Language) -> Description | None:
    return next((model for model in models if (source, target) in model.pairs), None)


class Pivot:
    """The `Translator` port by way of English; its signature names both legs."""

    def __init__(self, first: Translator, second: Translator) -> None:
        self._first, self._second = first, second
        self.signature = f"{first.signature}+{second.signature}"

    def supports(self, source: Language, target: Language) -> bool:
        """What leads to English with the first leg, and on with the second."""
        return self._first.supports(source, PIVOT) and self._second.supports(PIVOT, target)

    def translate(self, sentences: Sequence[str], source: Language, target: Language) -> list[str]:
        """See the port. ModelMissing when the files of a leg cannot be used."""
        self._check(source, target)
        return self._second.translate(self._first.translate(sentences, source, PIVOT), PIVOT, target)

    def retry(self, sentences: Sequence[str], source: Language, target: Language) -> list[list[str]]:
        """See the port: other translations of the English, then the English that the first leg offers instead."""
        self._check(source, target)
        found = self._second.retry(self._first.translate(sentences, source, PIVOT), PIVOT, target)
        others = self._first.retry(sentences, source, PIVOT)
        more = iter(self._second.translate([english[0] for english in others if english], PIVOT, target))
        return [
            list(dict.fromkeys([*candidates, *([next(more)] if english else [])]))
            for candidates, english in zip(found, others, strict=True)
        ]

    def _check(self, source: Language, target: Language) -> None:
        if not self.supports(source, target):
            raise ValueError(f"{self.signature} does not translate {source} into {target}")
