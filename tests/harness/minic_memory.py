"""Flat little-endian memory for the minic interpreter: addresses are integers, objects are bytes.

memory.writer(INTS["u16"])(address, 0x1234)     stores 34 12
"""

import struct
from collections.abc import Callable
from typing import Any

from xdsl.ir import Attribute

from compiler.dialects.minic_types import ArrayType, FloatType, IntType, PtrType, StructType

Read = Callable[[int], Any]
Write = Callable[[int, Any], None]

_BASE = 4096
"""Address 0 is null, and nothing lies near it."""


class Fault(Exception):
    """The program did what C leaves undefined, and the interpreter noticed."""


class Memory:
    """Bytes by address; `layouts` gives size and alignment of structs by symbol."""

    def __init__(self, layouts: dict[str, tuple[int, int]], size: int = 1 << 24) -> None:
        self.bytes = bytearray(size)
        self.layouts = layouts
        self.top = _BASE
        self.heap = size // 2

    def size(self, of: Attribute) -> int:
        match of:
            case IntType():
                return of.width // 8
            case FloatType():
                return of.width.data // 8
            case ArrayType():
                return of.size.data * self.size(of.element)
            case StructType():
                return self.layouts[of.symbol.data][0]
            case PtrType():
                return 8
            case _:
                return 1

    def allocate(self, size: int) -> int:
        """The address of zeroed bytes that nothing else uses."""
        address = self.top = (self.top + 15) & ~15
        self.top += size + 1  # one past the end of one object is not the next object
        self.check(address, size)
        self.bytes[address : address + size] = bytes(size)
        return address

    def allocate_forever(self, size: int) -> int:
        """The same, for what outlives the function that asks."""
        top, self.top = self.top, self.heap
        address = self.allocate(size)
        self.top, self.heap = top, self.top
        return address

    def text(self, address: int) -> bytes:
        """The string at an address."""
        self.check(address, 1)
        return bytes(self.bytes[address : self.bytes.index(0, address)])

    def check(self, address: int, size: int) -> None:
        if not _BASE <= address <= len(self.bytes) - size:
            raise Fault(f"address {address:#x}")

    def reader(self, of: Attribute) -> Read:
        """A function from an address to the value there."""
        size = self.size(of)
        match of:
            case IntType() | PtrType():
                return self._integer_reader(size, isinstance(of, IntType) and of.signed)
            case FloatType():
                form = "<f" if size == 4 else "<d"
                return lambda address: struct.unpack(form, self._slice(address, size))[0]
            case _:
                return lambda address: self._slice(address, size)

    def _integer_reader(self, size: int, signed: bool) -> Read:
        def read(address: int) -> int:
            return int.from_bytes(self._slice(address, size), "little", signed=signed)

        return read

    def _slice(self, address: int, size: int) -> bytes:
        self.check(address, size)
        return bytes(self.bytes[address : address + size])

    def writer(self, of: Attribute) -> Write:
        """A procedure that stores a value at an address."""
        size = self.size(of)
        encode = self.encoder(of)

        def write(address: int, value: Any) -> None:
            self.check(address, size)
            self.bytes[address : address + size] = encode(value)

        return write

    def encoder(self, of: Attribute) -> Callable[[Any], bytes]:
        """A function from a value to its bytes."""
        size = self.size(of)
        match of:
            case IntType() | PtrType():
                mask = (1 << (8 * size)) - 1
                return lambda value: (value & mask).to_bytes(size, "little")
            case FloatType():
                form = "<f" if size == 4 else "<d"
                return lambda value: struct.pack(form, value)
            case _:
                return lambda value: value
