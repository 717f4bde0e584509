#![forbid(unsafe_code)]

fn show(name: &[u8], n: i32) {
    print!("<");
    cstd::print_str(name);
    println!("> {}", n);
    cstd::print_bytes(&cstd::pad(cstd::c_str(name), 8, false));
    print!("|");
    cstd::print_bytes(&cstd::pad(cstd::c_str(name), 8, true));
    print!("|");
    cstd::print_bytes(cstd::c_str_n(name, 3));
    print!("|");
    cstd::print_str(&name[1..]);
    println!();
}

fn main() {
    let latin1 = *b"caf\xe9\0";
    let cut = *b"ab\0c\0\0\0\0";
    show(&latin1, 1);
    show(&cut, 2);
    print!("na\u{ef}ve ");
    cstd::print_bytes(&[latin1[3]]);
    cstd::print_bytes(&[cut[0]]);
    println!();
    cstd::print_bytes(b"\xff\n");
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

    /// The bytes of a C string, at most `count` of them.
    pub fn c_str_n(bytes: &[u8], count: usize) -> &[u8] {
        let bytes = &bytes[..count.min(bytes.len())];
        let end = bytes.iter().position(|&byte| byte == 0);
        &bytes[..end.unwrap_or(bytes.len())]
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

    /// Text in a field of at least `width` bytes, at its left or right end.
    pub fn pad(text: &[u8], width: usize, left: bool) -> Vec<u8> {
        let blank = vec![b' '; width.saturating_sub(text.len())];
        if left {
            [text, &blank].concat()
        } else {
            [&blank, text].concat()
        }
    }
}
