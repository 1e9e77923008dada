//
// Owns: a disk that stalls: a library that waits before each fsync and fdatasync, compiled where it is used.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

const SOURCE = `
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void stall(void) {
  struct timespec wait = {0, DELAY_NS};
  nanosleep(&wait, 0);
}

int fsync(int fd) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  stall();
  return next(fd);
}

int fdatasync(int fd) {
  static int (*next)(int);
  if (!next) next = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  stall();
  return next(fd);
}
`

/** The path of a library for LD_PRELOAD. */
export function slowSync(folder: string, delayMs: number): string {
  const source = join(folder, 'slow-sync.c')
  const library = join(folder, 'slow-sync.so')
  writeFileSync(source, SOURCE)
  const delay = `-DDELAY_NS=${Math.round(delayMs * 1e6)}`
  const made = Bun.spawnSync(['gcc', '-O2', '-shared', '-fPIC', delay, '-o', library, source, '-ldl'])
  if (made.exitCode !== 0) throw new Error(`gcc: ${made.stderr.toString()}`)
  return library
}
