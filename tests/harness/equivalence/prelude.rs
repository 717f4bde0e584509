// The fixed part of a Rust driver, appended to the translation as a module of its own so that private functions are within reach.
//
//   driver CASES MASK     runs every case that MASK marks and prints, tab-separated, each that does not end as in C:
//                         case, function, kind, expected bytes, bytes found or the panic's message
use std::io::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};

pub struct Reader<'a> {
    pub data: &'a [u8],
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> [u8; N] {
        let (head, tail) = self.data.split_first_chunk::<N>().expect("the case ends early");
        self.data = tail;
        *head
    }

    pub fn many<T: Wire>(&mut self) -> Vec<T> {
        let count = u32::from_le_bytes(self.take());
        (0..count).map(|_| T::get(self)).collect()
    }

    pub fn present(&mut self) -> bool {
        self.take::<1>()[0] != 0
    }
}

pub trait Wire: Sized {
    fn get(r: &mut Reader) -> Self;
    fn put(&self, w: &mut Vec<u8>);
}

macro_rules! wire_integers {
    ($($t:ty)*) => {$(
        impl Wire for $t {
            fn get(r: &mut Reader) -> Self { <$t>::from_le_bytes(r.take()) }
            fn put(&self, w: &mut Vec<u8>) { w.extend_from_slice(&self.to_le_bytes()); }
        }
    )*};
}
wire_integers!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize);

impl Wire for bool {
    fn get(r: &mut Reader) -> Self { r.present() }
    fn put(&self, w: &mut Vec<u8>) { w.push(u8::from(*self)); }
}

impl Wire for f32 {
    fn get(r: &mut Reader) -> Self { f32::from_le_bytes(r.take()) }
    fn put(&self, w: &mut Vec<u8>) {
        let value = if self.is_nan() { f32::from_bits(0x7fc0_0000) } else { *self };
        w.extend_from_slice(&value.to_le_bytes());
    }
}

impl Wire for f64 {
    fn get(r: &mut Reader) -> Self { f64::from_le_bytes(r.take()) }
    fn put(&self, w: &mut Vec<u8>) {
        let value = if self.is_nan() { f64::from_bits(0x7ff8_0000_0000_0000) } else { *self };
        w.extend_from_slice(&value.to_le_bytes());
    }
}

impl<T: Wire, const N: usize> Wire for [T; N] {
    fn get(r: &mut Reader) -> Self { std::array::from_fn(|_| T::get(r)) }
    fn put(&self, w: &mut Vec<u8>) { self.iter().for_each(|each| each.put(w)); }
}

impl<T: Wire> Wire for Vec<T> {
    fn get(r: &mut Reader) -> Self { r.many() }
    fn put(&self, w: &mut Vec<u8>) { self.iter().for_each(|each| each.put(w)); }
}

impl Wire for () {
    fn get(_: &mut Reader) -> Self {}
    fn put(&self, _: &mut Vec<u8>) {}
}

pub type Function = fn(&mut Reader, &mut Vec<u8>);

const ENDED: u32 = 0xFFFF_FFFF;
const LONGEST: u64 = 4; // seconds that one case may take
const MOST_FAILURES: usize = 20;

static CURRENT: AtomicU64 = AtomicU64::new(0);

fn word(data: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(data[at..at + 4].try_into().unwrap())
}

fn hex(data: &[u8]) -> String {
    data.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A case that does not end is a failure, too.
fn watch(functions: &'static [(&'static str, Function)]) {
    std::thread::spawn(move || loop {
        let before = CURRENT.load(Ordering::Relaxed);
        std::thread::sleep(std::time::Duration::from_secs(LONGEST));
        if before != 0 && before == CURRENT.load(Ordering::Relaxed) {
            let (case, function) = ((before >> 16) - 1, (before & 0xFFFF) as usize);
            println!("{case}\t{}\thangs\t\t", functions[function].0);
            std::io::stdout().flush().unwrap();
            std::process::exit(3);
        }
    });
}

fn outcome(function: Function, input: &[u8]) -> Result<Vec<u8>, String> {
    let run = || {
        let mut output = Vec::new();
        function(&mut Reader { data: input }, &mut output);
        output
    };
    std::panic::catch_unwind(run).map_err(|_| MESSAGE.with(|text| text.borrow().clone()))
}

thread_local! {
    static MESSAGE: std::cell::RefCell<String> = const { std::cell::RefCell::new(String::new()) };
}

fn keep_message(info: &std::panic::PanicHookInfo) {
    MESSAGE.with(|text| *text.borrow_mut() = info.to_string().replace(['\n', '\t'], " "));
}

fn judge(expected: Option<&[u8]>, found: &Result<Vec<u8>, String>) -> Option<(&'static str, String)> {
    match (expected, found) {
        (Some(bytes), Ok(output)) if bytes == output.as_slice() => None,
        (None, Err(_)) => None,
        (Some(_), Ok(output)) => Some(("differs", hex(output))),
        (Some(_), Err(message)) => Some(("panics", message.clone())),
        (None, Ok(output)) => Some(("goes on where C ended the process", hex(output))),
    }
}

fn run_all(functions: &'static [(&'static str, Function)]) {
    let paths: Vec<String> = std::env::args().collect();
    let (cases, mask) = (std::fs::read(&paths[1]).unwrap(), std::fs::read(&paths[2]).unwrap());
    let (mut at, mut failures) = (0, vec![0; functions.len()]);
    std::panic::set_hook(Box::new(keep_message));
    watch(functions);
    for (case, judged) in mask.iter().enumerate() {
        let (index, inputs, outputs) = (word(&cases, at) as usize, word(&cases, at + 4) as usize, word(&cases, at + 8));
        let input = &cases[at + 12..at + 12 + inputs];
        at += 12 + inputs;
        let expected = (outputs != ENDED).then(|| &cases[at..at + outputs as usize]);
        at += expected.map_or(0, <[u8]>::len);
        if *judged == 0 || failures[index] >= MOST_FAILURES {
            continue;
        }
        CURRENT.store((case as u64 + 1) << 16 | index as u64, Ordering::Relaxed);
        if let Some((kind, found)) = judge(expected, &outcome(functions[index].1, input)) {
            failures[index] += 1;
            println!("{case}\t{}\t{kind}\t{}\t{found}", functions[index].0, expected.map_or(String::new(), hex));
        }
    }
}

/// Translated code may recurse as deeply as the C did: with a large stack.
pub fn run() {
    let driver = std::thread::Builder::new().stack_size(1 << 28).spawn(|| run_all(FUNCTIONS));
    driver.unwrap().join().unwrap();
}
