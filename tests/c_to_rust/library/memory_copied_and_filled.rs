#![forbid(unsafe_code)]
#![allow(non_camel_case_types)]

#[derive(Clone, Copy)]
pub struct header {
    pub tag: u8,
    pub sizes: [i32; 4],
}

fn main() {
    let mut rows = [[1, 2, 3, 4], [5, 6, 7, 8], [0; 4]];
    let mut buf = *b"abcdefgh\0\0\0\0";
    let mut h = header {
        tag: 0,
        sizes: [0; 4],
    };
    h.sizes.fill(-1);
    let k = h;
    rows[2] = rows[1];
    buf.copy_within(0..6, 2);
    buf.copy_within(0..2, 8);
    buf[..1].fill(0);
    buf[1..3].fill(b'-');
    println!("{} {} {} {}", k.tag, k.sizes[3], rows[2][0], rows[2][3]);
    cstd::print_bytes(&buf[1..12]);
    rows.fill([0; 4]);
    std::process::exit(rows[1][1]);
}

/// What the C library has and std has not.
mod cstd {
    use std::io;
    use std::io::Write;

    /// Prints bytes, which need not be UTF-8, to standard output.
    pub fn print_bytes(bytes: &[u8]) {
        write(io::stdout(), bytes);
    }

    /// Writes all of it or panics, as the macros that print do.
    fn write(mut to: impl Write, bytes: &[u8]) {
        to.write_all(bytes).expect("the output can be written");
    }
}
