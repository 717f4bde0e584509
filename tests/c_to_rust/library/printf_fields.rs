#![forbid(unsafe_code)]

fn show(d: i32, u: u32, width: i32) {
    println!(
        "[{:6}] [{:<6}] [{:06}] [{:+}] [{:+6}] [{:<+6}]",
        d, d, d, d, d, d
    );
    println!(
        "[{:8x}] [{:<8X}] [{:08o}] [{:04}] [{:>8}]",
        u,
        u,
        u,
        u,
        format!("{:04x}", u)
    );
    if width >= 0 {
        println!(
            "[{:3$}] [{:<4$}] [{:05$}]",
            d, u, d, width as usize, width as usize, width as usize
        );
    }
}

fn main() {
    show(-42, 3054, 7);
    show(7, 0, 0);
    println!("[    a] [b    ] [   cd] [ef   ] [gh] [    j]");
}
