#![forbid(unsafe_code)]

fn name(c: i32) -> &'static [u8] {
    print!("name({}) ", c);
    if c != 0 {
        b"alpha\0".as_slice()
    } else {
        b"beta\0".as_slice()
    }
}

fn count(s: &[u8]) -> i32 {
    let mut s_at = 0;
    let mut n = 0;
    while s[s_at] != 0 {
        s_at += 1;
        n += 1;
    }
    n
}

fn main() {
    let mut n = 0;
    let p_text = name(1);
    let mut p = 0;
    while p_text[p] != 0 {
        n += (p_text[p] == b'a') as i32;
        p += 1;
    }
    let q_text = if n > 1 {
        b"many\0".as_slice()
    } else {
        b"few\0".as_slice()
    };
    let mut q = 0;
    while q_text[q] != 0 {
        cstd::print_bytes(&[q_text[q]]);
        q += 1;
    }
    let r = name(0);
    let value = count(r);
    cstd::print_str(r);
    print!(" ");
    cstd::print_str(&r[1..]);
    println!(" {}", value);
    std::process::exit(count(name(1)));
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
