#![forbid(unsafe_code)]

/// C's hint is Rust's; a function that had one call gets several when its caller is cloned, and is still inlined.
#[inline]
fn twice(x: u32) -> u32 {
    x.wrapping_add(x)
}

#[inline(always)]
fn mix(p: &mut [u32; 2]) {
    p[0] = twice(p[1]);
    p[1] ^= twice(p[0]);
}

fn step(to: &mut [u32; 2], from: &[u32; 2]) {
    to[0] = to[0].wrapping_add(from[1]);
    mix(to);
}

fn step_from_in_place(to: &mut [u32; 2]) {
    to[0] = to[0].wrapping_add(to[1]);
    mix(to);
}

pub fn run(a: &mut [u32; 2], b: &[u32; 2]) {
    step(a, b);
    step_from_in_place(a);
}
