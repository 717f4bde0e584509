/* Unsigned arithmetic wraps at its width; narrow types are promoted before they are combined. */
int main(void)
{
    unsigned int top = 4294967295u;
    unsigned char a = 200, b = 100;
    unsigned char c = a + b;

    if (top + 2 != 1 || a + b != 300 || c != 44 || (unsigned char)~a != 55 || ~a != -201)
        return 1;
    return a - b == 100 && b - a == -100 && (a + b) / 2 == 150 && top * 2u == 4294967294u ? 0 : 2;
}
