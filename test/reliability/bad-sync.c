/*
 * Owns: a disk whose fsync fails while a file is there: BAD_SYNC_TRIGGER names it. Loaded before the C library.
 * The data still reaches the page cache, as it does when a real disk gives EIO.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static int fails(void) {
  const char *trigger = getenv("BAD_SYNC_TRIGGER");
  return trigger != NULL && access(trigger, F_OK) == 0;
}

static int sync_with(const char *name, int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
  if (fails()) {
    errno = EIO;
    return -1;
  }
  return real(file);
}

int fsync(int file) { return sync_with("fsync", file); }
int fdatasync(int file) { return sync_with("fdatasync", file); }
