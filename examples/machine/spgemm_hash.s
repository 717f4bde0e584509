# Row-wise product C = A * A of a CSR matrix, merged in a scratchpad hash table: the inner loop of SMASH's
# first version. One block; a0 = rows, a1 = row pointers (8 bytes), a2 = column indices (4 bytes),
# a3 = values (double), a4 = log2 of the table's size. Table entry: key (row << 32 | column) + 1, then value.
main:       piuma.btid s0               # row
            piuma.nbtid s1              # step
            la      s2, table
            li      s3, 0x9E3779B97F4A7C15
            li      s4, 64
            sub     s4, s4, a4          # shift that leaves log2(size) bits
            li      s5, 1
            sll     s5, s5, a4
            addi    s5, s5, -1          # mask
rows:       bge     s0, a0, finished
            slli    s6, s0, 32
            sh3add  t0, s0, a1
            ld      s7, 0(t0)           # first entry of the row of A
            ld      s8, 8(t0)
entries:    bge     s7, s8, next_row
            sh2add  t0, s7, a2
            lw      t1, 0(t0)           # k
            sh3add  t2, s7, a3
            fld     fs0, 0(t2)          # A[i,k]
            sh3add  t0, t1, a1
            ld      s9, 0(t0)           # row k of B
            ld      s10, 8(t0)
            addi    s7, s7, 1
products:   bge     s9, s10, entries
            sh2add  t0, s9, a2
            lwu     t1, 0(t0)           # j
            sh3add  t2, s9, a3
            fld     ft0, 0(t2)
            fmul.d  ft0, ft0, fs0
            or      t1, t1, s6
            addi    t1, t1, 1           # key
            mul     t3, t1, s3
            srl     t3, t3, s4          # slot
            addi    s9, s9, 1
probe:      slli    t4, t3, 4
            add     t4, t4, s2
            ld      t5, 0(t4)
            beq     t5, t1, add_value
            bnez    t5, collision
            piuma.cas.d t5, zero, t1, (t4)
            beqz    t5, add_value
            beq     t5, t1, add_value
collision:  addi    t3, t3, 1
            and     t3, t3, s5
            j       probe
add_value:  addi    t4, t4, 8
            piuma.redfadd.d ft0, (t4)
            j       products
next_row:   add     s0, s0, s1
            j       rows
finished:   piuma.fence
            piuma.halt
            .spad
            .balign 64
table:      .zero   4194304
