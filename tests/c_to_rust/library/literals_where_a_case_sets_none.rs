#![forbid(unsafe_code)]

/// A case that sets none leaves the variable empty: of `&[]` alone, rustc would make an array of no elements.
pub fn initial(kind: i32) -> i32 {
    let mut name: &[u8] = &[];
    match kind {
        1 => name = b"int\0".as_slice(),
        2 => name = b"char\0".as_slice(),
        _ => {}
    }
    name[0] as i8 as i32
}
