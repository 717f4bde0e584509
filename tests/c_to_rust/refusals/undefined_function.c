int helper(int x);

int f(int x)
{
    return helper(x);  //~ error[C0501]: `helper` has no definition here and no Rust counterpart
}
