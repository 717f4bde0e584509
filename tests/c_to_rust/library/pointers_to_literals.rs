#![forbid(unsafe_code)]

fn length(s: &[u8]) -> i32 {
    cstd::c_str(s).len() as i32
}

fn show(code: i32) {
    let size = if code > 3 {
        b"big\0".as_slice()
    } else {
        b"small\0".as_slice()
    };
    let mut error = b"".as_slice();
    let color = match code {
        1 => b"red\0".as_slice(),
        _ => b"none\0".as_slice(),
    };
    if code == 2 {
        error = b"two\0".as_slice();
    }
    let value = length(color);
    cstd::print_str(size);
    print!(" ");
    cstd::print_str(color);
    print!(" {} ", value);
    cstd::print_bytes(&[size[1]]);
    println!();
    if !error.is_empty() {
        print!("error: ");
        cstd::print_str(error);
        println!();
    }
    let either = if !error.is_empty() { error } else { size };
    cstd::print_str(either);
    println!("{}", (cstd::c_str(either) == b"big") as i32);
}

fn main() {
    for i in 0..6 {
        show(i);
    }
    std::process::exit(length(b"x\0".as_slice()));
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
