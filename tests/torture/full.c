/* A disk that is full: from the n-th write into the folder named by FULL on, every write fails
   with ENOSPC until there is room again. Loaded by LD_PRELOAD, told by `disk_fill`. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static long left = -1, seen = 0, refused = 0;

/* Let the n-th write from now on find the disk full, the first for 1; 0 makes room again. */
void disk_fill(long after) {
    left = after > 0 ? after - 1 : -1;
    seen = refused = 0;
}

long disk_seen(void) { return seen; }
long disk_refused(void) { return refused; }

static int within(int fd) {
    const char *folder = getenv("FULL");
    if (folder == NULL) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

static int full(int fd) {
    if (!within(fd)) return 0;
    seen++;
    if (left < 0) return 0;
    if (left > 0) { left--; return 0; }
    refused++;
    errno = ENOSPC;
    return 1;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "pwrite64");
    return full(fd) ? -1 : real(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    return pwrite64(fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size) {
    static ssize_t (*real)(int, const void *, size_t);
    if (!real) real = dlsym(RTLD_NEXT, "write");
    return full(fd) ? -1 : real(fd, data, size);
}

int ftruncate64(int fd, off64_t size) {
    static int (*real)(int, off64_t);
    if (!real) real = dlsym(RTLD_NEXT, "ftruncate64");
    return full(fd) ? -1 : real(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }
