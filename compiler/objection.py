"""What an op's verifier finds wrong with the user's program when there is more to say than a sentence: code and help.

    raise Objection(Code.RANDOM_STREAM, "stochastic rounding without a random stream", help="name one: …")

It is a `VerifyException`, so that xDSL's own verification reports it; reading IR text makes it the diagnostic it carries, at the op's place.
"""

from xdsl.utils.exceptions import VerifyException

from compiler.codes import Code


class Objection(VerifyException):
    """A verifier's refusal with a code of its own."""

    def __init__(self, code: Code, message: str, *, help: str) -> None:
        super().__init__(message)
        self.code = code
        self.help = help
