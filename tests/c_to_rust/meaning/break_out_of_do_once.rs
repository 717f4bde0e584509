#![forbid(unsafe_code)]

/// `do { … break; … } while (0)` is left by its break.
fn classify(x: i32) -> i32 {
    let mut kind = 0;
    'once: {
        if x < 0 {
            break 'once;
        }
        kind = 1;
        if x > 100 {
            break 'once;
        }
        kind = 2;
    }
    kind
}

fn main() {
    std::process::exit(
        if classify(-1) == 0 && classify(500) == 1 && classify(5) == 2 {
            0
        } else {
            1
        },
    );
}
