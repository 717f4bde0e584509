#![forbid(unsafe_code)]

#[allow(clippy::too_many_arguments)]
pub fn multiply(
    rows: usize,
    block_rows: usize,
    blocks: usize,
    a_pointers: &[u64],
    a_indices: &[u32],
    a_values: &[f64],
    x: &[f64],
    y: &mut [f64],
) {
    for block in 0..blocks {
        let row_start = block * block_rows;
        let row_end = (row_start + block_rows).min(rows);
        for row in row_start..row_end {
            let last = a_pointers[row + 1] as usize;
            let mut sum = 0.0;
            let first = a_pointers[row] as usize;
            for (&index, &value) in a_indices[first..last].iter().zip(&a_values[first..last]) {
                sum += value * x[index as usize];
            }
            y[row] = sum;
        }
    }
}
