"""Everything that can be wrong with what the user gives the cost model, as exceptions that carry data.

`DataError` names file and line of a data set; `ArtifactError` names a model file; `RequestError` names what was asked for. All are
`CostModelRefusal`, so a command line needs one `except`. What is wrong with the model's own code stays an `assert`.

    data.jsonl:7: error: `labels.seconds` is nan, not a finite number
"""

import os


class CostModelRefusal(Exception):
    """The input was refused; `str` is the message for the user."""


class DataError(CostModelRefusal):
    """A data set, or a line of one, that is none."""

    def __init__(self, path: str, line: int | None, reason: str) -> None:
        self.path, self.line, self.reason = path, line, reason
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: error: {reason}")


class ArtifactError(CostModelRefusal):
    """A file that is no model, or a model that this program cannot obey."""

    def __init__(self, path: str, reason: str) -> None:
        self.path, self.reason = path, reason
        super().__init__(f"{path}: error: {reason}")


class RequestError(CostModelRefusal):
    """A question that the model has no answer to."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"error: {reason}")


class UnreadableError(CostModelRefusal):
    """A file that cannot be opened: the command line is at fault, not what the file says."""

    def __init__(self, path: str, error: OSError) -> None:
        self.path = path
        super().__init__(f"error: cannot read {path}: {os.strerror(error.errno or 0)}")
