#![forbid(unsafe_code)]

/// A switch without default does nothing for other values.
fn digit(c: i32) -> i32 {
    let mut d = -1;
    match c {
        48 => d = 0,
        49 => d = 1,
        _ => {}
    }
    d
}

fn main() {
    std::process::exit(if digit(48) == 0 && digit(49) == 1 && digit(120) == -1 {
        0
    } else {
        1
    });
}
