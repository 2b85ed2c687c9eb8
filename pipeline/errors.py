"""What can go wrong through no fault of the program.

    PipelineError            a message, and a hint that says what to do next
    ├── InputError           something the user gave cannot be read or understood
    ├── ModelMissing         a model is not installed, or its files are damaged
    └── CollectionError      the collection cannot be opened, read or written

A programmer's mistake is a `ValueError`, never one of these. The library raises; only the command line prints and exits.
"""


class PipelineError(Exception):
    """Something a user can mend: `message` says what is wrong and where, `hint` what to do about it."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(PipelineError):
    """Something the user gave cannot be read or understood."""


class ModelMissing(PipelineError):
    """A model is not installed, or its files are damaged."""


class CollectionError(PipelineError):
    """The collection cannot be opened, read or written."""
