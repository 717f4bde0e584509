#![forbid(unsafe_code)]
#![allow(non_camel_case_types, non_upper_case_globals)]

#[derive(Clone, Copy)]
pub struct keyword_struct<'a> {
    pub name: &'a [u8],
    pub code: i32,
}

static numbers: [&[u8]; 4] = [b"zero\0", b"one\0", b"two\0", &[]];
static colors: [&[u8]; 3] = [b"red\0", b"green\0", b"blue\0"];

static keywords: [keyword_struct; 3] = [
    keyword_struct {
        name: b"if\0",
        code: 1,
    },
    keyword_struct {
        name: b"else\0",
        code: 2,
    },
    keyword_struct { name: &[], code: 0 },
];

fn number(s: &[u8]) -> i32 {
    let mut i = 0;
    while !numbers[i as usize].is_empty() {
        if cstd::c_str(numbers[i as usize]) == cstd::c_str(s) {
            return i;
        }
        i += 1;
    }
    -1
}

fn keyword(s: &[u8]) -> i32 {
    let mut k = 0;
    while !keywords[k].name.is_empty() && cstd::c_str(keywords[k].name) != cstd::c_str(s) {
        k += 1;
    }
    keywords[k].code
}

fn main() {
    let sides = [b"left\0".as_slice(), b"right\0".as_slice()];
    for &color in &colors {
        cstd::print_str(color);
        println!(" {}", cstd::c_str(color).len());
    }
    cstd::print_str(numbers[1]);
    print!(" ");
    cstd::print_bytes(&[numbers[2][1]]);
    print!(" ");
    cstd::print_str(sides[number(b"one\0") as usize]);
    println!();
    std::process::exit(10 * number(b"two\0") + keyword(b"else\0") + keyword(b"x\0"));
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
