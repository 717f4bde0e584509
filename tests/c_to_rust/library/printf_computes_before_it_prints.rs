#![forbid(unsafe_code)]

fn loud(n: i32) -> i32 {
    print!("loud({}) ", n);
    n + 1
}

fn next(n: &mut i32) -> i32 {
    *n += 10;
    *n
}

fn main() {
    let name = *b"name\0";
    let mut n = 1;
    let value = loud(1);
    cstd::print_str(&name);
    println!(": {} {}", value, n);
    println!("{}", loud(3));
    println!("{} {}", n + 1, n);
    n = next(&mut n);
    println!("{}", next(&mut n));
}

/// What the C library has and std has not.
mod cstd {
    use std::io;
    use std::io::Write;

    /// The bytes of a C string, up to its NUL.
    pub fn c_str(bytes: &[u8]) -> &[u8] {
        let end = bytes.iter().position(|&byte| byte == 0);
        &bytes[..end.expect("a NUL ends the string")]
    }

    /// Prints a C string to standard output.
    pub fn print_str(text: &[u8]) {
        print_bytes(c_str(text));
    }

    /// Prints bytes, which need not be UTF-8, to standard output.
    pub fn print_bytes(bytes: &[u8]) {
        write(io::stdout(), bytes);
    }

    /// Writes all of it or panics, as the macros that print do.
    fn write(mut to: impl Write, bytes: &[u8]) {
        to.write_all(bytes).expect("the output can be written");
    }
}
