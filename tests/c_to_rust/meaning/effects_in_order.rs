#![forbid(unsafe_code)]

/// Side effects inside conditions happen when C says, and only then.
fn bump(n: &mut i32) -> i32 {
    *n += 1;
    *n
}

fn main() {
    let mut n = 0;
    let mut m = 0;
    let mut i = 0;
    if n != 0 && bump(&mut m) != 0 {
        std::process::exit(1);
    }
    if !(n != 0 || bump(&mut m) != 0) || m != 1 {
        std::process::exit(2);
    }
    loop {
        let t = i < 3 && bump(&mut n) < 10;
        i += 1;
        if !t {
            break;
        }
    }
    let k = if n > 2 { bump(&mut m) } else { bump(&mut n) };
    n = 7;
    let comma = n + 1;
    std::process::exit(if i == 4 && k == 2 && m == 2 && comma == 8 {
        0
    } else {
        3
    });
}
