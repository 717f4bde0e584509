typedef int v4 __attribute__((vector_size(16)));  //~ error[C0218]: attribute `vector_size` is not supported

v4 add(v4 a, v4 b)
{
    return a + b;
}
