#![forbid(unsafe_code)]

/// Comparisons convert to the common type first: -1 is a large unsigned number, but a small long.
fn main() {
    let minus = -1;
    let one = 1;
    let wide = -1;
    let byte: u8 = 200;
    let small: i8 = -56;
    if minus < one as i32
        && minus as u32 >= one
        && wide < one as i64
        && byte as i32 != small as i32
        && byte as i32 > small as i32
    {
        return;
    }
    std::process::exit(1);
}
