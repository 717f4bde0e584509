#![forbid(unsafe_code)]

/// `a[i++] op= e` increments once.
fn main() {
    let mut a: [u32; 4] = [1, 2, 3, 4];
    let mut i = 0;
    a[i as usize] = a[i as usize].wrapping_add(10);
    i += 1;
    a[i as usize] = a[i as usize].wrapping_sub(3);
    i += 1;
    i += 1;
    a[i as usize] ^= 1;
    std::process::exit(
        if i == 3 && a[0] == 11 && a[1] == 4294967295 && a[2] == 3 && a[3] == 5 {
            0
        } else {
            1
        },
    );
}
