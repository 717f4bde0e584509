/*
 * Sorting and searching on arrays of int: insertion, shell, heap, quick and merge sort, binary search, selection.
 */
#include <stdbool.h>
#include <stddef.h>

static void swap(int *a, int *b)
{
    int t = *a;
    *a = *b;
    *b = t;
}

void insertion_sort(int *a, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        int key = a[i];
        size_t j = i;

        while (j > 0 && a[j - 1] > key) {
            a[j] = a[j - 1];
            j--;
        }
        a[j] = key;
    }
}

void shell_sort(int a[], int n)
{
    static const int gaps[] = { 57, 23, 10, 4, 1 };

    for (size_t g = 0; g < sizeof(gaps) / sizeof(gaps[0]); g++) {
        int gap = gaps[g];

        for (int i = gap; i < n; i++) {
            int t = a[i], j;

            for (j = i; j >= gap && a[j - gap] > t; j -= gap)
                a[j] = a[j - gap];
            a[j] = t;
        }
    }
}

static void sift_down(int *a, size_t start, size_t end)
{
    size_t root = start;

    while (2 * root + 1 < end) {
        size_t child = 2 * root + 1;

        if (child + 1 < end && a[child] < a[child + 1])
            child++;
        if (a[root] >= a[child])
            return;
        swap(&a[root], &a[child]);
        root = child;
    }
}

void heap_sort(int *a, size_t n)
{
    if (n < 2)
        return;
    for (size_t i = n / 2; i-- > 0;)
        sift_down(a, i, n);
    for (size_t end = n - 1; end > 0; end--) {
        swap(&a[0], &a[end]);
        sift_down(a, 0, end);
    }
}

/* Hoare partition, recursion on the parts. */
void quick_sort(int *a, int n)
{
    int i, j, pivot;

    if (n < 2)
        return;
    pivot = a[n / 2];
    for (i = 0, j = n - 1;; i++, j--) {
        while (a[i] < pivot)
            i++;
        while (a[j] > pivot)
            j--;
        if (i >= j)
            break;
        swap(a + i, a + j);
    }
    quick_sort(a, i);
    quick_sort(a + i, n - i);
}

/* Merge [0, mid) and [mid, n) of a, with scratch space of n. */
static void merge(int *a, size_t mid, size_t n, int *scratch)
{
    size_t i = 0, j = mid, k = 0;

    while (i < mid && j < n)
        scratch[k++] = a[j] < a[i] ? a[j++] : a[i++];
    while (i < mid)
        scratch[k++] = a[i++];
    while (j < n)
        scratch[k++] = a[j++];
    for (k = 0; k < n; k++)
        a[k] = scratch[k];
}

void merge_sort(int *a, size_t n, int *scratch)
{
    size_t mid = n / 2;

    if (n < 2)
        return;
    merge_sort(a, mid, scratch);
    merge_sort(a + mid, n - mid, scratch + mid);
    merge(a, mid, n, scratch);
}

/* Index of the first element not less than key. */
size_t lower_bound(const int *a, size_t n, int key)
{
    size_t lo = 0, hi = n;

    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;

        if (a[mid] < key)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo;
}

bool is_sorted(const int *a, size_t n)
{
    for (size_t i = 1; i < n; i++)
        if (a[i - 1] > a[i])
            return false;
    return true;
}

/* Remove duplicates from a sorted array, in place; returns the new length. */
size_t unique(int *a, size_t n)
{
    const int *end = a + n;
    int *out = a;

    for (const int *p = a; p < end; p++)
        if (p == a || *p != out[-1])
            *out++ = *p;
    return (size_t)(out - a);
}
