"""GNU attributes: which may be dropped, and which change what a program means.

void fail(void) __attribute__((noreturn, cold));   ->   Attribute("noreturn", …), Attribute("cold", …)
struct s { … } __attribute__((packed));            ->   refused: C0217
"""

from dataclasses import dataclass
from enum import Enum

from compiler.codes import Code
from compiler.diagnostics import Diagnostic, Span


class AttributeEffect(Enum):
    """What an attribute does to the program. The value is the code it is refused with, if it is."""

    NONE = None
    LAYOUT = Code.LAYOUT_ATTRIBUTE
    VECTOR = Code.VECTOR_TYPE
    MEANING = Code.ATTRIBUTE


@dataclass(frozen=True, slots=True)
class Attribute:
    """One attribute as written, without the underscores around its name."""

    name: str
    arguments: str
    effect: AttributeEffect
    span: Span

    def refusal(self) -> Diagnostic | None:
        """The finding against it; None for an attribute that does no harm."""
        if self.effect.value is None:
            return None
        return Diagnostic(self.effect.value, f"attribute `{self.name}` is not supported", self.span)


_EFFECTS = {
    AttributeEffect.LAYOUT: "packed aligned ms_struct gcc_struct scalar_storage_order transparent_union",
    AttributeEffect.VECTOR: "vector_size ext_vector_type",
    AttributeEffect.MEANING: (
        "mode alias weakref ifunc cleanup constructor destructor weak interrupt naked returns_twice"
        " address_space tls_model noinit persistent symver copy"
    ),
}
_BY_NAME = {name: effect for effect, names in _EFFECTS.items() for name in names.split()}


def effect_of(name: str) -> AttributeEffect:
    """Unknown attributes have no effect: so C compilers treat them."""
    return _BY_NAME.get(name, AttributeEffect.NONE)
