#![forbid(unsafe_code)]

fn is_vowel(c: u8) -> i32 {
    cstd::contains_or_ends(b"aeiou", c) as i32
}

fn has(s: &[u8], word: &[u8]) -> i32 {
    if cstd::contains_str(cstd::c_str(s), cstd::c_str(word)) {
        return 1;
    }
    0
}

fn has_zero(p: &[u8; 13], _n: usize) -> i32 {
    p.contains(&0) as i32
}

fn main() {
    let line = *b"hello, world\0";
    let mut p = 0;
    while line[p] != 0 {
        cstd::print_bytes(&[if is_vowel(line[p]) != 0 {
            b'*'
        } else {
            line[p]
        }]);
        p += 1;
    }
    println!(
        "\n{} {} {} {}",
        is_vowel(0),
        has(&line, b"wor\0"),
        has(&line, b"\0"),
        has(b"\0", b"x\0")
    );
    if !cstd::contains_any(cstd::c_str(&line), b"xyz")
        && cstd::c_str(&line).contains(&b',')
        && !cstd::c_str(&line).contains(&b'q')
    {
        println!("found");
    }
    std::process::exit(has_zero(&line, 13));
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

    /// True when `what` is a part of the text.
    pub fn contains_str(text: &[u8], what: &[u8]) -> bool {
        what.is_empty() || text.windows(what.len()).any(|part| part == what)
    }

    /// True when a byte of the text is in `accept`.
    pub fn contains_any(text: &[u8], accept: &[u8]) -> bool {
        text.iter().any(|byte| accept.contains(byte))
    }

    /// True when the byte is in the text, or is the NUL behind it.
    pub fn contains_or_ends(text: &[u8], byte: u8) -> bool {
        byte == 0 || text.contains(&byte)
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
