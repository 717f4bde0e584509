#![forbid(unsafe_code)]

/// A case that sets none leaves the variable empty: of `&[]` alone, rustc would make an array of no elements.
fn initial(kind: i32) -> i32 {
    let mut name: &[u8] = &[];
    match kind {
        1 => name = b"int\0".as_slice(),
        2 => name = b"char\0".as_slice(),
        _ => {}
    }
    name[0] as i8 as i32
}

fn main() {
    let value = initial(1) as u8;
    let value_2 = initial(2) as u8;
    cstd::print_bytes(&[value]);
    print!(" ");
    cstd::print_bytes(&[value_2]);
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
