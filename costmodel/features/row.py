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

ENTERING, ADDING, SCALING = range(0, 3 * DEPTH, DEPTH)
"""Of a body by loop: accesses that move with it and none inside; instructions for subscripts of several counters, and for scaled ones."""
WEIGHTS = 3 * DEPTH

OPERATIONS, INSTRUCTIONS, SAVED, FLOATING, EXTREMES, CALLS, CARRIES, THOUGHT, FREE = *range(8), 11
"""Of a body's arithmetic: operations; their instructions; those of them that multiply-add saves; whether there are floating-point ones,
extremes of such, calls, and what a loop may carry; what they are thought to cost in one, two, four and eight lanes; whether sums may be reordered."""
WORK = 12

SIZE, LOADS, STORES, MEMBERS, RUN = range(5)
"""Of a stream: bytes of an access, loads, stores, distinct offsets, their longest run."""
SAID = 5

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
    LAST,
    WIDTH,
    COPIED,
    RECURS,
    RESUMED,
    THINKS,
) = range(OVER + CASE, OVER + CASE + 26)
"""The longest trip; whether it is the only one, and constant; arithmetic of a round; what the compiler makes of the loop; instructions of a
round, and of those that are done once for all; then what came out for all cases; how many neighbours are packed in rounds that fill no
vector, the share of entries that get as far as vectors, and rounds that are left to scalars in any case, lanes of a
whole vector, bytes of a round that only
copies, loads of a round that the round before has made, the share of
entries whose rest is done in vectors, and what a round is thought to cost in one, two, four and eight lanes."""
FACTS = THINKS + 4
