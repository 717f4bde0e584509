/*
 * Conway's game of life on a torus; prints a few generations of a glider.
 */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define ROWS 12
#define COLS 16

static int neighbours(const uint8_t grid[ROWS][COLS], int row, int col)
{
    int count = 0;

    for (int dr = -1; dr <= 1; dr++) {
        for (int dc = -1; dc <= 1; dc++) {
            if (dr == 0 && dc == 0)
                continue;
            count += grid[(row + dr + ROWS) % ROWS][(col + dc + COLS) % COLS];
        }
    }
    return count;
}

/* One generation from grid to next. */
static void life_step(uint8_t next[ROWS][COLS], const uint8_t grid[ROWS][COLS])
{
    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLS; c++) {
            int n = neighbours(grid, r, c);

            next[r][c] = n == 3 || (n == 2 && grid[r][c]);
        }
}

static int population(const uint8_t grid[ROWS][COLS])
{
    int n = 0;

    for (int r = 0; r < ROWS; r++)
        for (int c = 0; c < COLS; c++)
            n += grid[r][c];
    return n;
}

static void show(const uint8_t grid[ROWS][COLS])
{
    for (int r = 0; r < ROWS; r++) {
        for (int c = 0; c < COLS; c++)
            putchar(grid[r][c] ? '#' : '.');
        putchar('\n');
    }
}

int main(void)
{
    static const uint8_t glider[3][3] = { { 0, 1, 0 }, { 0, 0, 1 }, { 1, 1, 1 } };
    uint8_t grid[ROWS][COLS] = { { 0 } };
    uint8_t next[ROWS][COLS];

    for (int r = 0; r < 3; r++)
        for (int c = 0; c < 3; c++)
            grid[r + 1][c + 1] = glider[r][c];

    for (int generation = 0; generation <= 40; generation++) {
        if (generation % 20 == 0) {
            printf("generation %d: %d alive\n", generation, population(grid));
            show(grid);
        }
        life_step(next, grid);
        memcpy(grid, next, sizeof(grid));
    }
    return population(grid) == 5 ? 0 : 1;
}
