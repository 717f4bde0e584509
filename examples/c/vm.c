/*
 * A small stack machine: one-byte opcodes, 32-bit words, a bounded stack and a fuel limit; main runs a few programs.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define STACK_MAX 32

enum opcode {
    OP_HALT,
    OP_PUSH,  /* one byte, sign-extended */
    OP_ADD,
    OP_SUB,
    OP_MUL,
    OP_DIV,
    OP_DUP,
    OP_SWAP,
    OP_DROP,
    OP_LOAD,  /* one byte: slot from the bottom of the stack */
    OP_STORE,
    OP_JMP,   /* one byte: absolute */
    OP_JZ,
    OP_LT,
    OP_NOT,
    OP_EMIT,
};

enum vm_status { VM_DONE, VM_STACK, VM_CODE, VM_FUEL, VM_DIVISION };

struct vm {
    uint32_t stack[STACK_MAX];
    unsigned int sp;
    unsigned int pc;
    uint32_t out;
};

/* Fetch the operand byte; -1 at the end of the code. */
static int operand(struct vm *m, const uint8_t *code, size_t len)
{
    return m->pc < len ? code[m->pc++] : -1;
}

/* Run until HALT, an error, or no fuel. */
static enum vm_status vm_run(struct vm *m, const uint8_t *code, size_t len, unsigned int fuel)
{
    while (fuel-- > 0) {
        uint32_t a, b;
        int arg;
        uint8_t op;

        if (m->pc >= len)
            return VM_CODE;
        if (m->sp > STACK_MAX)
            return VM_STACK;
        op = code[m->pc++];
        switch (op) {
        case OP_HALT:
            return VM_DONE;
        case OP_PUSH:
            arg = operand(m, code, len);
            if (arg < 0)
                return VM_CODE;
            if (m->sp >= STACK_MAX)
                return VM_STACK;
            m->stack[m->sp++] = (uint32_t)(int32_t)(int8_t)arg;
            break;
        case OP_ADD:
        case OP_SUB:
        case OP_MUL:
        case OP_DIV:
        case OP_LT:
            if (m->sp < 2)
                return VM_STACK;
            b = m->stack[--m->sp];
            a = m->stack[m->sp - 1];
            if (op == OP_ADD)
                a += b;
            else if (op == OP_SUB)
                a -= b;
            else if (op == OP_MUL)
                a *= b;
            else if (op == OP_LT)
                a = (int32_t)a < (int32_t)b;
            else if (b == 0)
                return VM_DIVISION;
            else
                a /= b;
            m->stack[m->sp - 1] = a;
            break;
        case OP_DUP:
            if (m->sp < 1 || m->sp >= STACK_MAX)
                return VM_STACK;
            m->stack[m->sp] = m->stack[m->sp - 1];
            m->sp++;
            break;
        case OP_SWAP:
            if (m->sp < 2)
                return VM_STACK;
            a = m->stack[m->sp - 1];
            m->stack[m->sp - 1] = m->stack[m->sp - 2];
            m->stack[m->sp - 2] = a;
            break;
        case OP_EMIT:
            if (m->sp < 1)
                return VM_STACK;
            m->out = m->out * 31 + m->stack[m->sp - 1];
            /* fall through */
        case OP_DROP:
            if (m->sp < 1)
                return VM_STACK;
            m->sp--;
            break;
        case OP_LOAD:
        case OP_STORE:
            arg = operand(m, code, len);
            if (arg < 0)
                return VM_CODE;
            if ((unsigned int)arg >= m->sp || m->sp >= STACK_MAX)
                return VM_STACK;
            if (op == OP_LOAD)
                m->stack[m->sp++] = m->stack[arg];
            else
                m->stack[arg] = m->stack[--m->sp];
            break;
        case OP_NOT:
            if (m->sp < 1)
                return VM_STACK;
            m->stack[m->sp - 1] = !m->stack[m->sp - 1];
            break;
        case OP_JZ:
            arg = operand(m, code, len);
            if (arg < 0)
                return VM_CODE;
            if (m->sp < 1)
                return VM_STACK;
            if (m->stack[--m->sp] == 0)
                m->pc = (unsigned int)arg;
            break;
        case OP_JMP:
            arg = operand(m, code, len);
            if (arg < 0)
                return VM_CODE;
            m->pc = (unsigned int)arg;
            break;
        default:
            return VM_CODE;
        }
    }
    return VM_FUEL;
}

/* 10! by a loop: slot 0 holds the counter, slot 1 the product. */
static const uint8_t factorial[] = {
    OP_PUSH, 10, OP_PUSH, 1,                     /*  0: counter, product */
    OP_LOAD, 0, OP_JZ, 24,                       /*  4: while counter */
    OP_LOAD, 1, OP_LOAD, 0, OP_MUL, OP_STORE, 1, /*  8: product *= counter */
    OP_LOAD, 0, OP_PUSH, 1, OP_SUB, OP_STORE, 0, /* 15: counter -= 1 */
    OP_JMP, 4, OP_HALT,
};

static const uint8_t countdown[] = {
    OP_PUSH, 5, OP_DUP, OP_EMIT, OP_PUSH, 1, OP_SUB, OP_DUP, OP_NOT, OP_JZ, 2, OP_HALT,
};

static const uint8_t broken[] = { OP_PUSH, 1, OP_PUSH, 0, OP_DIV };

int main(void)
{
    struct vm m = { { 0 }, 0, 0, 0 };
    enum vm_status st;

    st = vm_run(&m, factorial, sizeof(factorial), 300);
    printf("factorial: status %d, pc %u, depth %u, product %u\n", (int)st, m.pc, m.sp, m.stack[1]);

    m.sp = m.pc = 0;
    st = vm_run(&m, countdown, sizeof(countdown), 1000);
    printf("countdown: status %d, out %u\n", (int)st, m.out);

    m.sp = m.pc = 0;
    st = vm_run(&m, broken, sizeof(broken), 1000);
    printf("broken: status %d\n", (int)st);
    return (int)st;
}
