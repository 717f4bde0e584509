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

OPERATIONS, INSTRUCTIONS, SAVED, FLOATING, EXTREMES, CALLS, CARRIES, THOUGHT, FOLDING, MULTIPLIES, FREE = (
    *range(8),
    11,
    12,
    13,
)
WORK = 14

SIZE, LOADS, STORES, MEMBERS, RUN = range(5)
"""Of a stream: bytes of an access, loads, stores, distinct offsets, their longest run."""
SAID = 5

FACTOR, READS, WRITES, USES, KIND, AGAIN, ACROSS, LOADED, GOES_ON, BREAKS = range(10)
"""Of a stream in a round: its step in accesses, whether it reads and writes, how often it loads an address; its kind: 0 stands still, 1 one
after the other, 2 interleaved, 3 anything else; addresses that the next round loads again; where the next lane of a pack is, how many packs
are loaded, whether the next round loads some of the same run, and whether its own run is shorter than that of stores (`packs.py`)."""
FOUND = 10

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
    STRETCH,
    HELD,
    LONG,
    BETWEEN,
    BYTES,
    BY_SUMS,
    FOLDED,
    CODE,
    STORED,
    LAST,
    WIDTH,
    COPIED,
    RECURS,
    RESUMED,
    STANDING,
    THINKS,
) = range(OVER + CASE, OVER + CASE + 36)
"""The longest trip; whether it is the only one, and constant; arithmetic of a round; what the compiler makes of the loop; instructions of a
round, and of those that are done once for all; then what came out for all cases; how many neighbours are packed in rounds that fill no
vector, the share of entries that get as far as vectors; the longest run of stores, what of it other streams follow, how far it goes along the
loop of its lanes, rows that stand between those, bytes of a pack, and whether it is of sums that are stored apart (`packs.py`); loads that
arithmetic of a round may do itself; its operations and accesses; those stores that are done once for all rounds; the share of entries
whose rest is done in vectors; products of a round that are computed before its loop; and what a round is thought to cost in one, two, four
and eight lanes."""
WIDTHS = 3
"""Of packs: two, four, eight."""
IN_ROWS = THINKS + 4
"""By width, stores over stores that are left where rows stand between lanes (`packs.py`)."""
REDUCED, KEPT = IN_ROWS + WIDTHS, IN_ROWS + WIDTHS + 1
"""Instructions of a round that add up the lanes of sums (`horizontal.py`); loads and stores of sums that are done once for all rounds."""
FACTS = KEPT + 1
