#![forbid(unsafe_code)]

#[derive(Clone, Copy)]
pub struct Point {
    pub x: i32,
}

#[allow(clippy::needless_range_loop)]
fn scaled(a: &[i32; 4], n: i32) -> i32 {
    let mut sum = 0;
    for i in 0..n as usize {
        for i_2 in 0..2 {
            sum += a[i] * (i_2 + 1);
        }
    }
    sum
}

fn two_arrays(n: i32) -> i32 {
    let mut a = [1, 2, 3, 4];
    a[1] = n;
    let a_2 = [10, 20];
    a[0] += a_2[1];
    a[0] + a_2[0]
}

fn point(n: i32) -> i32 {
    let mut p = Point { x: n };
    for p_2 in 0..3 {
        p.x += p_2;
    }
    p.x
}

fn parameter(a: &mut [i32; 2]) -> i32 {
    {
        let a_2 = 7;
        a[1] += a_2;
    }
    a[1]
}

fn main() {
    let mut a = [1, 2, 3, 4];
    if scaled(&a, 4) != 30 {
        std::process::exit(1);
    }
    if two_arrays(3) != 31 {
        std::process::exit(2);
    }
    if point(3) != 6 {
        std::process::exit(3);
    }
    std::process::exit((parameter(a.first_chunk_mut().unwrap()) != 9) as i32);
}
