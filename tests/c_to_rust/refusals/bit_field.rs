#![forbid(unsafe_code)]
#![allow(non_camel_case_types)]

#[derive(Clone, Copy)]
pub struct flags {
    pub ready_error: u8,
}

pub fn is_ready(f: flags) -> i32 {
    (f.ready_error as u32 & 0x1) as i32
}
