/* A program that knows nothing of hubless, and loads a library that uses it: host LIBRARY HOW. */

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int call(void *library, const char *name) {
    int (*function)(void) = (int (*)(void))dlsym(library, name);
    return function ? function() : 99;
}

static void at_exit(void) { puts("the host's own end"); }

int main(int count, char **words) {
    if (count != 3) return 90;
    const char *how = words[2];
    atexit(at_exit);
    void *library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        fprintf(stderr, "%s\n", dlerror());
        return 91;
    }
    if (call(library, "hubless_loaded_talk") != 0) return 92;
    if (!strcmp(how, "closed") && call(library, "hubless_loaded_close") != 0) return 93;
    if (!strcmp(how, "closed") || !strcmp(how, "unloaded")) {
        if (dlclose(library) != 0) return 94;
        usleep(20000);
    }
    if (!strcmp(how, "again")) {
        if (dlclose(library) != 0 || !(library = dlopen(words[1], RTLD_NOW | RTLD_LOCAL))) return 95;
        if (call(library, "hubless_loaded_close") != 0) return 96;
    }
    if (!strcmp(how, "at once")) _exit(0);
    if (!strcmp(how, "exit")) exit(0);
    return 0;
}
