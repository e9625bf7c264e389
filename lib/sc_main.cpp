// libsystemc refers to sc_main, which programs with a main() of their own do not have. A program's own wins.
extern "C" int sc_main(int, char*[]);
extern "C" __attribute__((weak)) int sc_main(int, char*[]) { return 0; }
