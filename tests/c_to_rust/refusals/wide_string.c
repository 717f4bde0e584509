int first(void)
{
    return L"wide"[0];  //~ error[C0321]: wide string literals are not supported
}
