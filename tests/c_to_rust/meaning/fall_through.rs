#![forbid(unsafe_code)]

/// Sections fall into the next one, from any entry, the default in the middle.
fn score(kind: i32) -> i32 {
    let mut s = 0;
    'switch: {
        'case_2: {
            match kind {
                3 => s += 100,
                1 => break 'case_2,
                0 => {
                    s = -1;
                    break 'switch;
                }
                _ => {}
            }
            s += 10;
        }
        s += 1;
    }
    s
}

fn main() {
    std::process::exit(
        if score(3) == 111 && score(7) == 11 && score(1) == 1 && score(0) == -1 {
            0
        } else {
            1
        },
    );
}
