#![forbid(unsafe_code)]

fn rank(a: &[u8], b: &[u8]) -> i32 {
    if cstd::c_str(a) == cstd::c_str(b) {
        return 0;
    }
    if cstd::c_str(a) < cstd::c_str(b) {
        1
    } else {
        2
    }
}

fn is_keyword(s: &[u8]) -> i32 {
    (cstd::c_str(s) == b"if" || cstd::c_str(s) == b"else" || cstd::c_str_n(s, 5) == b"while") as i32
}

fn main() {
    println!(
        "{}{}{}{}",
        rank(b"abc\0", b"abc\0"),
        rank(b"ab\0", b"abc\0"),
        rank(b"b\0", b"abc\0"),
        rank(b"\xff\0", b"a\0")
    );
    println!(
        "{}{}{}{}",
        is_keyword(b"if\0"),
        is_keyword(b"iff\0"),
        is_keyword(b"while\0"),
        is_keyword(b"whil\0")
    );
    println!(
        "{}{}",
        cstd::strcasecmp(b"HeLLo", b"hEllO").is_eq() as i32,
        cstd::strcasecmp(b"a", b"A").is_eq() as i32
    );
    println!("ordered");
}

/// What the C library has and std has not.
mod cstd {
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

    /// Compares C strings without regard to the case of ASCII letters.
    pub fn strcasecmp(a: &[u8], b: &[u8]) -> std::cmp::Ordering {
        let a = a.iter().map(u8::to_ascii_lowercase);
        a.cmp(b.iter().map(u8::to_ascii_lowercase))
    }
}
