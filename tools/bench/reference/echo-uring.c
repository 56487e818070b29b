/* The reference echo service on io_uring: multishot receives into buffers that the kernel picks,
   and one send for all the replies to one receive. It answers whether io_uring would move the
   limit that echo.c sets.

   echo-uring     prints its address, and runs until it is killed. */

#include "net.h"

#include <liburing.h>

#define PREFIX "echo : "
#define PREFIX_LEN 7

/* The kernel's buffers: all connections share them. */
#define BUFFERS 64
#define BUFFER_LEN (64 * 1024)
#define GROUP 0

enum operation { ACCEPT, RECEIVE, SEND };

struct bytes {
    uint8_t *bytes;
    size_t len, capacity;
};

struct connection {
    int fd;
    /* An incomplete frame, the replies that wait, and those that the kernel is sending. */
    struct bytes frame, waiting, sending;
    size_t sent;
    int is_sending, is_over;
};

static struct io_uring ring;
static struct io_uring_buf_ring *buffers;
static uint8_t memory[BUFFERS][BUFFER_LEN + SPARE];

static uint8_t *extend(struct bytes *to, size_t len)
{
    if (to->len + len + SPARE > to->capacity) {
        to->capacity = 2 * (to->len + len + SPARE);
        to->bytes = grow(to->bytes, to->capacity);
    }
    to->len += len;
    return to->bytes + to->len - len;
}

static struct io_uring_sqe *next(enum operation operation, struct connection *c)
{
    struct io_uring_sqe *sqe = io_uring_get_sqe(&ring);
    while (!sqe) {
        io_uring_submit(&ring);
        sqe = io_uring_get_sqe(&ring);
    }
    /* Pointers from malloc are aligned: the lowest bits are free. */
    io_uring_sqe_set_data64(sqe, (uint64_t)(uintptr_t)c | operation);
    return sqe;
}

/* Asks for an operation, and sets its data, which the preparing functions reset. */
#define ASK(operation, connection, prepare, ...) \
    do { \
        struct io_uring_sqe *sqe = next(operation, connection); \
        uint64_t data = sqe->user_data; \
        prepare(sqe, __VA_ARGS__); \
        sqe->user_data = data; \
    } while (0)

static void receive(struct connection *c)
{
    struct io_uring_sqe *sqe = next(RECEIVE, c);
    uint64_t data = sqe->user_data;
    io_uring_prep_recv_multishot(sqe, c->fd, NULL, 0, 0);
    sqe->user_data = data;
    sqe->flags |= IOSQE_BUFFER_SELECT;
    sqe->buf_group = GROUP;
}

static void send_waiting(struct connection *c)
{
    if (c->is_sending || !c->waiting.len)
        return;
    struct bytes sent = c->sending;
    c->sending = c->waiting;
    c->waiting = sent;
    c->waiting.len = c->sent = 0;
    c->is_sending = 1;
    ASK(SEND, c, io_uring_prep_send, c->fd, c->sending.bytes, c->sending.len, MSG_NOSIGNAL);
}

static void reply(struct connection *c, const uint8_t *payload, uint32_t len)
{
    uint8_t *to = extend(&c->waiting, 4 + PREFIX_LEN + len);
    uint32_t header = htole32(PREFIX_LEN + len);
    memcpy(to, &header, 4);
    memcpy(to + 4, PREFIX, PREFIX_LEN);
    to += 4 + PREFIX_LEN;
    if (len <= 128)
        for (size_t i = 0; i < len; i += 16)
            memcpy(to + i, payload + i, 16);
    else
        memcpy(to, payload, len);
}

/* Replies to the frames in `bytes`; returns the number of bytes in them. */
static size_t reply_to_all(struct connection *c, const uint8_t *bytes, size_t len)
{
    size_t at = 0;
    while (len - at >= 4) {
        uint32_t payload;
        memcpy(&payload, bytes + at, 4);
        payload = le32toh(payload);
        if (len - at - 4 < payload)
            break;
        reply(c, bytes + at + 4, payload);
        at += 4 + payload;
    }
    return at;
}

static void take(struct connection *c, const uint8_t *bytes, size_t len)
{
    if (c->frame.len) {
        memcpy(extend(&c->frame, len), bytes, len);
        size_t used = reply_to_all(c, c->frame.bytes, c->frame.len);
        c->frame.len -= used;
        memmove(c->frame.bytes, c->frame.bytes + used, c->frame.len);
    } else {
        size_t used = reply_to_all(c, bytes, len);
        if (used < len)
            memcpy(extend(&c->frame, len - used), bytes + used, len - used);
    }
    send_waiting(c);
}

static void free_if_over(struct connection *c)
{
    if (!c->is_over || c->is_sending)
        return;
    close(c->fd);
    free(c->frame.bytes);
    free(c->waiting.bytes);
    free(c->sending.bytes);
    free(c);
}

static void on_received(struct connection *c, struct io_uring_cqe *cqe)
{
    if (cqe->flags & IORING_CQE_F_BUFFER) {
        int id = cqe->flags >> IORING_CQE_BUFFER_SHIFT;
        take(c, memory[id], cqe->res > 0 ? cqe->res : 0);
        io_uring_buf_ring_add(buffers, memory[id], BUFFER_LEN, id, BUFFERS - 1, 0);
        io_uring_buf_ring_advance(buffers, 1);
    }
    if (cqe->flags & IORING_CQE_F_MORE)
        return;
    if (cqe->res > 0 || cqe->res == -ENOBUFS) {
        receive(c);
    } else {
        c->is_over = 1;
        free_if_over(c);
    }
}

static void on_sent(struct connection *c, int result)
{
    c->is_sending = 0;
    if (result > 0 && (c->sent += result) < c->sending.len) {
        c->is_sending = 1;
        ASK(SEND, c, io_uring_prep_send, c->fd, c->sending.bytes + c->sent,
            c->sending.len - c->sent, MSG_NOSIGNAL);
    } else {
        send_waiting(c);
    }
    free_if_over(c);
}

static void on_accepted(int listener, struct io_uring_cqe *cqe)
{
    if (cqe->res >= 0) {
        struct connection *c = grow(NULL, sizeof *c);
        *c = (struct connection){.fd = cqe->res};
        no_delay(c->fd);
        receive(c);
    }
    if (!(cqe->flags & IORING_CQE_F_MORE))
        ASK(ACCEPT, NULL, io_uring_prep_multishot_accept, listener, NULL, NULL, 0);
}

static void set_up(void)
{
    struct io_uring_params params = {
        .flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_CQSIZE,
        .cq_entries = 16 * 1024,
    };
    if (io_uring_queue_init_params(4096, &ring, &params))
        die("io_uring");
    if (posix_memalign((void **)&buffers, 4096, BUFFERS * sizeof(struct io_uring_buf)))
        die("memory");
    struct io_uring_buf_reg group = {
        .ring_addr = (uintptr_t)buffers, .ring_entries = BUFFERS, .bgid = GROUP};
    if (io_uring_register_buf_ring(&ring, &group, 0))
        die("buffers");
    io_uring_buf_ring_init(buffers);
    for (int id = 0; id < BUFFERS; id++)
        io_uring_buf_ring_add(buffers, memory[id], BUFFER_LEN, id, BUFFERS - 1, id);
    io_uring_buf_ring_advance(buffers, BUFFERS);
}

int main(void)
{
    int port, listener = listen_on_loopback(&port);
    raise_open_files();
    keep_freed_memory();
    set_up();
    ASK(ACCEPT, NULL, io_uring_prep_multishot_accept, listener, NULL, NULL, 0);
    printf("  echo    tcp://127.0.0.1:%d\n", port);
    fflush(stdout);
    for (;;) {
        struct io_uring_cqe *cqe;
        unsigned head, count = 0;
        io_uring_submit_and_wait(&ring, 1);
        io_uring_for_each_cqe(&ring, head, cqe) {
            struct connection *c = (struct connection *)(uintptr_t)(cqe->user_data & ~(uint64_t)7);
            enum operation operation = cqe->user_data & 7;
            count++;
            if (operation == ACCEPT)
                on_accepted(listener, cqe);
            else if (operation == RECEIVE)
                on_received(c, cqe);
            else
                on_sent(c, cqe->res);
        }
        io_uring_cq_advance(&ring, count);
    }
}
