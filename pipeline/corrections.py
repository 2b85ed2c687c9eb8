"""What people correct in a collection between two runs: articles that are taken out or were retracted, and joins."""

from collections.abc import Sequence

from pipeline import matching, outputs, removal, retractions, run, settings, verdicts
from pipeline.collection import Collection
from pipeline.engines import Engines
from pipeline.errors import CollectionError
from pipeline.progress import Progress
from pipeline.removal import Removed
from pipeline.retractions import Retraction
from pipeline.verdicts import Verdict


def remove(collection: Collection, ids: Sequence[str], engines: Engines | None, progress: Progress) -> list[Removed]:
    """Take articles out of a collection and of its folder's files, as if they had never been there; those that were in it.

    Without `engines` (models are missing), and where the last run did not come to its end or was another version's, what
    follows from the other articles is left to the next run. A removal that was killed is finished first. CollectionError
    when something may be left in a file.
    """
    ready = engines is not None and verdicts.can_be_judged(collection, matching.signature(engines))
    removed = removal.take_out(collection, ids, "up to date" if ready else "behind")
    state = removal.unfinished(collection)
    if state is None:
        return removed
    if state == "up to date" and engines is not None:
        run.derive(collection, engines, progress, run.Outcome())
    outputs.renew(collection)
    if state == "behind":
        with collection.transaction():
            collection.touch()  # there is still something to do
    if not removal.scrub(collection):
        raise CollectionError(
            f"another process is reading {collection.folder}: words that were removed may be in its files until it ends",
            "end it, and give the same command again",
        )
    return removed


def judge(collection: Collection, made: Sequence[Verdict], engines: Engines, progress: Progress) -> None:
    """Keep verdicts, and bring statements and files up to date. CollectionError when they were not."""
    _check(collection, engines)
    verdicts.put(collection, made)
    _regroup(collection, engines, progress)


def retract(
    collection: Collection, ids: Sequence[str], reason: str | None, engines: Engines, progress: Progress
) -> None:
    """Mark articles of a collection as retracted by their outlets, and bring statements and files up to date."""
    _check(collection, engines)
    at = settings.now().isoformat()
    retractions.put(collection, [Retraction(id_, reason, at) for id_ in ids])
    _regroup(collection, engines, progress)


def reinstate(collection: Collection, ids: Sequence[str], engines: Engines, progress: Progress) -> None:
    """Take such marks off."""
    _check(collection, engines)
    retractions.lift(collection, ids)
    _regroup(collection, engines, progress)


def _check(collection: Collection, engines: Engines) -> None:
    if not verdicts.can_be_judged(collection, matching.signature(engines)):
        raise CollectionError(
            f"the statements of {collection.folder} are not up to date", "first: crossquote run ARTICLES --into DIR"
        )


def _regroup(collection: Collection, engines: Engines, progress: Progress) -> None:
    matching.regroup(collection, engines.matcher, progress)
    outputs.renew(collection)
