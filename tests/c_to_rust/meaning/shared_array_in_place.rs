#![forbid(unsafe_code)]

/// f(a, a) means what it says, whatever the order in which f reads and writes.
fn running_in_in_place(out: &mut [i32; 5], n: i32) {
    for i in 1..n as usize {
        out[i] += out[i - 1];
    }
}

fn shift_out_at_1(in_: &mut [i32; 6], n: i32) {
    for i in 0..n as usize {
        in_[i + 1] = in_[i] + 1;
    }
}

fn main() {
    let mut a = [1, 2, 3, 4, 5];
    let mut b = [0, 0, 0, 0, 0, 0];
    running_in_in_place(&mut a, 5);
    shift_out_at_1(&mut b, 5);
    std::process::exit(if a[4] == 15 && b[5] == 5 { 0 } else { 1 });
}
