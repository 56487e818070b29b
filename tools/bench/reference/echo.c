/* Reference echo service in plain C: the practical limit for a server. The reply to a frame
   (u32 length, little-endian, then the payload) is a frame with a prefix and the payload.
   epoll, one thread, one write for all the replies to one read.

   echo [PREFIX]     prints its address, and runs until it is killed. */

#include "net.h"

struct connection {
    int fd;
    /* An incomplete frame with its header: `have` bytes of it, in a buffer of `capacity`. */
    uint8_t *frame;
    size_t have, capacity;
    struct unsent unsent;
};

/* The first buffer of a long frame, in bytes; it doubles as the frame's bytes arrive. */
#define FIRST_CAPACITY (2 * 1024 * 1024)

static int epoll;
static char prefix[64] = "echo : ";
static uint32_t prefix_len;

static uint32_t payload_len(const uint8_t *header)
{
    uint32_t len;
    memcpy(&len, header, sizeof len);
    return le32toh(len);
}

/* Copies up to 128 bytes without a call: 16 at a time, and up to 15 too many. */
static void copy_short(uint8_t *to, const uint8_t *from, size_t len)
{
    for (size_t i = 0; i < len; i += 16)
        memcpy(to + i, from + i, 16);
}

static void reply(const uint8_t *payload, uint32_t len)
{
    uint32_t header = htole32(prefix_len + len);
    uint32_t head = sizeof header + prefix_len;
    int is_short = len <= 128;
    uint8_t *to = out_extend(is_short ? head + len : head);
    memcpy(to, &header, sizeof header);
    copy_short(to + sizeof header, (uint8_t *)prefix, prefix_len);
    if (is_short)
        copy_short(to + head, payload, len);
    else
        out_push(payload, len);
}

static void set_events(struct connection *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void close_connection(struct connection *c)
{
    close(c->fd);
    free(c->frame);
    free(c->unsent.bytes);
    free(c);
}

/* The length of the incomplete frame; of its header while that is incomplete. */
static size_t frame_len(const struct connection *c)
{
    return c->have < 4 ? 4 : 4 + (size_t)payload_len(c->frame);
}

static int flush(struct connection *c)
{
    if (out_flush(c->fd, &c->unsent))
        return -1;
    if (c->unsent.len)
        set_events(c, EPOLLOUT); /* backpressure: no reads before the replies are written */
    return 0;
}

/* The capacity for a frame with `have` bytes so far: never all that its header announces. */
static size_t capacity_for(size_t frame, size_t have)
{
    size_t capacity = 2 * have > FIRST_CAPACITY ? 2 * have : FIRST_CAPACITY;
    return capacity < frame ? capacity : frame;
}

static void reserve(struct connection *c)
{
    size_t capacity = c->have ? capacity_for(frame_len(c), c->have) : 0;
    if (capacity > c->capacity) {
        c->frame = grow(c->frame, capacity + SPARE);
        c->capacity = capacity;
    }
}

/* Replies to the frames in `bytes`, and keeps an incomplete one at the end. */
static int reply_to_all(struct connection *c, const uint8_t *bytes, size_t len)
{
    while (len >= 4 && len - 4 >= payload_len(bytes)) {
        uint32_t payload = payload_len(bytes);
        if (!out_has_room() && flush(c))
            return -1;
        reply(bytes + 4, payload);
        bytes += 4 + payload;
        len -= 4 + payload;
    }
    if (flush(c))
        return -1;
    if (len) {
        c->capacity = capacity_for(len < 4 ? 4 : 4 + (size_t)payload_len(bytes), len);
        c->frame = memcpy(grow(NULL, c->capacity + SPARE), bytes, len);
        c->have = len;
    }
    return 0;
}

/* Reads once: the rest of an incomplete frame into its buffer, the bytes after it into `input`. */
static int on_readable(struct connection *c)
{
    reserve(c);
    struct iovec parts[] = {{c->frame + c->have, c->capacity - c->have}, {input, INPUT_LEN}};
    /* The second part only if the first takes the frame to its end. */
    int whole = c->have >= 4 && c->capacity == frame_len(c);
    ssize_t count = c->have ? readv(c->fd, parts, 1 + whole) : read(c->fd, input, INPUT_LEN);
    if (count <= 0)
        return count < 0 && errno == EAGAIN ? 0 : -1;
    size_t taken = (size_t)count < parts[0].iov_len ? (size_t)count : parts[0].iov_len;
    c->have += taken;
    if (c->have && (c->have < 4 || c->have < frame_len(c)))
        return 0;
    uint8_t *done = c->frame;
    if (done) {
        reply(done + 4, c->have - 4);
        c->frame = NULL;
        c->have = c->capacity = 0;
    }
    int result = done ? flush(c) : 0;
    free(done);
    return result ? result : reply_to_all(c, input, count - taken);
}

static int on_writable(struct connection *c)
{
    if (send_unsent(c->fd, &c->unsent))
        return -1;
    if (!c->unsent.len)
        set_events(c, EPOLLIN);
    return 0;
}

static void accept_all(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct connection *c = grow(NULL, sizeof *c);
        *c = (struct connection){.fd = fd};
        no_delay(fd);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
    }
}

int main(int argc, char **argv)
{
    int port, listener = listen_on_loopback(&port);
    if (argc > 1)
        snprintf(prefix, sizeof prefix, "%s", argv[1]);
    prefix_len = strlen(prefix);
    raise_open_files();
    keep_freed_memory();
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    printf("  echo    tcp://127.0.0.1:%d\n", port);
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            struct connection *c = events[i].data.ptr;
            if (!c)
                accept_all(listener);
            else if (events[i].events & EPOLLOUT ? on_writable(c) : on_readable(c))
                close_connection(c);
        }
    }
}
