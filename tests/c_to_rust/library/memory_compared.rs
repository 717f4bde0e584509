#![forbid(unsafe_code)]

fn same_tag(a: &[u8; 16], b: &[u8; 16]) -> i32 {
    (a == b) as i32
}

fn prefix(a: &[u8; 16], b: &[u8; 16], n: usize) -> i32 {
    if a[..n] < b[..n] {
        -1
    } else {
        (a[..n] > b[..n]) as i32
    }
}

fn same_words(a: &[u32; 3], b: &[u32; 3], n: usize) -> i32 {
    (a[..n] == b[..n]) as i32
}

fn main() {
    let a = [1, 2, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let b = [1, 2, 3, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let v = [1, 2, 3];
    let w = [1, 2, 4];
    println!(
        "{} {} {} {}",
        same_tag(&a, &a),
        same_tag(&a, &b),
        prefix(&a, &b, 3),
        prefix(&a, &b, 16)
    );
    println!("{} {}", same_words(&v, &w, 2), same_words(&v, &w, 3));
}
