/* The server's side of WebSockets (RFC 6455): frame headers and masks, which have to be fast,
   and the handshake with its SHA-1 and base64, which does not. */

#ifndef WEBSOCKET_H
#define WEBSOCKET_H

#include "net.h"

/* Section 5.2. */
enum { TEXT = 1, BINARY, CLOSE = 8, PING, PONG, FIN = 0x80, MASKED = 0x80 };

static inline void push_header(uint8_t opcode, uint64_t len)
{
    uint8_t header[10] = {FIN | opcode, len};
    size_t header_len = 2;
    if (len > 125) {
        int bytes = len > 0xffff ? 8 : 2;
        header[1] = bytes == 8 ? 127 : 126;
        for (int i = 0; i < bytes; i++)
            header[2 + i] = len >> 8 * (bytes - 1 - i);
        header_len += bytes;
    }
    out_push(header, header_len);
}

/* The length of a client's header of which there are `have` bytes; 2 if it is not known yet. */
static inline size_t header_len(const uint8_t *header, size_t have)
{
    uint8_t len = have < 2 ? 0 : header[1] & 0x7f;
    return have < 2 ? 2 : (len == 127 ? 10 : len == 126 ? 4 : 2) + 4;
}

/* Unmasks (section 5.3) from `phase` in the masking key; returns the phase of the next byte. */
static inline uint8_t unmask(uint8_t *bytes, size_t len, const uint8_t mask[4], uint8_t phase)
{
    typedef uint64_t block __attribute__((vector_size(64)));
    uint8_t turned[8];
    uint64_t wide, word;
    block many;
    for (int i = 0; i < 8; i++)
        turned[i] = mask[(phase + i) & 3];
    memcpy(&wide, turned, 8);
    size_t i = 0;
    for (; i + 64 <= len; i += 64) {
        memcpy(&many, bytes + i, 64);
        many ^= wide;
        memcpy(bytes + i, &many, 64);
    }
    for (; i + 8 <= len; i += 8) {
        memcpy(&word, bytes + i, 8);
        word ^= wide;
        memcpy(bytes + i, &word, 8);
    }
    for (; i < len; i++)
        bytes[i] ^= turned[i & 7];
    return (phase + len) & 3;
}

static inline uint32_t rotate(uint32_t x, int n)
{
    return x << n | x >> (32 - n);
}

/* SHA-1 (RFC 3174) of at most 119 bytes. */
static inline void sha1(const char *text, size_t len, uint8_t digest[20])
{
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}, w[80];
    uint8_t blocks[128] = {0};
    size_t total = len < 56 ? 64 : 128;
    memcpy(blocks, text, len);
    blocks[len] = 0x80;
    blocks[total - 2] = len * 8 >> 8;
    blocks[total - 1] = len * 8;
    for (uint8_t *block = blocks; block < blocks + total; block += 64) {
        uint32_t a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
        for (int i = 0; i < 80; i++) {
            const uint8_t *p = block + 4 * i;
            w[i] = i < 16 ? (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3]
                          : rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
            uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                         : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                         : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                                  : (b ^ c ^ d) + 0xca62c1d6;
            uint32_t next = rotate(a, 5) + f + e + w[i];
            e = d, d = c, c = rotate(b, 30), b = a, a = next;
        }
        h[0] += a, h[1] += b, h[2] += c, h[3] += d, h[4] += e;
    }
    for (int i = 0; i < 20; i++)
        digest[i] = h[i / 4] >> (24 - i % 4 * 8);
}

static inline void base64(const uint8_t digest[20], char text[29])
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (int i = 0, at = 0; i < 21; i += 3) {
        uint32_t group = digest[i] << 16 | digest[i + 1] << 8 | (i < 18 ? digest[i + 2] : 0);
        for (int shift = 18; shift >= 0; shift -= 6)
            text[at++] = digits[group >> shift & 63];
    }
    strcpy(text + 27, "=");
}

/* Writes the response to `request`, which is zero-terminated, and returns its length; 0 if
   the request is no handshake. */
static inline int handshake(const char *request, char *response, size_t size)
{
    static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    const char *header = strcasestr(request, "\r\nsec-websocket-key:");
    char key[64], accept[29];
    uint8_t digest[20];
    if (!header || sscanf(header + 20, " %24[A-Za-z0-9+/=]", key) != 1 || strlen(key) != 24)
        return 0;
    strcat(key, guid);
    sha1(key, strlen(key), digest);
    base64(digest, accept);
    return snprintf(response, size,
                    "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"
                    "Upgrade: websocket\r\nSec-WebSocket-Accept: %s\r\n\r\n",
                    accept);
}

#endif
