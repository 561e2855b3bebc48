/* Stands between a program and the C library's calls that change files (LD_PRELOAD).

   It writes down what was done to the files below a folder, and makes the n-th call of a kind fail, fall short, or be
   the last thing that the process does. Python arms it through ctypes. Thread-safe as far as the tests need it: one
   lock around each call that is watched. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, TRUNCATE = 4, UNLINK = 8, RENAME = 16, CREATE = 32, READ = 64 };
enum { GO_ON = -2, FALL_SHORT = -3 };

static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static char folder[4096]; /* watched; empty: nothing is */
static int record = -1;
static struct {
    int calls, error, sticky;
    long nth, seen;
    char ending[256];
} rule;

#define REAL(name, ...) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))(__VA_ARGS__)

/* What Python calls. */

void shim_watch(const char *path, const char *log) {
    snprintf(folder, sizeof folder, "%s", path);
    record = *log ? (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND, 0600) : -1;
}

/* From now on the n-th (from 1) of `calls` to a file whose path has `ending` in it fails with `error`, once or, if
   sticky, like all later ones. An error of 0 kills the process before the call; -1 is a write that falls short once. */
void shim_fail(int calls, const char *ending, long nth, int error, int sticky) {
    rule.calls = calls, rule.error = error, rule.sticky = sticky, rule.nth = nth, rule.seen = 0;
    snprintf(rule.ending, sizeof rule.ending, "%s", ending);
}

/* How many calls the rule has been looked up for. */
long shim_seen(void) { return rule.seen; }

static void put(const char *data, size_t size) {
    while (size) {
        long done = syscall(SYS_write, record, data, size);
        if (done <= 0) _exit(99);
        data += done, size -= done;
    }
}

static void note(char kind, long long number, const void *data, size_t size, const char *path) {
    char head[4400];
    if (record < 0) return;
    put(head, snprintf(head, sizeof head, "%c\t%lld\t%zu\t%s\n", kind, number, size, path));
    put(data, size);
}

void shim_mark(const char *text) { note('A', 0, text, strlen(text), ""); }

/* What the calls have in common. */

static int path_of(int fd, char *path, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, size - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return 1;
}

static int is_watched(const char *path) { return *folder && strncmp(path, folder, strlen(folder)) == 0; }

/* GO_ON, FALL_SHORT, or the error to fail with. */
static int verdict(int call, const char *path) {
    if (!(rule.calls & call) || !strstr(path, rule.ending)) return GO_ON;
    rule.seen++;
    if (rule.seen != rule.nth && !(rule.sticky && rule.seen > rule.nth)) return GO_ON;
    if (rule.error == 0) kill(getpid(), SIGKILL);
    if (rule.error == -1) return FALL_SHORT;
    return rule.error;
}

#define WATCHED_FD(fd, call, failed)                                     \
    char path[4200];                                                     \
    int is_ours = *folder && path_of(fd, path, sizeof path) && is_watched(path); \
    pthread_mutex_lock(&lock);                                           \
    int said = is_ours ? verdict(call, path) : GO_ON;                    \
    if (said >= 0) {                                                     \
        pthread_mutex_unlock(&lock);                                     \
        errno = said;                                                    \
        return failed;                                                   \
    }

static ssize_t done(ssize_t result) {
    int kept = errno;
    pthread_mutex_unlock(&lock);
    errno = kept;
    return result;
}

/* The calls. */

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset) {
    WATCHED_FD(fd, WRITE, -1)
    if (said == FALL_SHORT && size > 1) size /= 2;
    ssize_t result = REAL(pwrite64, fd, data, size, offset);
    if (is_ours && result > 0) note('W', offset, data, result, path);
    return done(result);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t offset) { return pwrite64(fd, data, size, offset); }

ssize_t write(int fd, const void *data, size_t size) {
    WATCHED_FD(fd, WRITE, -1)
    if (said == FALL_SHORT && size > 1) size /= 2;
    off64_t offset = is_ours ? lseek64(fd, 0, SEEK_CUR) : 0;
    ssize_t result = REAL(write, fd, data, size);
    if (is_ours && result > 0) note('W', offset, data, result, path);
    return done(result);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t offset) {
    WATCHED_FD(fd, READ, -1)
    return done(REAL(pread64, fd, data, size, offset));
}

int ftruncate64(int fd, off64_t length) {
    WATCHED_FD(fd, TRUNCATE, -1)
    int result = REAL(ftruncate64, fd, length);
    if (is_ours && result == 0) note('T', length, "", 0, path);
    return (int)done(result);
}
int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

int fsync(int fd) {
    WATCHED_FD(fd, SYNC, -1)
    /* The recorder is what remembers: nobody's disk has to turn for it. */
    int result = is_ours && record >= 0 ? 0 : REAL(fsync, fd);
    if (is_ours && result == 0) note('S', 0, "", 0, path);
    return (int)done(result);
}
int fdatasync(int fd) { return fsync(fd); }

#define WATCHED_PATH(path, call)                                 \
    int is_ours = is_watched(path);                              \
    pthread_mutex_lock(&lock);                                   \
    int said = is_ours ? verdict(call, path) : GO_ON;            \
    if (said >= 0) {                                             \
        pthread_mutex_unlock(&lock);                             \
        errno = said;                                            \
        return -1;                                               \
    }

int unlink(const char *path) {
    WATCHED_PATH(path, UNLINK)
    int result = REAL(unlink, path);
    if (is_ours && result == 0) note('U', 0, "", 0, path);
    return (int)done(result);
}

int rename(const char *from, const char *path) {
    WATCHED_PATH(path, RENAME)
    int result = REAL(rename, from, path);
    if (is_ours && result == 0) note('R', 0, from, strlen(from), path);
    return (int)done(result);
}

int link(const char *from, const char *path) {
    WATCHED_PATH(path, RENAME)
    int result = REAL(link, from, path);
    if (is_ours && result == 0) note('L', 0, from, strlen(from), path);
    return (int)done(result);
}

static int opened(const char *path, int flags, mode_t mode) {
    if (!(flags & O_CREAT) || !is_watched(path)) return REAL(open64, path, flags, mode);
    struct stat found;
    int is_new = stat(path, &found) != 0;
    if (!is_new) return REAL(open64, path, flags, mode);
    WATCHED_PATH(path, CREATE)
    int result = REAL(open64, path, flags, mode);
    if (is_ours && result >= 0) note('C', 0, "", 0, path);
    return (int)done(result);
}

#define WITH_MODE                             \
    mode_t mode = 0;                          \
    if (flags & (O_CREAT | O_TMPFILE)) {      \
        va_list more;                         \
        va_start(more, flags);                \
        mode = va_arg(more, mode_t);          \
        va_end(more);                         \
    }

int open64(const char *path, int flags, ...) {
    WITH_MODE
    return opened(path, flags, mode);
}
int open(const char *path, int flags, ...) {
    WITH_MODE
    return opened(path, flags, mode);
}
