#![forbid(unsafe_code)]

#[allow(clippy::too_many_arguments)]
pub fn plan(
    rows: usize,
    block_rows: usize,
    blocks: usize,
    columns: usize,
    a_pointers: &[u64],
    a_indices: &[u32],
    b_pointers: &[u64],
    row_work: &mut [u64],
    block_room: &mut [u64],
) {
    for (block, x) in block_room[..blocks].iter_mut().enumerate() {
        let row_start = block * block_rows;
        let row_end = (row_start + block_rows).min(rows);
        let mut room = 0;
        for row in row_start..row_end {
            let last = a_pointers[row + 1] as usize;
            let mut work = 0;
            for &index in &a_indices[a_pointers[row] as usize..last] {
                let k = index as usize;
                work += b_pointers[k + 1] as usize - b_pointers[k] as usize;
            }
            row_work[row] = work as u64;
            room += work.min(columns);
        }
        *x = room as u64;
    }
}

#[allow(clippy::too_many_arguments)]
fn tiny_row_8(
    first: usize,
    last: usize,
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    out_indices: &mut [u32],
    out_values: &mut [f64],
) -> usize {
    let mut products = [0.0; 8];
    let mut keys = [0x7fffffff; 8];
    let mut ranks: [u32; 8] = [0; 8];
    let mut used: [u32; 8] = [0; 8];
    let mut slots = [0; 8];
    let mut sums = [0.0; 8];
    let mut count = 0;
    for p in first..last {
        let x = a_values[p];
        let k = a_indices[p] as usize;
        let end = b_pointers[k + 1] as usize;
        let start = b_pointers[k] as usize;
        for (&index, &value) in b_indices[start..end].iter().zip(&b_values[start..end]) {
            keys[count] = index;
            products[count] = x * value;
            count += 1;
        }
    }
    for j in 0..count {
        let key = keys[j];
        for i in 0..8 {
            ranks[i] = ranks[i].wrapping_add(((key as i32) < keys[i] as i32) as u32);
        }
    }
    for i in 0..count {
        let rank = ranks[i] as usize;
        slots[rank] = keys[i];
        sums[rank] += products[i];
        used[rank] = 1;
    }
    let mut entries = 0;
    for i in 0..count {
        out_indices[entries] = slots[i];
        out_values[entries] = sums[i];
        entries += used[i] as usize;
    }
    entries
}

#[allow(clippy::too_many_arguments)]
fn copied_row(
    first: usize,
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    out_indices: &mut [u32],
    out_values: &mut [f64],
) -> usize {
    let x = a_values[first];
    let k = a_indices[first] as usize;
    let start = b_pointers[k] as usize;
    let end = b_pointers[k + 1] as usize;
    for q in start..end {
        out_indices[q - start] = b_indices[q];
        out_values[q - start] = x * b_values[q];
    }
    end - start
}

#[allow(clippy::too_many_arguments)]
fn window_row(
    first: usize,
    last: usize,
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    sums: &mut [f64],
    bits: &mut [u64],
    touched: &mut [u32],
    out_indices: &mut [u32],
    out_values: &mut [f64],
) -> usize {
    let mut low: usize = 0x4000000000000000;
    let mut stop: usize = 0;
    for p in first..last {
        let x = a_values[p];
        let k = a_indices[p] as usize;
        let start = b_pointers[k] as usize;
        let end = b_pointers[k + 1] as usize;
        let (low_2, stop_2) = if start < end {
            (
                low.min(b_indices[start] as usize >> 6),
                stop.max((b_indices[end - 1] as usize >> 6) + 1),
            )
        } else {
            (low, stop)
        };
        for (&index, &value) in b_indices[start..end].iter().zip(&b_values[start..end]) {
            let j = index as usize;
            sums[j] += x * value;
            let word = j >> 6;
            bits[word] |= 1 << (j & 63);
        }
        low = low_2;
        stop = stop_2;
    }
    let mut words = 0;
    for (word, &bit) in bits.iter().enumerate().take(stop).skip(low) {
        touched[words] = word as u32;
        words += (bit != 0) as usize;
    }
    let mut count = 0;
    for &item in &touched[..words] {
        let word = item as usize;
        let left = bits[word];
        bits[word] = 0;
        let column = word << 6;
        let stop_2 = count + left.count_ones() as usize;
        let mut left_2 = left;
        let mut at = count;
        while at < stop_2 {
            let part = &mut out_indices[at..at + 4];
            part[0] = (column + left_2.trailing_zeros() as usize) as u32;
            let left_3 = left_2 & left_2.wrapping_sub(1);
            part[1] = (column + left_3.trailing_zeros() as usize) as u32;
            let left_4 = left_3 & left_3.wrapping_sub(1);
            part[2] = (column + left_4.trailing_zeros() as usize) as u32;
            let left_5 = left_4 & left_4.wrapping_sub(1);
            part[3] = (column + left_5.trailing_zeros() as usize) as u32;
            left_2 = left_5 & left_5.wrapping_sub(1);
            at += 4;
        }
        count = stop_2;
    }
    for (&index, value) in out_indices[..count].iter().zip(&mut out_values[..count]) {
        let j = index as usize;
        *value = sums[j];
        sums[j] = 0.0;
    }
    count
}

#[allow(clippy::too_many_arguments)]
fn one_row(
    first: usize,
    last: usize,
    work: usize,
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    sums: &mut [f64],
    bits: &mut [u64],
    touched: &mut [u32],
    out_indices: &mut [u32],
    out_values: &mut [f64],
) -> usize {
    if work == 0 {
        0
    } else if last - first == 1 {
        copied_row(
            first,
            a_indices,
            a_values,
            b_pointers,
            b_indices,
            b_values,
            out_indices,
            out_values,
        )
    } else if work <= 8 {
        tiny_row_8(
            first,
            last,
            a_indices,
            a_values,
            b_pointers,
            b_indices,
            b_values,
            out_indices,
            out_values,
        )
    } else {
        window_row(
            first,
            last,
            a_indices,
            a_values,
            b_pointers,
            b_indices,
            b_values,
            sums,
            bits,
            touched,
            out_indices,
            out_values,
        )
    }
}

#[allow(clippy::too_many_arguments)]
pub fn multiply(
    rows: usize,
    block_rows: usize,
    blocks: usize,
    a_pointers: &[u64],
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    row_work: &[u64],
    sums: &mut [f64],
    bits: &mut [u64],
    touched: &mut [u32],
    c_pointers: &mut [u64],
    c_indices: &mut [u32],
    c_values: &mut [f64],
) {
    for block in 0..blocks {
        let row_start = block * block_rows;
        let row_end = (row_start + block_rows).min(rows);
        for row in row_start..row_end {
            let base = c_pointers[row] as usize;
            let entries = one_row(
                a_pointers[row] as usize,
                a_pointers[row + 1] as usize,
                row_work[row] as usize,
                a_indices,
                a_values,
                b_pointers,
                b_indices,
                b_values,
                sums,
                bits,
                touched,
                &mut c_indices[base..],
                &mut c_values[base..],
            );
            c_pointers[row + 1] = (base + entries) as u64;
        }
    }
}
