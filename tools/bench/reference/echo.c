/* The echo service in plain C, as the practical limit of what a server can do: each frame
   (u32, little-endian, then as many bytes) is answered by a frame of a prefix and its
   payload. One thread; all that one read brought is answered by one write.

   echo [PREFIX]     prints where it listens, and runs until it is killed. */

#include "net.h"

struct connection {
    int fd;
    /* A frame, header first, that is longer than what was read of it. */
    uint8_t *frame;
    size_t have, room;
    struct unsent unsent;
};

/* How much is held at once for a frame that claims to be long. */
#define AHEAD (2 * 1024 * 1024)

static int epoll;
static const char *prefix = "echo : ";
static uint32_t prefix_len;

static uint32_t payload_len(const uint8_t *header)
{
    uint32_t len;
    memcpy(&len, header, sizeof len);
    return le32toh(len);
}

static void reply(const uint8_t *payload, uint32_t len)
{
    uint32_t header = htole32(prefix_len + len);
    out_push(&header, sizeof header);
    out_push(prefix, prefix_len);
    out_push(payload, len);
}

static void watch(struct connection *c, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = c};
    epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &event);
}

static void end(struct connection *c)
{
    close(c->fd);
    free(c->frame);
    free(c->unsent.bytes);
    free(c);
}

/* How long the frame is that has begun; its header, while that is incomplete. */
static size_t frame_len(const struct connection *c)
{
    return c->have < 4 ? 4 : 4 + (size_t)payload_len(c->frame);
}

static int flush(struct connection *c)
{
    if (out_flush(c->fd, &c->unsent))
        return -1;
    if (c->unsent.len)
        watch(c, EPOLLOUT); /* who takes no replies is not read from */
    return 0;
}

/* How much is held for a frame of which `have` bytes came: not all that it claims to be. */
static size_t room_for(size_t frame, size_t have)
{
    size_t room = 2 * have > AHEAD ? 2 * have : AHEAD;
    return room < frame ? room : frame;
}

static void make_room(struct connection *c)
{
    size_t room = c->have ? room_for(frame_len(c), c->have) : 0;
    if (room > c->room) {
        c->frame = grow(c->frame, room);
        c->room = room;
    }
}

/* Answers the frames in `bytes`, and keeps the beginning of one more. */
static int answer(struct connection *c, const uint8_t *bytes, size_t len)
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
        c->room = room_for(len < 4 ? 4 : 4 + (size_t)payload_len(bytes), len);
        c->frame = memcpy(grow(NULL, c->room), bytes, len);
        c->have = len;
    }
    return 0;
}

/* Reads once: the rest of a frame that has begun to its place, what follows to `input`. */
static int on_readable(struct connection *c)
{
    make_room(c);
    struct iovec parts[] = {{c->frame + c->have, c->room - c->have}, {input, INPUT_LEN}};
    /* Only what is known to follow the frame may land elsewhere. */
    int whole = c->have >= 4 && c->room == frame_len(c);
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
        c->have = c->room = 0;
    }
    int result = done ? flush(c) : 0;
    free(done);
    return result ? result : answer(c, input, count - taken);
}

static int on_writable(struct connection *c)
{
    if (send_unsent(c->fd, &c->unsent))
        return -1;
    if (!c->unsent.len)
        watch(c, EPOLLIN);
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
        prefix = argv[1];
    prefix_len = strlen(prefix);
    raise_open_files();
    keep_memory();
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
                end(c);
        }
    }
}
