#![forbid(unsafe_code)]

/// Plain char is signed: it promotes with its sign, in comparisons and in arithmetic.
#[allow(clippy::nonminimal_bool, clippy::overly_complex_bool_expr)]
fn main() {
    let c: u8 = 200;
    let text: [u8; 3] = [255, 1, 0];
    let mut sum = 0;
    let mut i = 0;
    while text[i as usize] != 0 {
        sum += text[i as usize] as i8 as i32;
        i += 1;
    }
    std::process::exit(
        if (c as i8) < 0
            && c == 200
            && sum == 0
            && c == 200
            && c as i8 as i32 / 2 == -28
            && c as i8 as i32 >> 1 == -28
        {
            0
        } else {
            1
        },
    );
}
