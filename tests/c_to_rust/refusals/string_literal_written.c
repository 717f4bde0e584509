void f(void)
{
    char *s = "fixed";
    s[0] = 'F';  //~ error[C0418]: a string literal is written
}
