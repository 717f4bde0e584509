#![forbid(unsafe_code)]

const LIMIT: i32 = 100;

fn show(d: i32, u: u32, l: i64, w: u64, s: i16, b: i8, n: usize) {
    println!("{} {} {} {} {} {} {}", d, u, l, w, s, b, n);
    println!("{}|{:x}|{:X}|{:o}|{:x}", u as i32, d, u, u, l);
    println!("{} {} {} {:x}", d as u8, u as u16, d as i8, b as i32);
    println!("{} of {}, {}", s, LIMIT, (n < 5) as i32);
}

fn main() {
    show(
        -42,
        3000000000,
        -5000000000,
        18446744073709551615,
        -7,
        -1,
        17,
    );
    show(255, 0, 0, 0, 32767, 127, 0);
}
