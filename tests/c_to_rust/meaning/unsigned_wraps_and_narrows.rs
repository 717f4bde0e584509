#![forbid(unsafe_code)]

/// Unsigned arithmetic wraps at its width; narrow types are promoted before they are combined.
fn main() {
    let top: u32 = 4294967295;
    let a: u8 = 200;
    let b = 100;
    let c = a.wrapping_add(b);
    if top.wrapping_add(2) != 1
        || a as i32 + b as i32 != 300
        || c != 44
        || !a != 55
        || !(a as i32) != -201
    {
        std::process::exit(1);
    }
    std::process::exit(
        if a as i32 - b as i32 == 100
            && b as i32 - a as i32 == -100
            && (a as i32 + b as i32) / 2 == 150
            && top.wrapping_mul(2) == 4294967294
        {
            0
        } else {
            2
        },
    );
}
