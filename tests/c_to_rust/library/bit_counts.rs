#![forbid(unsafe_code)]

fn show(x: u32, y: u64) {
    println!(
        "{} {} {} {}",
        (x | 1).leading_zeros() as i32,
        (x | 8).trailing_zeros() as i32,
        x.count_ones() as i32,
        (x.count_ones() % 2) as i32
    );
    println!(
        "{} {} {} {}",
        (y | 1).leading_zeros() as i32,
        (y | 8).trailing_zeros() as i32,
        y.count_ones() as i32,
        (y.count_ones() % 2) as i32
    );
    println!(
        "{} {} {} {}",
        cstd::ffs(x as i32 as i64),
        cstd::ffs(y as i64),
        cstd::clrsb(x as i32 as i64) - 32,
        cstd::clrsb(y as i64)
    );
    println!(
        "{:x} {:x} {:x}",
        (x as u16).swap_bytes(),
        x.swap_bytes(),
        y.swap_bytes()
    );
}

fn main() {
    show(0, 0);
    show(0x80000000, 0x8000000000000000);
    show(0xdeadbeef, 0x123456789abcdef);
    show(4294967295, 18446744073709551615);
}

/// What the C library has and std has not.
mod cstd {
    /// The number of the lowest bit that is set, counted from 1; 0 when none is.
    pub fn ffs(x: i64) -> i32 {
        match x {
            0 => 0,
            _ => x.trailing_zeros() as i32 + 1,
        }
    }

    /// How many of the bits below the sign bit are the same as it.
    pub fn clrsb(x: i64) -> i32 {
        (x ^ (x >> 63)).leading_zeros() as i32 - 1
    }
}
