# Every thread draws numbers and counts them with atomics in its block's scratchpad; then the counts are
# written out by one DMA transfer per block.
main:       piuma.tid   s0
            la          s1, counts
            li          s2, 1000            # draws
            li          s3, 6364136223846793005
            li          s4, 1442695040888963407
            li          s5, 1
draw:       mul         s0, s0, s3          # linear congruential generator
            add         s0, s0, s4
            srli        t0, s0, 58          # 64 bins
            sh3add      t0, t0, s1
            piuma.redadd.d s5, (t0)
            addi        s2, s2, -1
            bnez        s2, draw
            piuma.fence
            piuma.barrier.block
            piuma.btid  t0
            bnez        t0, done
            piuma.block t0
            slli        t0, t0, 9
            la          t1, bins
            add         t1, t1, t0
            li          t2, 512
            piuma.dma.copy t3, t1, s1, t2
            piuma.dma.wait t3
done:       piuma.halt
            .data
            .balign     64
bins:       .zero       4096
            .spad
            .balign     64
counts:     .zero       512
