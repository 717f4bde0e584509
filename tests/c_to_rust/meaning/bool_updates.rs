#![forbid(unsafe_code)]

/// Updates of a _Bool compute in int, and give `!= 0`.
fn count(mut b: bool, x: i32) -> i32 {
    let mut failed = 0;
    b = b as i32 + x != 0;
    failed += (b != (x != -1)) as i32;
    b = true;
    b = b as i32 + 1 != 0;
    failed += !b as i32;
    b = b as i32 - 1 != 0;
    failed += b as i32;
    b = b as i32 - 1 != 0;
    failed += !b as i32;
    b = (b as i32) << (x & 7) != 0;
    failed += !b as i32;
    b = b as i32 % 2 != 0;
    failed + !b as i32
}

fn empty_loops(p: &mut [i32; 1], n: i32) -> i32 {
    for (i, x) in p[..n.max(0) as usize].iter_mut().enumerate() {
        *x = i as i32;
    }
    p[0]
}

fn main() {
    let mut one = [7];
    std::process::exit(count(true, -1) + count(true, 5) + (empty_loops(&mut one, -1) != 7) as i32);
}
