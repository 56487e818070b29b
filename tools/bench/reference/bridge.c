/* Reference bridge in plain C: the practical limit for a bridge of WebSocket messages and
   frames (u32 length, little-endian, then the payload). epoll, one thread, one write for each
   read. It streams: the beginning of a message is forwarded before its end has come.
   It rejects fragmented messages, and does not validate UTF-8.

   bridge UPSTREAM_PORT                     prints its address, and runs until it is killed
   bridge-tls UPSTREAM_PORT CERTIFICATE KEY the same with TLS, compiled with -DTLS: PEM files */

#include "net.h"

#include "websocket.h"

#ifdef TLS
#include "tls.h"
#define SCHEME "wss"
#else
#define SCHEME "ws"
#endif

struct session;

/* One of a session's two sockets. */
struct end {
    struct session *session;
    int fd;
    struct unsent unsent;
#ifdef TLS
    SSL *tls; /* the client's */
#endif
};

struct session {
    struct end client, upstream;
    /* From the client: an incomplete header, and the payload bytes that are missing. */
    uint8_t header[14], header_have;
    uint8_t opcode, phase, mask[4];
    uint64_t left;
    /* A control frame's payload, and the opcode of the reply with it that is not sent yet. */
    uint8_t control[127], control_len, control_reply;
    /* From the upstream: an incomplete header, and the payload bytes that are missing. */
    uint8_t frame[4], frame_have, reply_opcode;
    uint32_t reply_left;
    uint8_t is_open, is_dead;
    struct session *next_dead;
};

static int epoll, upstream_port;
static struct session *dead;

static void set_events(struct end *end, int how, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = end};
    epoll_ctl(epoll, how, end->fd, &event);
}

/* Closes both sockets. The memory is freed later: events of this round may point to it. */
static void end_session(struct session *s)
{
    if (s->is_dead)
        return;
    s->is_dead = 1;
    s->next_dead = dead;
    dead = s;
    close(s->client.fd);
    if (s->upstream.fd >= 0)
        close(s->upstream.fd);
}

static void free_dead(void)
{
    while (dead) {
        struct session *s = dead;
        dead = s->next_dead;
#ifdef TLS
        SSL_free(s->client.tls);
#endif
        free(s->client.unsent.bytes);
        free(s->upstream.unsent.bytes);
        free(s);
    }
}

static int write_queue(struct end *to)
{
#ifdef TLS
    if (to->tls)
        return tls_flush(to->tls, to->fd, &to->unsent);
#endif
    return out_flush(to->fd, &to->unsent);
}

/* Writes the queue to `to`. Backpressure: while `to` takes no more, `from` is not read. */
static int flush(struct end *to, struct end *from)
{
    int waited = to->unsent.len > 0;
    if (write_queue(to))
        return -1;
    if (to->unsent.len && !waited) {
        set_events(to, EPOLL_CTL_MOD, EPOLLOUT);
        set_events(from, EPOLL_CTL_MOD, 0);
    }
    return 0;
}

/* Sends the reply to a control frame, unless a message is being sent. */
static int send_control_reply(struct session *s)
{
    if (!s->control_reply || s->reply_left)
        return 0;
    push_header(s->control_reply, s->control_len);
    out_push(s->control, s->control_len);
    int is_over = s->control_reply == CLOSE;
    s->control_reply = s->control_len = 0;
    return flush(&s->client, &s->upstream) || is_over ? -1 : 0;
}

/* Begins a frame; -1 if it is not supported. */
static int begin_frame(struct session *s, const uint8_t *header)
{
    uint8_t len = header[1] & 0x7f, bytes = len == 127 ? 8 : len == 126 ? 2 : 0;
    s->opcode = header[0] & 0x0f;
    s->left = bytes ? 0 : len;
    for (int i = 0; i < bytes; i++)
        s->left = s->left << 8 | header[2 + i];
    memcpy(s->mask, header + 2 + bytes, 4);
    s->phase = 0;
    if (!(header[0] & FIN) || !(header[1] & MASKED))
        return -1;
    if (s->opcode >= CLOSE)
        return s->left > 125 || s->control_reply ? -1 : 0;
    if ((s->opcode != TEXT && s->opcode != BINARY) || s->left > UINT32_MAX)
        return -1;
    s->reply_opcode = s->opcode;
    uint32_t announced = htole32(s->left);
    out_push(&announced, sizeof announced);
    return 0;
}

/* Parses a header at the beginning of `bytes`; returns the number of bytes used, 0 if it is
   incomplete, or -1. */
static ssize_t take_header(struct session *s, const uint8_t *bytes, size_t len)
{
    size_t wanted = header_len(bytes, len);
    if (!s->header_have && len >= 2 && len >= wanted)
        return begin_frame(s, bytes) ? -1 : (ssize_t)wanted;
    size_t taken = 0;
    while (taken < len) {
        s->header[s->header_have++] = bytes[taken++];
        if (s->header_have > 2 && s->header_have == header_len(s->header, s->header_have)) {
            s->header_have = 0;
            return begin_frame(s, s->header) ? -1 : (ssize_t)taken;
        }
    }
    return 0;
}

/* Replies to a complete control frame: to a Ping and a Close, with their payload. */
static int on_control(struct session *s)
{
    if (s->opcode == CLOSE)
        s->control_reply = CLOSE;
    else if (s->opcode == PING)
        s->control_reply = PONG;
    else
        s->control_len = 0;
    return s->control_reply && (flush(&s->upstream, &s->client) || send_control_reply(s)) ? -1 : 0;
}

static int from_client(struct session *s, uint8_t *bytes, size_t len)
{
    while (len) {
        if (!s->left) {
            ssize_t taken = take_header(s, bytes, len);
            if (taken <= 0)
                return taken ? -1 : flush(&s->upstream, &s->client);
            bytes += taken;
            len -= taken;
        }
        size_t now = s->left < len ? s->left : len;
        s->phase = unmask(bytes, now, s->mask, s->phase);
        s->left -= now;
        if (s->opcode >= CLOSE) {
            memcpy(s->control + s->control_len, bytes, now);
            s->control_len += now;
            if (!s->left && on_control(s))
                return -1;
        } else if (now) {
            out_push(bytes, now);
        }
        bytes += now;
        len -= now;
        if (!out_has_room() && flush(&s->upstream, &s->client))
            return -1;
    }
    return flush(&s->upstream, &s->client);
}

static int from_upstream(struct session *s, uint8_t *bytes, size_t len)
{
    while (len) {
        if (!s->reply_left) {
            size_t taken = len < (size_t)(4 - s->frame_have) ? len : (size_t)(4 - s->frame_have);
            memcpy(s->frame + s->frame_have, bytes, taken);
            s->frame_have += taken;
            bytes += taken;
            len -= taken;
            if (s->frame_have < 4)
                break;
            memcpy(&s->reply_left, s->frame, 4);
            s->reply_left = le32toh(s->reply_left);
            s->frame_have = 0;
            push_header(s->reply_opcode, s->reply_left);
        }
        size_t now = s->reply_left < len ? s->reply_left : len;
        if (now)
            out_push(bytes, now);
        s->reply_left -= now;
        bytes += now;
        len -= now;
        if (!out_has_room() && flush(&s->client, &s->upstream))
            return -1;
    }
    return flush(&s->client, &s->upstream) || send_control_reply(s) ? -1 : 0;
}

static int connect_upstream(struct session *s)
{
    struct sockaddr_in addr = {.sin_family = AF_INET, .sin_port = htons(upstream_port),
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    s->upstream.fd = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(s->upstream.fd, (struct sockaddr *)&addr, sizeof addr))
        return -1;
    fcntl(s->upstream.fd, F_SETFL, O_NONBLOCK);
    no_delay(s->upstream.fd);
    set_events(&s->upstream, EPOLL_CTL_ADD, EPOLLIN);
    return 0;
}

/* Answers the handshake. It has to come in one read, as those of the benchmark's client do. */
static int open_session(struct session *s, uint8_t *request, size_t len)
{
    char response[256];
    request[len < INPUT_LEN ? len : INPUT_LEN - 1] = 0;
    int response_len = handshake((char *)request, response, sizeof response);
    s->is_open = 1;
    if (!response_len || connect_upstream(s))
        return -1;
    out_push(response, response_len);
    return flush(&s->client, &s->upstream);
}

static int on_readable(struct end *end)
{
    struct session *s = end->session;
    ssize_t count = read(end->fd, input, INPUT_LEN);
    if (count <= 0)
        return count < 0 && errno == EAGAIN ? 0 : -1;
    if (end == &s->upstream)
        return from_upstream(s, input, count);
    uint8_t *bytes = input;
#ifdef TLS
    bytes = tls_plain;
    count = tls_decrypt(end->tls, input, count);
    if (count <= 0) /* a step of the handshake, or a part of a record */
        return count < 0 ? -1 : flush(end, &s->upstream);
#endif
    return s->is_open ? from_client(s, bytes, count) : open_session(s, bytes, count);
}

static int on_writable(struct end *end)
{
    struct session *s = end->session;
    if (send_unsent(end->fd, &end->unsent))
        return -1;
    if (!end->unsent.len) {
        set_events(end, EPOLL_CTL_MOD, EPOLLIN);
        set_events(end == &s->client ? &s->upstream : &s->client, EPOLL_CTL_MOD, EPOLLIN);
    }
    return 0;
}

static void accept_all(int listener)
{
    int fd;
    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct session *s = grow(NULL, sizeof *s);
        *s = (struct session){.client = {.session = s, .fd = fd}, .upstream = {.session = s, .fd = -1}};
#ifdef TLS
        s->client.tls = tls_accept();
#endif
        s->reply_opcode = BINARY;
        no_delay(fd);
        set_events(&s->client, EPOLL_CTL_ADD, EPOLLIN);
    }
}

int main(int argc, char **argv)
{
    int port, listener = listen_on_loopback(&port);
    upstream_port = argc > 1 ? atoi(argv[1]) : 9999;
#ifdef TLS
    if (argc < 4)
        return 2;
    tls_init(argv[2], argv[3]);
#endif
    raise_open_files();
    keep_freed_memory();
    epoll = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN}, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event);
    printf("  bridge  " SCHEME "://127.0.0.1:%d/ws -> 127.0.0.1:%d\n", port, upstream_port);
    fflush(stdout);
    for (;;) {
        int count = epoll_wait(epoll, events, 256, -1);
        for (int i = 0; i < count; i++) {
            struct end *end = events[i].data.ptr;
            if (!end)
                accept_all(listener);
            else if (!end->session->is_dead
                     && (events[i].events & EPOLLOUT ? on_writable(end) : on_readable(end)))
                end_session(end->session);
        }
        free_dead();
    }
}
