"""What statements become: side effects hoisted in order, no temporary where none is needed, conversions written out."""

import pytest
from c_programs import minic_of
from minic_text import initial, shape

FUNCTION = """
int g; int f(void); int h(int, int); int ga[9];
struct s { int a; int b[3]; struct s *n; };
void F(int i, int j, int n, char c, int *p, int *q, int *a, const char *s, struct s *sp, struct s sv,
       unsigned char u, unsigned w, long l, unsigned long ul, unsigned long long big) { BODY }
"""

POSTFIX = {
    "i = *p++;": "i = *p; p += 1;",
    "*p++ = *q++;": "*p = *q; p += 1; q += 1;",
    "a[i++] = a[j--];": "a[i] = a[j]; i += 1; j -= 1;",
    "i = j++ + n++;": "i = j + n; j += 1; n += 1;",
    "sp->b[i++] += 2;": "(*sp).b[i] += 2; i += 1;",
    "i++; --j;": "i += 1; j -= 1;",
    "*p++;": "p += 1;",
    "i = *++p;": "p += 1; i = *p;",
    "while (*s++) ;": "while ({ let t = ?*s; s += 1; t }) {}",
    "while (n--) i++;": "while ({ let t = ?n; n -= 1; t }) { i += 1; }",
    "if (*p++ == 3) i = 1;": "let t = *p == 3; p += 1; if (t) { i = 1; }",
    "for (i = 0, p = q; i < n; i++, p++) continue;": "i = 0; p = q; for (; i < n; i += 1; p += 1;) { continue; }",
    "(*p)++; ga[1]--;": "*p += 1; ga[1] -= 1;",
}

ORDER = {
    "i = a[i++] + a[i++];": "let t = a[i]; i += 1; let t2 = t + a[i]; i += 1; i = t2;",
    "h(i++, i);": "let t = i; i += 1; h(t, i);",
    "h(g, g++);": "let t2 = g; let t = g; g += 1; h(t2, t);",
    "i = g + (g = 3);": "let t = g; g = 3; i = t + 3;",
    "i = f() + g++;": "let t2 = f(); let t = g; g += 1; i = t2 + t;",
    "i = j + g++;": "let t = g; g += 1; i = j + t;",
    "i = *p + (*q)++;": "let t2 = *p; let t = *q; *q += 1; i = t2 + t;",
    "i = 1 + (n++, n) + n;": "n += 1; i = (1 + n) + n;",
    "p[i] = (i = 2);": "let t = i; i = 2; p[t] = 2;",
    "i -= i++;": "let t = i; i += 1; i -= t;",
    "a[f()] = f();": "a[f()] = f();",
    "i = n ? j++ : g;": "i = ?n ? { let t = j; j += 1; t } : g;",
    "i = j++ && n;": "i = <i32>(?j && ?n); j += 1;",
}

ASSIGNMENTS = {
    "i = j = n;": "j = n; i = j;",
    "i = j = 3;": "j = 3; i = 3;",
    "if ((c = f()) != 0) g = c;": "c = <char>f(); if (<i32>c != 0) { g = <i32>c; }",
    "i = (g = f()) + 1;": "g = f(); i = g + 1;",
    "i = (p[n] += 3);": "p[n] += 3; i = p[n];",
    "c += 1; u <<= w; u++; w *= c; l += w;": "c += 1; u <<= w; u += 1; w *= <u32>c; l += <i64>w;",
    "p += u; p -= 2;": "p += u; p -= 2;",
    "sv = *sp; *sp = sv; sp->n = sp;": "sv = *sp; *sp = sv; (*sp).n = sp;",
    "sv.a = sp->n->a; sp = 0;": "sv.a = (*(*sp).n).a; sp = null;",
}

CONDITIONS = {
    "i = !n; i = n == 3; i = !!n;": "i = <i32>!?n; i = <i32>(n == 3); i = <i32>?n;",
    "if (!!n) ; if ((n > 3) != 0) ; if ((n > 3) == 0) ;": "if (?n) {} if (n > 3) {} if (!(n > 3)) {}",
    "n && f(); n || f(); n ? f() : (void)g;": "if (?n) { f(); } if (!?n) { f(); } if (?n) { f(); }",
    "if (sp) ; if (sp == 0) ; if (!p) ;": "if (?sp) {} if (sp == null) {} if (!?p) {}",
    "if (n && i < 3 || c) ;": "if ((?n && (i < 3)) || ?c) {}".replace("(i < 3)", "i < 3"),
    "while (1) ; do ; while (0);": "while (1) {} do {} while (0);",
    "for (;;) break;": "for (; 1; ) { break; }",
    "i = n < 0 ? -n : n;": "i = (n < 0) ? -n : n;",
    "if (n && *q++) i = 1;": "if (?n && { let t = ?*q; q += 1; t }) { i = 1; }",
}

CONVERSIONS = {
    "w = ~0; l = ~7u; u = ~1; w = -1; u = 300;": "w = ~0; l = <i64>~7; u = ~1; w = 0xffffffff; u = 44;",
    "c = 'x'; c = 200; i = s[2] == 'a';": "c = 'x'; c = -56; i = <i32>(<i32>s[2] == 'a');",
    "u = u + 1; w = u << 24 | u;": "u = <u8>(<i32>u + 1); w = <u32>((<i32>u << 24) | <i32>u);",
    "l = i; i = l; w = i;": "l = <i64>i; i = <i32>l; w = <u32>i;",
    "ul = ul + sizeof(int); ul = w * sizeof(int);": "ul = ul + 4; ul = <u64>(<usize>w * 4);",
    "i = p - q; l = p - a;": "i = <i32>p - q; l = <i64>p - a;",
    "i = w < 3 && -1 < w;": "i = <i32>((w < 3) && 0xffffffff < w);",
    "i = (int)(unsigned char)c;": "i = <i32><u8>c;",
    's = n ? "a" : "bc";': "s = <*const char>(?n ? 'a' : 'bc');",
    "big = ul; ul = big;": "big = ul; ul = big;",
}

DECLARATIONS = {
    "int x[3] = {1}, y[2][2] = {{1}, {2, 3}};": "[i32; 3] x = {1}; [[i32; 2]; 2] y = {{1}, {2, 3}};",
    "int z[] = {[2] = f(), 5, [0] = g};": "let t = f(); let t2 = g; [i32; 4] z = {t2, 0, t, 5};",
    "struct s t = {.b = {1, 2}}, r = sv;": "s t = {0, {1, 2}, null}; s r = sv;",
    'char m[] = "hi"; char k[5] = "hi", o[2] = "hi";': "[char; 3] m = {'h', 'i'}; [char; 5] k = {'h', 'i'}; [char; 2] o = {'h', 'i'};",
    "int x[2][2] = {1, 2, 3};": "[[i32; 2]; 2] x = {{1, 2}, {3}};",
    "int y[4] = {0}; struct s e = {}; int x = {3};": "[i32; 4] y = {0}; s e = zero; i32 x = 3;",
    "p = (int[]){1, 2}; sp = &(struct s){.a = 3};": "p = temporary({1, 2}); sp = &temporary({3, zero, null});",
    "{ int i = i; } { int k; }": "{ i32 i; i = i; } { i32 k; }",
    "{ f(); } { { int k; } }": "f(); { i32 k; }",
    "i = ({ int i = n; i + 1; }) + i;": "i32 i2 = n; i = (i2 + 1) + i;",
    "for (int k = 0; k < n; k++) f();": "{ i32 k = 0; for (; k < n; k += 1;) { f(); } }",
}

CONTROL = {
    "switch (c) { case 'a': i = 1; break; default: j = 1; case 3: { n = 2; break; } }": (
        "switch (<i32>c) { 97: { i = 1; } default: { j = 1; } fall 3: { n = 2; } }"
    ),
    "switch (n) { case 1: case 2: ; int k = 3; break; case 4: k = 5; }": (
        "i32 k; switch (n) { 1 2: { k = 3; } 4: { k = 5; } }"
    ),
    "switch (n) { default: if (i) break; else return; case 1: while (1) f(); case 2: for (;;) break; case 3: ; }": (
        "switch (n) { default: { if (?i) { break; } else { return; } } 1: { while (1) { f(); } } "
        "2: { for (; 1; ) { break; } } fall 3: {} }"
    ),
    "if (n) goto out; f(); out: h(1, 2);": "out: { if (?n) { leave out; } f(); } h(1, 2);",
    "while (n) { if (i) goto out; int k = f(); if (k) goto low; f(); low: g = k; } out: ;": (
        "out: { while (?n) { if (?i) { leave out; } i32 k = f(); low: { if (?k) { leave low; } f(); } g = k; } }"
    ),
    "if (n) goto a; if (i) goto b; f(); a: g = 1; b: g = 2;": (
        "b: { a: { if (?n) { leave a; } if (?i) { leave b; } f(); } g = 1; } g = 2;"
    ),
    "if (n) goto a; int k = 1; f(); a: k = 2;": "i32 k; a: { if (?n) { leave a; } k = 1; f(); } k = 2;",
}

LOOPS = {
    "again: i++; if (i < n) goto again; j = i;": "do { i += 1; } while (i < n); j = i;",
    "again: if (i > 5) goto out; i++; if (j) goto again; j++; goto again; out: n = 2;": (
        "out: { while (1) { if (i > 5) { leave out; } i += 1; again: { if (?j) { leave again; } j += 1; } } } n = 2;"
    ),
    "top: i++; int k = f(); if (k < 3) goto top; n = k;": "i32 k; do { i += 1; k = f(); } while (k < 3); n = k;",
    "a: i++; b: j++; if (i < 3) goto a; if (j < 9) { goto b; } f();": (
        "while (1) { i += 1; a: { do { j += 1; if (i < 3) { leave a; } } while (j < 9); break; } } f();"
    ),
    "if (n) goto in; f(); in: i++; if (j) goto in;": ("in: { if (?n) { leave in; } f(); } do { i += 1; } while (?j);"),
    "l: goto l;": "while (1) {}",
}

CASES = POSTFIX | ORDER | ASSIGNMENTS | CONDITIONS | CONVERSIONS | DECLARATIONS | CONTROL | LOOPS


@pytest.mark.parametrize("text", CASES)
def test_shape(text: str) -> None:
    assert shape(minic_of(FUNCTION.replace("BODY", text)), "F") == CASES[text]


GLOBALS = {
    "int x = 1 << 4;": "1 << 4",
    "const unsigned char x[4] = {1, [2] = 255};": "{1, 0, 255}",
    "int y[3]; int *x = y + 1;": "y + 1",
    "int y[3]; int *x = &y[2];": "y + 2",
    "struct { int a; } y; int *x = &y.a;": "&y.a",
    'const char *x[] = {"a", 0};': "{<*const char>'a', null}",
    "#define N 3\nint x = N + 1;": "N + 1",
    "enum { A, B = 5, C }; int x = C;": "C",
    "float x = 1;": "1.0",
    "struct p { int a, b; } x[] = {1, 2, {3}};": "{{1, 2}, {3, 0}}",
}


@pytest.mark.parametrize("text", GLOBALS)
def test_initial_values_of_globals(text: str) -> None:
    assert initial(minic_of(text), "x") == GLOBALS[text]
