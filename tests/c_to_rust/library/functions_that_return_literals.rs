#![forbid(unsafe_code)]
#![allow(non_upper_case_globals)]

const RED: u32 = 0;
const GREEN: u32 = 1;
const BLUE: u32 = 2;
static units: [&[u8]; 3] = [b"mm\0", b"cm\0", b"m\0"];

fn color_name(c: u32) -> &'static [u8] {
    match c {
        RED => b"red\0".as_slice(),
        GREEN => b"green\0".as_slice(),
        _ => b"".as_slice(),
    }
}

fn unit(i: i32) -> &'static [u8] {
    if i < 3 {
        units[i as usize]
    } else {
        b"?\0".as_slice()
    }
}

pub fn describe(n: i32) -> &'static [u8] {
    let mut text = b"none\0".as_slice();
    if n > 0 {
        text = unit(n);
    }
    text
}

fn main() {
    let name = color_name(GREEN);
    let value = cstd::c_str(unit(1)).len();
    cstd::print_str(name);
    print!(" ");
    cstd::print_str(color_name(RED));
    print!(" {} ", value);
    cstd::print_str(describe(2));
    println!();
    std::process::exit(
        if color_name(BLUE).is_empty() && !name.is_empty() && cstd::c_str(unit(7)) == b"?" {
            3
        } else {
            4
        },
    );
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
