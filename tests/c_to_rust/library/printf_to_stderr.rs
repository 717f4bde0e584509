#![forbid(unsafe_code)]

fn main() {
    let name = *b"x.c\0";
    cstd::eprint_str(&name);
    eprintln!(": 2 errors");
    eprint!("one ");
    eprint!("t");
    eprintln!();
    println!("done");
    cstd::flush();
    std::process::exit(2);
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

    /// Prints a C string to standard error.
    pub fn eprint_str(text: &[u8]) {
        eprint_bytes(c_str(text));
    }

    /// Prints bytes, which need not be UTF-8, to standard error.
    pub fn eprint_bytes(bytes: &[u8]) {
        write(io::stderr(), bytes);
    }

    /// Writes all of it or panics, as the macros that print do.
    fn write(mut to: impl Write, bytes: &[u8]) {
        to.write_all(bytes).expect("the output can be written");
    }

    /// Writes out what has been printed to standard output so far.
    pub fn flush() {
        Write::flush(&mut io::stdout()).expect("the output can be written");
    }
}
