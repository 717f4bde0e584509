#![forbid(unsafe_code)]
#![allow(non_camel_case_types)]

#[derive(Clone, Copy)]
pub struct entry {
    pub key: [u8; 8],
    pub value: [u8; 8],
}

fn greet(out: &mut [u8], who: &[u8]) {
    out[..8].copy_from_slice(b"hello, \0");
    cstd::strcat(out, who);
    cstd::strcat(out, b"!\0");
}

fn main() {
    let mut e = entry {
        key: [0; 8],
        value: [0; 8],
    };
    let mut line = [0; 32];
    greet(&mut line, b"world\0");
    cstd::print_str(&line);
    println!();
    cstd::strncpy(&mut e.key, &line, 7);
    e.value[..2].copy_from_slice(b"v\0");
    cstd::strncat(&mut e.value, &line, 3);
    cstd::strcpy(&mut line, &e.key);
    cstd::print_str(&e.key);
    print!(" ");
    cstd::print_str(&e.value);
    print!(" ");
    cstd::print_str(&line);
    println!();
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

    /// Stores a C string at the start of `to`.
    pub fn strcpy(to: &mut [u8], from: &[u8]) {
        let text = c_str(from);
        to[..text.len()].copy_from_slice(text);
        to[text.len()] = 0;
    }

    /// Stores at most `count` bytes of a C string, and zeros up to `count`.
    pub fn strncpy(to: &mut [u8], from: &[u8], count: usize) {
        let text = c_str_n(from, count);
        to[..text.len()].copy_from_slice(text);
        to[text.len()..count].fill(0);
    }

    /// Appends a C string to the one in `to`.
    pub fn strcat(to: &mut [u8], from: &[u8]) {
        let end = c_str(to).len();
        strcpy(&mut to[end..], from);
    }

    /// Appends at most `count` bytes of a C string to the one in `to`.
    pub fn strncat(to: &mut [u8], from: &[u8], count: usize) {
        let text = c_str_n(from, count);
        let end = c_str(to).len();
        to[end..end + text.len()].copy_from_slice(text);
        to[end + text.len()] = 0;
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
