#![forbid(unsafe_code)]
#![allow(non_camel_case_types)]

/// A pointer in a struct is the array, not a copy of it: writes through it stay.
pub struct writer<'a> {
    pub data: &'a mut [u8],
    pub used: i32,
}

fn put(w: &mut writer, byte: u8) {
    let t = w.used;
    w.used += 1;
    w.data[t as usize] = byte;
}

fn main() {
    let mut buf = [0, 0, 0, 0];
    let mut w = writer {
        data: &mut buf,
        used: 0,
    };
    put(&mut w, 7);
    put(&mut w, 9);
    std::process::exit(
        if w.used == 2 && buf[0] == 7 && buf[1] == 9 && buf[2] == 0 {
            0
        } else {
            1
        },
    );
}
