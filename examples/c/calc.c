/*
 * Evaluates integer expressions by recursive descent and prints the results; errors are reported by position.
 */
#include <stdio.h>
#include <string.h>

enum calc_error { CALC_OK, CALC_SYNTAX, CALC_DIVISION, CALC_DEPTH };

/* The text being read. */
struct lexer {
    const char *text;
    int pos;
    int depth;
    enum calc_error error;
};

static long expression(struct lexer *lx);

static char peek(struct lexer *lx)
{
    while (lx->text[lx->pos] == ' ')
        lx->pos++;
    return lx->text[lx->pos];
}

static long fail(struct lexer *lx, enum calc_error error)
{
    if (lx->error == CALC_OK)
        lx->error = error;
    return 0;
}

/* A number, a sign, or something in parentheses. */
static long factor(struct lexer *lx)
{
    char c = peek(lx);
    long value = 0;

    if (c == '-') {
        lx->pos++;
        return -factor(lx);
    }
    if (c == '(') {
        if (++lx->depth > 16)
            return fail(lx, CALC_DEPTH);
        lx->pos++;
        value = expression(lx);
        if (peek(lx) != ')')
            return fail(lx, CALC_SYNTAX);
        lx->pos++;
        lx->depth--;
        return value;
    }
    if (c < '0' || c > '9')
        return fail(lx, CALC_SYNTAX);
    while (lx->text[lx->pos] >= '0' && lx->text[lx->pos] <= '9') {
        value = (value * 10 + (lx->text[lx->pos] - '0')) % 1000000;
        lx->pos++;
    }
    return value;
}

static long term(struct lexer *lx)
{
    long value = factor(lx);

    while (lx->error == CALC_OK) {
        char op = peek(lx);
        long rhs;

        if (op != '*' && op != '/' && op != '%')
            break;
        lx->pos++;
        rhs = factor(lx);
        if (op == '*')
            value = (value % 1000000) * (rhs % 1000000);
        else if (rhs == 0)
            return fail(lx, CALC_DIVISION);
        else if (op == '/')
            value /= rhs;
        else
            value %= rhs;
    }
    return value;
}

static long expression(struct lexer *lx)
{
    long value = term(lx);

    while (lx->error == CALC_OK) {
        switch (peek(lx)) {
        case '+':
            lx->pos++;
            value += term(lx);
            continue;
        case '-':
            lx->pos++;
            value -= term(lx);
            continue;
        default:
            break;
        }
        break;
    }
    return value;
}

/* Evaluate a whole text. */
static enum calc_error calc(const char *text, long *result)
{
    struct lexer lx = { text, 0, 0, CALC_OK };

    *result = expression(&lx);
    if (lx.error == CALC_OK && peek(&lx) != '\0')
        lx.error = CALC_SYNTAX;
    return lx.error;
}

int main(void)
{
    static const char inputs[6][24] = { "1 + 2 * 3", "(1 + 2) * 3", "-4 - -(6 / 4)", "7 % (3 - 3)", "2 * (3 + 4", "100 - 99 -" };
    int errors = 0;

    for (int i = 0; i < 6; i++) {
        long value;
        enum calc_error error = calc(inputs[i], &value);

        if (error == CALC_OK) {
            printf("%s = %ld (%zu characters)\n", inputs[i], value, strlen(inputs[i]));
        } else {
            printf("%s: error %d\n", inputs[i], (int)error);
            errors++;
        }
    }
    return errors;
}
