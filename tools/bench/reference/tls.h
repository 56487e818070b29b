/* TLS on one socket by OpenSSL, for bridge.c: ciphertext is read and written by the bridge's own
   calls, one each for what is ready, and OpenSSL works between the buffers. */

#ifndef TLS_H
#define TLS_H

#include "net.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

/* The longest plaintext of a record (RFC 8446, section 5.1), and more than what one adds to it. */
#define RECORD_LEN (16 * 1024)
#define RECORD_OVERHEAD 512

static SSL_CTX *tls_context;
static BIO_METHOD *tls_buffers;

/* The ciphertext of one read that OpenSSL has not taken yet. */
static const uint8_t *tls_input;
static size_t tls_input_len;

/* The ciphertext of one write. */
#define TLS_OUTPUT_LEN (1024 * 1024)
static uint8_t tls_output[TLS_OUTPUT_LEN];
static size_t tls_output_len;

/* The plaintext of one read, and of the incomplete record before it. */
static uint8_t tls_plain[INPUT_LEN + 2 * RECORD_LEN];

static int tls_take_input(BIO *bio, char *to, int len)
{
    BIO_clear_retry_flags(bio);
    if (!tls_input_len) {
        BIO_set_retry_read(bio);
        return -1;
    }
    size_t taken = (size_t)len < tls_input_len ? (size_t)len : tls_input_len;
    memcpy(to, tls_input, taken);
    tls_input += taken;
    tls_input_len -= taken;
    return taken;
}

static int tls_add_output(BIO *bio, const char *from, int len)
{
    (void)bio;
    if ((size_t)len > TLS_OUTPUT_LEN - tls_output_len)
        return -1;
    memcpy(tls_output + tls_output_len, from, len);
    tls_output_len += len;
    return len;
}

static long tls_control(BIO *bio, int command, long number, void *argument)
{
    (void)bio, (void)number, (void)argument;
    return command == BIO_CTRL_FLUSH;
}

static inline void tls_init(const char *certificate, const char *key)
{
    tls_context = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(tls_context, certificate) != 1
        || SSL_CTX_use_PrivateKey_file(tls_context, key, SSL_FILETYPE_PEM) != 1) {
        ERR_print_errors_fp(stderr);
        exit(1);
    }
    /* An idle connection has no buffers. */
    SSL_CTX_set_mode(tls_context, SSL_MODE_RELEASE_BUFFERS);
    /* Several records for each call of tls_take_input. */
    SSL_CTX_set_read_ahead(tls_context, 1);
    tls_buffers = BIO_meth_new(BIO_TYPE_SOURCE_SINK, "buffers");
    BIO_meth_set_read(tls_buffers, tls_take_input);
    BIO_meth_set_write(tls_buffers, tls_add_output);
    BIO_meth_set_ctrl(tls_buffers, tls_control);
}

static inline SSL *tls_accept(void)
{
    SSL *tls = SSL_new(tls_context);
    BIO *bio = BIO_new(tls_buffers);
    BIO_set_init(bio, 1);
    SSL_set_bio(tls, bio, bio);
    SSL_set_accept_state(tls);
    return tls;
}

/* Writes the ciphertext, as out_flush does. */
static inline int tls_send(int fd, struct unsent *unsent)
{
    size_t len = tls_output_len;
    ssize_t sent = 0;
    tls_output_len = 0;
    if (len && !unsent->len)
        sent = write(fd, tls_output, len);
    if (sent < 0 && errno != EAGAIN)
        return -1;
    size_t taken = sent > 0 ? sent : 0;
    if (taken < len)
        append_unsent(unsent, tls_output + taken, len - taken);
    return 0;
}

static inline int tls_encrypt(SSL *tls, int fd, struct unsent *unsent, const void *bytes, size_t len)
{
    if (TLS_OUTPUT_LEN - tls_output_len < RECORD_LEN + RECORD_OVERHEAD && tls_send(fd, unsent))
        return -1;
    return SSL_write(tls, bytes, len) == (int)len ? 0 : -1;
}

/* Encrypts the write queue in records that are as long as possible, and writes them. */
static inline int tls_flush(SSL *tls, int fd, struct unsent *unsent)
{
    static uint8_t record[RECORD_LEN];
    size_t have = 0;
    int result = 0;
    for (int i = 0; i < out.count && !result; i++) {
        const uint8_t *bytes = out.pieces[i].iov_base;
        size_t len = out.pieces[i].iov_len;
        while (len && !result) {
            size_t now = RECORD_LEN - have < len ? RECORD_LEN - have : len;
            if (now == RECORD_LEN) {
                result = tls_encrypt(tls, fd, unsent, bytes, now);
            } else {
                memcpy(record + have, bytes, now);
                have += now;
            }
            if (have == RECORD_LEN) {
                result = tls_encrypt(tls, fd, unsent, record, have);
                have = 0;
            }
            bytes += now;
            len -= now;
        }
    }
    if (have && !result)
        result = tls_encrypt(tls, fd, unsent, record, have);
    out.count = 0;
    out.copied = 0;
    return result ? result : tls_send(fd, unsent);
}

/* Decrypts what one read brought, into `tls_plain`. Returns its length, 0 while a handshake or a
   record is incomplete, or -1 at the end. */
static inline ssize_t tls_decrypt(SSL *tls, const uint8_t *bytes, size_t len)
{
    size_t have = 0;
    int count;
    tls_input = bytes;
    tls_input_len = len;
    ERR_clear_error();
    while ((count = SSL_read(tls, tls_plain + have, sizeof tls_plain - have)) > 0)
        have += count;
    int is_over = SSL_get_error(tls, count) != SSL_ERROR_WANT_READ;
    return is_over && !have ? -1 : (ssize_t)have;
}

#endif
