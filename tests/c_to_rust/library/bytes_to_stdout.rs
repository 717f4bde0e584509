#![forbid(unsafe_code)]

fn main() {
    let data = [0x0, 0x41, 0x80, 0xff, 0xa];
    for &byte in &data {
        cstd::print_bytes(&[byte]);
    }
    cstd::print_bytes(&data);
    cstd::print_bytes(&data[..2]);
    println!("a\0b");
    cstd::print_bytes(b"\xe9");
    println!();
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
