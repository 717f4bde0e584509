#![forbid(unsafe_code)]

/// A bound that the body changes is asked again before each turn.
fn main() {
    let mut n = 10;
    let mut turns = 0;
    let mut i = 0;
    while i < n {
        turns += 1;
        if i % 3 == 0 {
            n -= 1;
        }
        i += 1;
    }
    std::process::exit(if turns == 7 && n == 7 { 0 } else { turns });
}
