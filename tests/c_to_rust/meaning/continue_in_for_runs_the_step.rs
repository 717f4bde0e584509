#![forbid(unsafe_code)]

/// `continue` in a loop that is no counted range must still run the step.
fn main() {
    let mut steps = 0;
    let mut sum = 0;
    let mut i = 0;
    while i < 20 {
        'body: {
            if i % 2 == 0 {
                break 'body;
            }
            sum += i;
            if sum > 15 {
                i += 1;
            }
        }
        i += steps;
        steps += 1;
    }
    std::process::exit(if steps == 7 && sum == 19 {
        0
    } else {
        steps * 10 + sum
    });
}
