#![forbid(unsafe_code)]

/// `a[f()] op= e` calls f once.
fn next(calls: &mut i32) -> i32 {
    let t = *calls;
    *calls += 1;
    t
}

fn main() {
    let mut calls = 0;
    let mut a = [1, 2, 3, 4];
    a[next(&mut calls) as usize] += 10;
    a[next(&mut calls) as usize] *= 5;
    a[next(&mut calls) as usize] <<= 2;
    std::process::exit(
        if calls == 3 && a[0] == 11 && a[1] == 10 && a[2] == 12 && a[3] == 4 {
            0
        } else {
            1
        },
    );
}
