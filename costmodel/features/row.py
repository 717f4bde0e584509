"""Where the numbers of a *row* lie: one way of a body through its loops over part of a tile (`rounds.py`), as machine code writes and reads it.

    rows[at + TRIPS + loop]      of the row that begins at `at`, the rounds of a loop (0 the innermost)
    facts[LANES]                 of the row that is looked at
    found[s * FOUND + KIND]      of its stream `s`

Functions of the subset (`costmodel/scalar.py`) take arrays and no records, so records are arrays with names for their places. Flags are
numbers, 1 or 0. Refuses nothing: it is only names.
"""

from __future__ import annotations

from costmodel.features.streams import DEPTH

TRIPS, CONSTANT, GONE, WRITTEN = range(0, 4 * DEPTH, DEPTH)
"""Of a row by loop: rounds; whether they are the same every time; whether it is a loop over tiles that the row is one side of; whether it
is written out."""
ROW = 4 * DEPTH
"""Numbers of a row."""
SPLITS = 3
"""How often a row may become two."""
MOST_ROWS = 1 << SPLITS

ENTERING, STORING, ADDING, SUMMED, SCALING, ROOTS, GUARDED, PRODUCTS = range(0, 8 * DEPTH, DEPTH)
"""Of a body by loop: instructions of the accesses that move with it and with none inside, and how many are stores; instructions of sums of
several counters, and whether it is the outer one of such; those of other subscripts; the loop that it is a loop over tiles of, or itself;
whether LLVM asks first if there is a round, though the trip is constant; products of factors that move with it and with no loop inside."""
DISTINCT = 8 * DEPTH
"""Of the products of factors that do not move with the innermost loop, how many an iteration has that differ."""
WEIGHTS = DISTINCT + 1

OPERATIONS, INSTRUCTIONS, SAVED, FLOATING, EXTREMES, CALLS, CARRIES, WIDE, FOLDING, FREE = range(10)
"""Of a body's arithmetic: operations; their instructions; those of them that multiply-add saves; whether there are floating-point ones,
extremes of such, calls, and what a loop may carry; what a whole vector is thought to take beyond one each; loads that it may do itself, but
for those of what is stored again; whether sums may be reordered."""
WORK = 10

SIZE, LOADS, STORES, MEMBERS, RUN, NEXT = range(6)
"""Of a stream: bytes of an access, loads, stores, distinct offsets, their longest run, those that the next one follows without a gap."""
SAID = 6

FACTOR, READS, WRITES, USES, KIND, AGAIN = range(6)
"""Of a stream in a round: its step in accesses, whether it reads and writes, how often it loads an address; its kind: 0 stands still, 1 one
after the other, 2 interleaved, 3 anything else; addresses that the next round loads again."""
FOUND = 6

CASE = 8
"""Different trips of a loop that are told apart."""
WITHIN = 0
"""Of a row by loop: rounds of all loops inside it."""
CASES, SHARES, DONE, TIMES, OVER = range(DEPTH + 1, DEPTH + 1 + 5 * CASE, CASE)
"""Of the loop that is left: trips by case, the share of each, and what is summed over them."""
(
    LONGEST,
    SINGLE,
    KNOWN,
    ROUND_OPERATIONS,
    ROUND_INSTRUCTIONS,
    LANES,
    PACKED,
    COPIES,
    MASKED,
    STRICT,
    CARRIED,
    BELIEVED,
    CANCELS,
    INSIDE,
    HOISTED,
    ROUNDS,
    OUTSIDE,
    RESTS,
    APART,
    ENTERED,
    FOLDED,
    CODE,
    STORED,
    TURNED,
) = range(OVER + CASE, OVER + CASE + 24)
"""The longest trip; whether it is the only one, and constant; arithmetic of a round; what the compiler makes of the loop; instructions of a
round, and of those that are done once for all; then what came out for all cases; how many neighbours are packed in rounds that fill no
vector, and the share of entries that get as far as vectors; loads that arithmetic of a round may do itself; its operations and
accesses; those stores that are done once for all rounds; moves of sums that fill all registers."""
FACTS = TURNED + 1
