#![forbid(unsafe_code)]

/// Two elements side by side, at an index known only at run time, are two different objects.
fn both(x: &mut i32, y: &mut i32) -> i32 {
    *x += 1;
    *y += 1;
    *x * *y
}

fn neighbours(v: &mut [i32; 3], i: i32) -> i32 {
    let (x, y) = v.split_at_mut(i as usize + 1);
    both(&mut x[i as usize], &mut y[0])
}

fn main() {
    let mut a = [1, 2, 3, 4];
    std::process::exit(
        if neighbours(a.first_chunk_mut().unwrap(), 1) == 12
            && a[0] == 1
            && a[1] == 3
            && a[2] == 4
            && a[3] == 4
        {
            0
        } else {
            1
        },
    );
}
