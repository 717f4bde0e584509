/*
 * Number theory at the command line: sieve, gcd, modular power, Miller-Rabin, Collatz; prints a table.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#define LIMIT 200

/* Sieve of Eratosthenes; returns how many primes are below n. */
static int sieve(bool composite[], int n)
{
    int count = 0;

    for (int i = 0; i < n; i++)
        composite[i] = i < 2;
    for (int i = 2; i < n; i++) {
        if (composite[i])
            continue;
        count++;
        for (int j = 2 * i; j < n; j += i)
            composite[j] = true;
    }
    return count;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t t = a % b;
        a = b;
        b = t;
    }
    return a;
}

/* base ^ exp mod m for m below 2^32. */
static uint64_t pow_mod(uint64_t base, uint64_t exp, uint64_t m)
{
    uint64_t result = 1 % m;

    base %= m;
    for (; exp; exp >>= 1) {
        if (exp & 1)
            result = result * base % m;
        base = base * base % m;
    }
    return result;
}

/* Deterministic for 32-bit numbers. */
static bool is_prime32(uint32_t n)
{
    static const uint32_t witnesses[] = { 2, 7, 61 };
    uint32_t d = n - 1;
    int s = 0;

    if (n < 4)
        return n >= 2;
    if (n % 2 == 0)
        return false;
    while (!(d & 1)) {
        d >>= 1;
        s++;
    }
    for (int w = 0; w < 3; w++) {
        uint64_t x;
        int r;

        if (witnesses[w] % n == 0)
            continue;
        x = pow_mod(witnesses[w], d, n);
        if (x == 1 || x == n - 1)
            continue;
        for (r = 1; r < s; r++) {
            x = x * x % n;
            if (x == n - 1)
                break;
        }
        if (r == s)
            return false;
    }
    return true;
}

/* Steps until 1 is reached, at most 1000. */
static int collatz(uint32_t n)
{
    int steps = 0;
    uint64_t v = n;

    while (v > 1 && steps < 1000) {
        v = v % 2 ? 3 * v + 1 : v / 2;
        steps++;
    }
    return steps;
}

int main(void)
{
    bool composite[LIMIT];
    int count = sieve(composite, LIMIT);
    int column = 0;

    printf("%d primes below %d\n", count, LIMIT);
    for (int i = 0; i < LIMIT; i++) {
        if (composite[i])
            continue;
        printf("%4d", i);
        if (++column % 10 == 0)
            printf("\n");
    }
    printf("\ngcd(1071, 462) = %llu\n", (unsigned long long)gcd(1071, 462));
    printf("2147483647 is %s\n", is_prime32(2147483647u) ? "prime" : "composite");
    printf("collatz(27) takes %d steps\n", collatz(27));
    for (int i = 0; i < LIMIT; i++) {
        if (is_prime32((uint32_t)i) == composite[i]) {
            printf("disagreement at %d\n", i);
            return 1;
        }
    }
    return 0;
}
