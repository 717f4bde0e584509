#![forbid(unsafe_code)]

/// goto leaves two loops at once, and skips the code after them.
fn main() {
    let mut found = 0;
    let mut i;
    let mut j = 0;
    'done: {
        i = 0;
        while i < 5 {
            j = 0;
            while j < 5 {
                if i * j == 6 {
                    break 'done;
                }
                j += 1;
            }
            i += 1;
        }
        found = -1;
    }
    std::process::exit(if found == 0 && i == 2 && j == 3 { 0 } else { 1 });
}
