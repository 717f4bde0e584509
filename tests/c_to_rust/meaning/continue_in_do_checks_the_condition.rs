#![forbid(unsafe_code)]

/// `continue` in a do loop goes to the condition, not to the top.
fn main() {
    let mut n = 5;
    let mut odd = 0;
    loop {
        'body: {
            if n % 2 == 0 {
                break 'body;
            }
            odd += n;
        }
        n -= 1;
        if n <= 0 {
            break;
        }
    }
    std::process::exit(if odd == 9 && n == 0 { 0 } else { 1 });
}
