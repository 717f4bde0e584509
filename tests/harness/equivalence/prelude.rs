// The fixed part of a Rust driver, appended to the translation as a module of its own so that private functions are within reach.
//
//   driver CASES MASK MODULE FAILURES     runs every case that MASK marks and writes, tab-separated, each that does not end as in C:
//                                         case, function, kind, expected bytes, bytes found or the panic's message; `done` at the end
//   … FAILURES trace                      writes every case before it is run, too, to tell which one ended the process
//   … FAILURES CASE                       runs one case, on which C ended the process: a failure if it comes back
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

/// Standard output belongs to the functions.
fn note(line: String) {
    let path = std::env::args().nth(4).unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).create(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

/// A case that does not end is a failure, too.
fn watch(functions: &'static [(&'static str, Function)]) {
    std::thread::spawn(move || loop {
        let before = CURRENT.load(Ordering::Relaxed);
        std::thread::sleep(std::time::Duration::from_secs(LONGEST));
        if before != 0 && before == CURRENT.load(Ordering::Relaxed) {
            let (case, function) = ((before >> 16) - 1, (before & 0xFFFF) as usize);
            note(format!("{case}\t{}\thangs\t\t", functions[function].0));
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

fn judge(expected: &[u8], found: Result<Vec<u8>, String>) -> Option<(&'static str, String)> {
    match found {
        Ok(output) if expected == output.as_slice() => None,
        Ok(output) => Some(("differs", hex(&output))),
        Err(message) => Some(("panics", message)),
    }
}

struct Case<'a> {
    number: u64,
    function: usize,
    input: &'a [u8],
    expected: Option<&'a [u8]>,
}

fn read_cases<'a>(mut data: &'a [u8], mask: &[u8]) -> Vec<Case<'a>> {
    let mut cases = Vec::new();
    for (number, judged) in (0..).zip(mask) {
        let (function, inputs, outputs) = (word(data, 0) as usize, word(data, 4) as usize, word(data, 8));
        let (input, rest) = data[12..].split_at(inputs);
        let size = if outputs == ENDED { 0 } else { outputs as usize };
        let (output, rest) = rest.split_at(size);
        data = rest;
        if *judged != 0 {
            cases.push(Case { number, function, input, expected: (outputs != ENDED).then_some(output) });
        }
    }
    cases
}

fn run_all(functions: &'static [(&'static str, Function)]) {
    let arguments: Vec<String> = std::env::args().collect();
    let (data, mask) = (std::fs::read(&arguments[1]).unwrap(), std::fs::read(&arguments[2]).unwrap());
    let cases = read_cases(&data, &mask);
    std::panic::set_hook(Box::new(keep_message));
    watch(functions);
    match arguments.get(5).map(String::as_str) {
        None => run_many(functions, &cases, false),
        Some("trace") => run_many(functions, &cases, true),
        Some(number) => run_ending(functions, cases.iter().find(|case| case.number.to_string() == *number).unwrap()),
    }
    note("done".to_string());
}

fn run_many(functions: &'static [(&'static str, Function)], cases: &[Case], trace: bool) {
    let mut failures = vec![0; functions.len()];
    for case in cases {
        let (name, function) = functions[case.function];
        let Some(expected) = case.expected else { continue };
        if failures[case.function] >= MOST_FAILURES {
            continue;
        }
        if trace {
            note(format!("{}\t{name}\tends the process\t{}\t", case.number, hex(expected)));
        }
        CURRENT.store((case.number + 1) << 16 | case.function as u64, Ordering::Relaxed);
        if let Some((kind, found)) = judge(expected, outcome(function, case.input)) {
            failures[case.function] += 1;
            note(format!("{}\t{name}\t{kind}\t{}\t{found}", case.number, hex(expected)));
        }
    }
}

fn run_ending(functions: &'static [(&'static str, Function)], case: &Case) {
    let (name, function) = functions[case.function];
    if let Ok(found) = outcome(function, case.input) {
        note(format!("{}\t{name}\tgoes on where C ended the process\t\t{}", case.number, hex(&found)));
    }
}

/// Translated code may recurse as deeply as the C did: with a large stack.
pub fn run() {
    let driver = std::thread::Builder::new().stack_size(1 << 28).spawn(|| run_all(FUNCTIONS));
    driver.unwrap().join().unwrap();
}
