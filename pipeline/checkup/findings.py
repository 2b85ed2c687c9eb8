"""What a check finds, and what it is done to."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

from pipeline import outputs
from pipeline.collection import Collection
from pipeline.records import Language

LOST = "restore a copy of the folder, or run again from the articles into a new one"

MENDING = "mending"  # under which the collection remembers that something was taken away and is not made anew yet

STAGES = ("quotes", "reprints", "match")
"""What every article goes through, in order and in the names that the collection knows."""

NAMED = 3
"""Examples that are named of what is wrong."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: `what` it is about, what is wrong with it, and what is to be done.

    `mend` does it, inside a transaction; without it, or when the fault is `lasting`, somebody else has to. A `note` is no
    fault. After a `hopeless` one there is no use in looking further.
    """

    what: str
    wrong: str
    remedy: str
    mend: Callable[[], None] | None = None
    lasting: bool = False
    note: bool = False
    hopeless: bool = False


@dataclass
class Patient:
    """A collection that is looked at, and what has been found out about it so far.

    `distrusted`: articles whose text is not what was read. `texts`: sentences that need vectors. `touched`: something was
    taken away that follows from the articles. `outdated`: the outputs are to be written. `unfinished`: a run did not come to
    its end, so what is lacking is no fault. `mending`: a check did not come to its end.
    """

    collection: Collection
    distrusted: set[str] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    touched: bool = False
    outdated: bool = False
    unfinished: bool = False
    mending: bool = False
    _noted: bool = False

    def __post_init__(self) -> None:
        current = outputs.are_current(self.collection)
        left = not current or bool(self.collection.editions_called_for())
        self.mending = left and self.collection.meta(MENDING) == "yes"
        self.unfinished = not current and not self.mending

    def execute(self, query: str, values: Iterable[Sequence[object]] | None = None) -> None:
        """Change something that follows from the articles: once, or for each of `values`."""
        self.touched = True
        if values is None:
            self.collection.database.execute(query)
        else:
            self.collection.database.executemany(query, values)

    def call_for_editions(self, some: Iterable[tuple[str, Language]]) -> None:
        """Have machine editions of articles made anew."""
        self.touched = True
        for article_id, target in some:
            self.collection.call_for_edition(article_id, target)

    def loosen(self, components: Iterable[str]) -> None:
        """Have components grouped anew."""
        self.touched = True
        self.collection.loosen(components)

    def loosen_articles(self, article_ids: Iterable[str]) -> None:
        """Have what articles say grouped anew."""
        self.touched = True
        self.collection.loosen_articles([*article_ids])

    def write_outputs(self) -> None:
        """Have the outputs written anew."""
        self.outdated = True

    def redo(self) -> None:
        """Have the stages do what is lacking."""
        self.touched = True

    def embed(self, texts: Sequence[str]) -> None:
        """Have vectors made."""
        self.touched = True
        self.texts += texts

    def find_again(self, article_ids: Sequence[str]) -> None:
        """Have quotations of articles found anew; translations of them wait for them."""
        self.loosen_articles(article_ids)
        for table in ("utterances", "quotes"):
            self.execute(f"DELETE FROM {table} WHERE article_id = ?", [(article_id,) for article_id in article_ids])
        self.forget_stage(article_ids, *STAGES)

    def forget_stage(self, article_ids: Iterable[str], *stages: str) -> None:
        """Have stages see articles anew."""
        pairs = [(article_id, stage) for article_id in article_ids for stage in stages]
        self.execute("DELETE FROM done WHERE article_id = ? AND stage = ?", pairs)

    def note_what_was_touched(self) -> None:
        """Have the collection remember that something is to be made anew, in the transaction that took it away."""
        if self.touched and not self._noted:
            self.collection.touch()
            if not self.unfinished:  # else the next run makes it
                self.collection.remember(MENDING, "yes")
            self._noted = True

    def note_end(self) -> None:
        """Have the collection remember that everything is made."""
        with self.collection.transaction():
            self.collection.remember(MENDING, "no")


def named(ids: Iterable[object], count: int) -> str:
    """Some of what is wrong, e.g. `` (q-1, q-2, q-3, …)``."""
    some = [str(each) for each in islice(ids, NAMED)]
    return f" ({', '.join(some)}{', …' if count > len(some) else ''})"
