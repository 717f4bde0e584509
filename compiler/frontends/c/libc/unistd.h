#ifndef _UNISTD_H
#define _UNISTD_H

#include <sys/types.h>
#include <__types.h>

#define STDIN_FILENO 0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2
#ifndef SEEK_SET
#define SEEK_SET 0
#define SEEK_CUR 1
#define SEEK_END 2
#endif

ssize_t read(int descriptor, void *to, size_t count);
ssize_t write(int descriptor, const void *from, size_t count);
off_t lseek(int descriptor, off_t offset, int from);
int close(int descriptor);
int unlink(const char *path);
int isatty(int descriptor);
int access(const char *path, int mode);
pid_t getpid(void);
unsigned int sleep(unsigned int seconds);
int usleep(unsigned int microseconds);
int getopt(int argc, char *const argv[], const char *options);
extern char *optarg;
extern int optind;
extern int opterr;
extern int optopt;
_Noreturn void _exit(int status);

#endif
