#![forbid(unsafe_code)]

fn describe(out: &mut [u8; 4], _size: usize, name: &[u8], n: i32) -> i32 {
    cstd::snprintf(
        out,
        &[cstd::c_str(name), format!("={}", n).as_bytes()].concat(),
    )
}

fn main() {
    let mut text = [0; 32];
    let mut n = cstd::sprintf(&mut text, b"1+2");
    cstd::print_str(&text);
    println!(" {}", n);
    let mut small = [0; 4];
    n = describe(&mut small, 4, b"abc\0", 17);
    cstd::print_str(&small);
    println!(" {}", n);
    text[0] = 0;
    for i in 0..4 {
        let at = cstd::c_str(&text).len();
        cstd::sprintf(&mut text[at..], format!("{};", i * i).as_bytes());
    }
    cstd::print_str(&text);
    println!();
    let text_2 = [[text[0].wrapping_add(1)].as_slice()].concat();
    cstd::sprintf(&mut text, &text_2);
    cstd::snprintf(
        &mut text[1..4],
        &[cstd::c_str(&small), b"!".as_slice()].concat(),
    );
    cstd::print_str(&text);
    println!(" {}", b"1000".len() as i32);
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

    /// Stores text as a C string; the answer is its length.
    pub fn sprintf(to: &mut [u8], text: &[u8]) -> i32 {
        to[..text.len()].copy_from_slice(text);
        to[text.len()] = 0;
        text.len() as i32
    }

    /// Stores as much of the text as `to` holds as a C string; the answer is the length of all of it.
    pub fn snprintf(to: &mut [u8], text: &[u8]) -> i32 {
        if let Some(room) = to.len().checked_sub(1) {
            let end = room.min(text.len());
            to[..end].copy_from_slice(&text[..end]);
            to[end] = 0;
        }
        text.len() as i32
    }
}
