"""How many instructions a nest executes for sure: LLVM compiles it, and nothing of it runs but what decides how often it goes round.

    %sum = fadd <8 x float> %sum, %b             dropped
    %more = icmp ult i64 %i, 4096                kept, as a branch needs it
    br i1 %more, label %loop, label %rest        kept

1. The module after LLVM's -O2 for a core; every block of that gets a mark, a line that the assembler's text keeps.
2. *How often* a block is entered: the function again with nothing but branches, what they need, and a counter a block. LLVM sums loops of
   counters up, as their trips are affine: a nest of 10^10 rounds takes no longer than one of 10^3.
3. *How long* a block is: instructions between labels and jumps of the machine code around the block's mark. So are x86's read.

What branches on what it loads is not counted: None.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from costmodel.native import Core, assembly, optimized, run_once

_CALLED, _OTHERS = {"exp": 48.0, "expf": 31.0}, 40.0
"""Instructions of a library's functions with their calls, as callgrind counted glibc 2.36's exponentials, and of those that were not counted."""
_CALLS = re.compile(r"^\tcallq?\s+([\w.]+)")
_NAME = r"%(?:[\w$.-]+|\"[^\"]*\")"
_DEFINE = re.compile(r"^define void @kernel\((.*)\)[^()]*\{$", re.MULTILINE)
_PARAMETER = re.compile(rf"ptr (?:[^,%]*)({_NAME})")
_LABEL = re.compile(r"^([\w$.-]+|\"[^\"]*\"):")
_DEFINED = re.compile(rf"^  ({_NAME}) = (.*)")
_NAMES = re.compile(_NAME)
_TERMINATOR = re.compile(r"^  (?:br|switch|ret|unreachable)\b")
_NOTES = re.compile(r"(?:, |\s)![\w.]+(?: !\d+)?(?=,|\s*$)")
_READS = re.compile(r"^(?:load|alloca|va_arg|cmpxchg|atomicrmw|invoke|callbr)\b")
_CALL = re.compile(r"^(?:(?:tail|musttail|notail) )?call [^@]*@([\w.]+)\(")
_PURE = re.compile(r"^llvm\.(?:[us](?:min|max)|[us](?:add|sub)\.sat|abs|ctpop|ctlz|cttz|vector\.reduce\.\w+)\.")
_JUMP = re.compile(r"^\t(?:j|ret)")
_MARK = "\t.pseudoprobe\t1 "
_PROBES = """
declare void @llvm.pseudoprobe(i64 immarg, i64 immarg, i32 immarg, i64 immarg)
!llvm.pseudo_probe_desc = !{!9999}
!9999 = !{i64 1, i64 1, !"kernel"}
"""


@dataclass(slots=True)
class _Block:
    """A basic block of the optimized module."""

    name: str
    phis: list[str] = field(default_factory=list[str])
    lines: list[str] = field(default_factory=list[str])


def executed(module: str, core: Core) -> float | None:
    """Instructions that the function `kernel` of a module executes on a core."""
    text = optimized(module, core)
    times = entries(text)
    if times is None:
        return None
    begin, end = _body(text)
    marked = "\n".join(_marked(_blocks(text[begin:end])))
    return _instructions(assembly(f"{text[:begin]}\n{marked}{text[end:]}{_PROBES}", core), list(times.values()))


def entries(text: str) -> dict[str, int] | None:
    """How often each block of a module's function `kernel` is entered, in the order of the text. Its buffers do not overlap."""
    begin, end = _body(text)
    blocks, head = _blocks(text[begin:end]), _DEFINE.search(text)
    assert head is not None
    counting = _counting(head[1], blocks, _declared(text))
    if counting is None:
        return None
    times = np.zeros(len(blocks), dtype=np.int64)
    run_once(counting, "count", times.ctypes.data)
    return dict(zip((block.name for block in blocks), times.tolist(), strict=True))


def _body(text: str) -> tuple[int, int]:
    """Where the function's blocks begin and end."""
    found = _DEFINE.search(text)
    assert found is not None
    return found.end(), text.index("\n}", found.end())


def _declared(text: str) -> list[str]:
    """Declarations of functions that only compute."""
    lines = [line for line in text.splitlines() if line.startswith("declare ")]
    return [line.split(" #")[0] for line in lines if _PURE.match(line[line.index("@") + 1 :])]


def _blocks(body: str) -> list[_Block]:
    blocks: list[_Block] = []
    lines = iter(body.splitlines())
    for line in lines:
        label = _LABEL.match(line)
        if label is not None:
            blocks.append(_Block(label[1]))
        elif line.strip():
            block = blocks[-1]
            whole = line if "switch" not in line or line.endswith("]") else " ".join((line, *_until(lines, "]")))
            (block.phis if " = phi " in whole else block.lines).append(whole)
    return blocks


def _until(lines: Iterator[str], end: str) -> Iterator[str]:
    for line in lines:
        yield line.strip()
        if line.strip() == end:
            return


def _marked(blocks: list[_Block]) -> Iterator[str]:
    for at, block in enumerate(blocks):
        yield f"{block.name}:"
        yield from block.phis
        yield f"  call void @llvm.pseudoprobe(i64 1, i64 {at + 1}, i32 0, i64 -1)"
        yield from block.lines


def _counting(parameters: str, blocks: list[_Block], declared: list[str]) -> str | None:
    """The function's branches and what they need, with a counter a block; None where they need what is loaded or called."""
    defined: dict[str, str] = {}
    needed: list[str] = []
    for block in blocks:
        for line in (*block.phis, *block.lines):
            if found := _DEFINED.match(line):
                defined[found[1]] = _NOTES.sub("", found[2])
            elif _TERMINATOR.match(line) and " label " in line:
                needed += _NAMES.findall(line.split(" label ")[0])
    kept: set[str] = set()
    while needed:
        name = needed.pop()
        if name in kept:
            continue
        kept.add(name)
        made = defined.get(name)
        if made is not None:
            call = _CALL.match(made)
            if _READS.match(made) or ("call " in made and (call is None or not _PURE.match(call[1]))):
                return None
            needed += [each for each in _NAMES.findall(made) if each in defined or each not in kept]
    return "\n".join((*_slice(parameters, blocks, kept), *declared, ""))


def _slice(parameters: str, blocks: list[_Block], kept: set[str]) -> Iterator[str]:
    yield "define void @count(ptr %all.counts) {"
    for at, block in enumerate(blocks):
        yield f"{block.name}:"
        yield from (_bare(line) for line in block.phis if _defines(line) in kept)
        if at == 0:
            for buffer, name in enumerate(_PARAMETER.findall(parameters)):
                yield f"  {name} = inttoptr i64 {(buffer + 1) << 40} to ptr"
            yield from (f"  %all.n{each} = alloca i64" for each in range(len(blocks)))
            yield from (f"  store i64 0, ptr %all.n{each}" for each in range(len(blocks)))
        yield f"  %all.a{at} = load i64, ptr %all.n{at}"
        yield f"  %all.b{at} = add i64 %all.a{at}, 1"
        yield f"  store i64 %all.b{at}, ptr %all.n{at}"
        for line in block.lines:
            if _TERMINATOR.match(line):
                if line.startswith("  ret"):
                    yield from _given(len(blocks), at)
                yield _bare(line)
            elif _defines(line) in kept:
                yield _bare(line)
    yield "}"


def _given(count: int, at: int) -> Iterator[str]:
    for each in range(count):
        yield f"  %all.c{each}.{at} = load i64, ptr %all.n{each}"
        yield f"  %all.d{each}.{at} = getelementptr i64, ptr %all.counts, i64 {each}"
        yield f"  store i64 %all.c{each}.{at}, ptr %all.d{each}.{at}"


def _defines(line: str) -> str:
    found = _DEFINED.match(line)
    return found[1] if found is not None else ""


def _bare(line: str) -> str:
    """Without what refers to the rest of the module."""
    return _NOTES.sub("", line).rstrip()


def _instructions(code: str, times: list[int]) -> float:
    """Instructions executed, by how often each marked block is entered. Stretches that have no mark were put in by the code generator, between
    two that do: they are entered as often as the rarer one."""
    stretches: list[tuple[float, int | None]] = []
    count, mark = 0.0, None
    for line in code.splitlines():
        if line.startswith(".") or (line and line[0] not in "\t #" and line.endswith(":")):
            stretches.append((count, mark))
            count, mark = 0.0, None
        elif line.startswith(_MARK):
            mark = int(line[len(_MARK) :].split()[0]) - 1
        elif line.startswith("\t") and line[1:2] not in (".", "#", "/", ""):
            called = _CALLS.match(line)
            count += _CALLED.get(called[1], _OTHERS) if called is not None else 1.0
            if _JUMP.match(line):
                stretches.append((count, mark))
                count, mark = 0.0, None
    stretches = [each for each in (*stretches, (count, mark)) if each[0] or each[1] is not None]
    known = [times[mark] if mark is not None else None for _, mark in stretches]
    total, before = 0.0, 0
    for at, (length, _) in enumerate(stretches):
        own = known[at]
        if own is None:
            after = next((each for each in known[at + 1 :] if each is not None), before)
            own = min(before, after)
        before = own
        total += length * own
    return total
