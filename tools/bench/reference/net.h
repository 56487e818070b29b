/* The sockets of echo.c and bridge.c: a listener, and a write queue for one writev(2). */

#ifndef NET_H
#define NET_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

/* The read buffer of all connections: an idle one has none of its own. */
#define INPUT_LEN (256 * 1024)
/* Bytes after those that are used, which a copy in blocks may read. */
#define SPARE 16
static uint8_t input[INPUT_LEN + SPARE] __attribute__((unused));

static inline void die(const char *what)
{
    perror(what);
    exit(1);
}

static inline void *grow(void *memory, size_t len)
{
    memory = realloc(memory, len);
    if (!memory)
        die("memory");
    return memory;
}

/* Makes malloc keep freed memory for the next long message. */
static inline void keep_freed_memory(void)
{
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

static inline void no_delay(int fd)
{
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
}

/* Listens on a free port of 127.0.0.1, and stores it in `port`. */
static inline int listen_on_loopback(int *port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof addr;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &(int){1}, sizeof(int));
    if (bind(fd, (struct sockaddr *)&addr, len) || listen(fd, 4096))
        die("listen");
    getsockname(fd, (struct sockaddr *)&addr, &len);
    *port = ntohs(addr.sin_port);
    return fd;
}

/* Raises the limit on open files as far as the system allows. */
static inline void raise_open_files(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

/* Bytes that wait until a socket is writable: those up to `at` are written. */
struct unsent {
    uint8_t *bytes;
    size_t at, len;
};

/* The write queue of one socket: short parts are copied together, long ones are borrowed
   and have to live until the flush. */
#define COPY_BELOW 4096
#define COPIES_LEN (4 * INPUT_LEN)
#define PIECES 1024
static struct {
    uint8_t copies[COPIES_LEN];
    struct iovec pieces[PIECES];
    size_t copied;
    int count;
} out;

/* Adds a piece of `len` bytes below COPY_BELOW, which the caller writes. */
static inline uint8_t *out_extend(size_t len)
{
    uint8_t *end = out.copies + out.copied;
    struct iovec *last = out.count ? &out.pieces[out.count - 1] : NULL;
    out.copied += len;
    if (last && (uint8_t *)last->iov_base + last->iov_len == end)
        last->iov_len += len;
    else
        out.pieces[out.count++] = (struct iovec){end, len};
    return end;
}

static inline void out_push(const void *bytes, size_t len)
{
    if (len < COPY_BELOW)
        memcpy(out_extend(len), bytes, len);
    else
        out.pieces[out.count++] = (struct iovec){(void *)bytes, len};
}

/* True if there is room for the parts of a short frame. */
static inline int out_has_room(void)
{
    return out.count < PIECES - 4 && out.copied < COPIES_LEN - 2 * COPY_BELOW;
}

static inline void append_unsent(struct unsent *unsent, const void *bytes, size_t len)
{
    unsent->bytes = grow(unsent->bytes, unsent->len + len);
    memcpy(unsent->bytes + unsent->len, bytes, len);
    unsent->len += len;
}

/* Writes the queue; appends to `unsent` the rest that the socket does not take.
   Returns -1 if the connection is lost. */
static inline int out_flush(int fd, struct unsent *unsent)
{
    ssize_t sent = 0;
    if (out.count > 0 && !unsent->len) {
        sent = writev(fd, out.pieces, out.count);
        if (sent < 0 && errno != EAGAIN)
            sent = -1;
        else if (sent < 0)
            sent = 0;
    }
    size_t skip = sent > 0 ? (size_t)sent : 0;
    for (int i = 0; i < out.count && sent >= 0; i++) {
        size_t len = out.pieces[i].iov_len, skipped = skip < len ? skip : len;
        skip -= skipped;
        if (skipped < len)
            append_unsent(unsent, (uint8_t *)out.pieces[i].iov_base + skipped, len - skipped);
    }
    out.count = 0;
    out.copied = 0;
    return sent < 0 ? -1 : 0;
}

/* Writes `unsent`. Returns -1 if the connection is lost. */
static inline int send_unsent(int fd, struct unsent *unsent)
{
    ssize_t sent = write(fd, unsent->bytes + unsent->at, unsent->len - unsent->at);
    if (sent < 0)
        return errno == EAGAIN ? 0 : -1;
    unsent->at += sent;
    if (unsent->at == unsent->len) {
        free(unsent->bytes);
        *unsent = (struct unsent){0};
    }
    return 0;
}

#endif
