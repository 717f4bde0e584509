#![forbid(unsafe_code)]

fn both(a: &[u8], b: &[u8]) -> usize {
    cstd::c_str(a).len() + cstd::c_str(&b[1..]).len()
}

fn main() {
    let text = *b"hello, world\0\0\0\0";
    println!(
        "{} {} {}",
        both(b"abc\0", b"defg\0"),
        4usize,
        cstd::c_str_n(&text, 5).len()
    );
    println!(
        "{} {}",
        cstd::strspn(cstd::c_str(&text), b"helo"),
        cstd::strcspn(cstd::c_str(&text), b", ")
    );
    let mut i = 0;
    while i < cstd::c_str(&text).len() {
        cstd::print_bytes(&[text[i]]);
        i += 1;
    }
    std::process::exit(cstd::c_str(&text).len() as i32);
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

    /// How many bytes at the start of a C string are in `accept`.
    pub fn strspn(text: &[u8], accept: &[u8]) -> usize {
        let end = text.iter().position(|byte| !accept.contains(byte));
        end.unwrap_or(text.len())
    }

    /// How many bytes at the start of a C string are not in `reject`.
    pub fn strcspn(text: &[u8], reject: &[u8]) -> usize {
        let end = text.iter().position(|byte| reject.contains(byte));
        end.unwrap_or(text.len())
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
