int f(int x)
{
    return __builtin_frame_size(x);  //~ error[C0307]: `__builtin_frame_size` is not supported
}
