int f(int x)
{
    void *where = &&end;  //~ error[C0303]: address of a label
    goto *where;  //~ error[C0303]: goto to a computed address
    x = 1;
end:
    return x;
}
