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

#[inline(never)]
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
        for (&item, item_2) in keys[..8].iter().zip(&mut ranks[..8]) {
            *item_2 = (*item_2).wrapping_add(((key as i32) < item as i32) as u32);
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

#[inline(never)]
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
fn other_row(
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

#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn repeated_row(
    first: usize,
    last: usize,
    work: usize,
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    nnz_b: usize,
    kept_keys: &[u32],
    kept_places: &[u32],
    kept_columns: &[u32],
    kept_counts: &mut [u64],
    out_indices: &mut [u32],
    out_values: &mut [f64],
) -> usize {
    let mut keys = [0; 72];
    let mut products = [0.0; 72];
    let mut count = 0;
    for p in first..last {
        let x = a_values[p];
        let k = a_indices[p] as usize;
        let start = b_pointers[k] as usize;
        let end = b_pointers[k + 1] as usize;
        if end + 8 <= nnz_b {
            for q in (start..end).step_by(8) {
                let to = count + (q - start);
                keys[to..to + 8].copy_from_slice(&b_indices[q..q + 8]);
                let values = &b_values[q..];
                let room = &mut products[to..];
                for (&value, item) in values[..8].iter().zip(&mut room[..8]) {
                    *item = x * value;
                }
            }
        } else {
            for q in start..end {
                let to = count + (q - start);
                keys[to] = b_indices[q];
                products[to] = x * b_values[q];
            }
        }
        count += end - start;
    }
    let shift = keys[0].wrapping_sub(kept_keys[0]);
    let differs = if work == kept_counts[0] as usize {
        let kept = &kept_keys[work..];
        let after = &mut keys[work..];
        for (&item, item_2) in kept[..8].iter().zip(&mut after[..8]) {
            *item_2 = item.wrapping_add(shift);
        }
        let x = (work + 7) & 0xfffffffffffffff8;
        let mut found = 0;
        for (&item, &item_2) in keys[..x].iter().zip(&kept_keys[..x]) {
            found |= item.wrapping_sub(item_2) ^ shift;
        }
        found
    } else {
        1
    };
    if differs == 0 {
        kept_counts[2] = 64;
        let known = kept_counts[1] as usize;
        let end = (known + 7) & 0xfffffffffffffff8;
        for (&item, index) in kept_columns[..end].iter().zip(&mut out_indices[..end]) {
            *index = item.wrapping_add(shift);
        }
        for value in &mut out_values[..end] {
            *value = 0.0;
        }
        for (&item, &item_2) in kept_places[..work].iter().zip(&products[..work]) {
            let place = item as usize;
            out_values[place] += item_2;
        }
        known
    } else {
        0
    }
}

#[inline(never)]
#[allow(clippy::too_many_arguments)]
fn remembered_row(
    first: usize,
    last: usize,
    work: usize,
    a_indices: &[u32],
    b_pointers: &[u64],
    b_indices: &[u32],
    kept_keys: &mut [u32],
    kept_places: &mut [u32],
    kept_columns: &mut [u32],
    kept_counts: &mut [u64],
    positions: &mut [u32],
    out_indices: &[u32],
    made: usize,
) -> usize {
    for i in 0..made {
        let column = out_indices[i] as usize;
        kept_columns[i] = column as u32;
        positions[column] = i as u32;
    }
    let mut count = 0;
    for &a_indice in a_indices.iter().take(last).skip(first) {
        let k = a_indice as usize;
        let start = b_pointers[k] as usize;
        let end = b_pointers[k + 1] as usize;
        for (q, &b_indice) in b_indices.iter().enumerate().take(end).skip(start) {
            let to = count + (q - start);
            let column = b_indice as usize;
            kept_keys[to] = column as u32;
            kept_places[to] = positions[column];
        }
        count += end - start;
    }
    kept_counts[0] = work as u64;
    kept_counts[1] = made as u64;
    kept_counts[2] = ((kept_counts[2] as usize).max(1) - 1) as u64;
    made
}

#[allow(clippy::too_many_arguments)]
fn one_row(
    row: usize,
    first: usize,
    last: usize,
    work: usize,
    a_pointers: &[u64],
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    nnz_b: usize,
    sums: &mut [f64],
    bits: &mut [u64],
    touched: &mut [u32],
    kept_keys: &mut [u32],
    kept_places: &mut [u32],
    kept_columns: &mut [u32],
    kept_counts: &mut [u64],
    positions: &mut [u32],
    out_indices: &mut [u32],
    out_values: &mut [f64],
) -> usize {
    let may_repeat =
        if ((kept_counts[2] > 0) | (row & 15 == 0)) & (work > 0) & (work <= 64) & (row > 0) {
            let before = a_pointers[row - 1] as usize;
            if first - before == last - first {
                a_indices[first].wrapping_sub(a_indices[before])
                    == a_indices[last - 1].wrapping_sub(a_indices[first - 1])
            } else {
                false
            }
        } else {
            false
        };
    let found = if may_repeat {
        repeated_row(
            first,
            last,
            work,
            a_indices,
            a_values,
            b_pointers,
            b_indices,
            b_values,
            nnz_b,
            kept_keys,
            kept_places,
            kept_columns,
            kept_counts,
            out_indices,
            out_values,
        )
    } else {
        0
    };
    if found == 0 {
        let made = other_row(
            first,
            last,
            work,
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
        );
        if may_repeat {
            remembered_row(
                first,
                last,
                work,
                a_indices,
                b_pointers,
                b_indices,
                kept_keys,
                kept_places,
                kept_columns,
                kept_counts,
                positions,
                out_indices,
                made,
            )
        } else {
            made
        }
    } else {
        found
    }
}

#[allow(clippy::too_many_arguments)]
pub fn multiply(
    rows: usize,
    block_rows: usize,
    blocks: usize,
    nnz_a: usize,
    a_pointers: &[u64],
    a_indices: &[u32],
    a_values: &[f64],
    b_pointers: &[u64],
    b_indices: &[u32],
    b_values: &[f64],
    nnz_b: usize,
    row_work: &[u64],
    sums: &mut [f64],
    bits: &mut [u64],
    touched: &mut [u32],
    kept_keys: &mut [u32],
    kept_places: &mut [u32],
    kept_columns: &mut [u32],
    kept_counts: &mut [u64],
    positions: &mut [u32],
    c_pointers: &mut [u64],
    c_indices: &mut [u32],
    c_values: &mut [f64],
) {
    for block in 0..blocks {
        let row_start = block * block_rows;
        let row_end = (row_start + block_rows).min(rows);
        kept_counts[0] = 0;
        kept_counts[2] = 2;
        for row in row_start..row_end {
            let base = c_pointers[row] as usize;
            let first = a_pointers[row] as usize;
            let last = a_pointers[row + 1] as usize;
            let far = (last + 16).min(nnz_a);
            for p in first + 16..far {
                std::hint::black_box(b_pointers.get(a_indices[p] as usize).copied());
                let start = b_pointers[a_indices[p - 8] as usize] as usize;
                std::hint::black_box(b_indices.get(start).copied());
                std::hint::black_box(b_values.get(start).copied());
            }
            let entries = one_row(
                row,
                first,
                last,
                row_work[row] as usize,
                a_pointers,
                a_indices,
                a_values,
                b_pointers,
                b_indices,
                b_values,
                nnz_b,
                sums,
                bits,
                touched,
                kept_keys,
                kept_places,
                kept_columns,
                kept_counts,
                positions,
                &mut c_indices[base..],
                &mut c_values[base..],
            );
            c_pointers[row + 1] = (base + entries) as u64;
        }
    }
}
