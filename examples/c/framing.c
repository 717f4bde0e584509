/*
 * Packet framing for a serial line: SLIP-like byte stuffing, a length byte, a CRC-16 trailer, and a byte-wise receiver.
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define FRAME_END 0xC0
#define FRAME_ESC 0xDB
#define ESC_END 0xDC
#define ESC_ESC 0xDD
#define MAX_PAYLOAD 48
#define MAX_PACKET (MAX_PAYLOAD + 4)

enum rx_state { RX_IDLE = 0, RX_DATA = 1, RX_ESCAPED = 2 };

/* A decoded packet. */
struct packet {
    uint8_t kind;
    uint8_t length;
    uint8_t payload[MAX_PAYLOAD];
};

/* Receiver, fed one byte at a time. */
struct receiver {
    enum rx_state state;
    size_t fill;
    uint8_t raw[MAX_PACKET];
    uint32_t errors;
};

static uint16_t crc16_step(uint16_t crc, uint8_t byte)
{
    crc ^= byte;
    for (int i = 0; i < 8; i++)
        crc = (crc & 1) ? (crc >> 1) ^ 0xA001 : crc >> 1;
    return crc;
}

static uint16_t crc16(const uint8_t *p, size_t n)
{
    uint16_t crc = 0xFFFF;

    while (n--)
        crc = crc16_step(crc, *p++);
    return crc;
}

/* Escape one byte. Returns the new position in out. */
static size_t put_escaped(uint8_t *out, size_t pos, uint8_t byte)
{
    switch (byte) {
    case FRAME_END:
        out[pos++] = FRAME_ESC;
        out[pos++] = ESC_END;
        break;
    case FRAME_ESC:
        out[pos++] = FRAME_ESC;
        out[pos++] = ESC_ESC;
        break;
    default:
        out[pos++] = byte;
    }
    return pos;
}

/* Build a frame; out takes 2 * MAX_PACKET + 2 bytes. Returns its length, 0 when the packet is too long. */
size_t frame_encode(uint8_t *out, const struct packet *p)
{
    uint8_t raw[MAX_PACKET];
    size_t n, pos = 0;
    uint16_t crc;

    if (p->length > MAX_PAYLOAD)
        return 0;
    raw[0] = p->kind;
    raw[1] = p->length;
    memcpy(&raw[2], p->payload, p->length);
    n = (size_t)p->length + 2;
    crc = crc16(raw, n);
    raw[n++] = (uint8_t)(crc & 0xFF);
    raw[n++] = (uint8_t)(crc >> 8);

    out[pos++] = FRAME_END;
    for (size_t i = 0; i < n; i++)
        pos = put_escaped(out, pos, raw[i]);
    out[pos++] = FRAME_END;
    return pos;
}

/* Check a complete raw frame and take it apart; 0 when it is good. */
static int unpack(const uint8_t *raw, size_t fill, struct packet *p)
{
    uint16_t crc;

    if (fill < 4 || raw[1] > MAX_PAYLOAD || fill != (size_t)raw[1] + 4)
        return -1;
    crc = (uint16_t)(raw[fill - 2] | raw[fill - 1] << 8);
    if (crc != crc16(raw, fill - 2))
        return -2;
    p->kind = raw[0];
    p->length = raw[1];
    memcpy(p->payload, raw + 2, raw[1]);
    return 0;
}

void receiver_reset(struct receiver *rx)
{
    memset(rx, 0, sizeof(*rx));
}

/* Feed one byte; 1 when *out holds a new packet. */
int receiver_feed(struct receiver *rx, uint8_t byte, struct packet *out)
{
    if (byte == FRAME_END) {
        int complete = rx->state != RX_IDLE && rx->fill > 0;
        int rc = -1;

        if (complete && rx->fill <= MAX_PACKET)
            rc = unpack(rx->raw, rx->fill, out);
        if (complete && rc < 0)
            rx->errors++;
        rx->state = RX_DATA;
        rx->fill = 0;
        return complete && rc == 0;
    }
    switch (rx->state) {
    case RX_IDLE:
        return 0;
    case RX_ESCAPED:
        if (byte == ESC_END) {
            byte = FRAME_END;
        } else if (byte == ESC_ESC) {
            byte = FRAME_ESC;
        } else {
            rx->errors++;
            rx->state = RX_IDLE;
            return 0;
        }
        rx->state = RX_DATA;
        break;
    case RX_DATA:
        if (byte == FRAME_ESC) {
            rx->state = RX_ESCAPED;
            return 0;
        }
        break;
    }
    if (rx->fill >= MAX_PACKET) {
        rx->errors++;
        rx->state = RX_IDLE;
        return 0;
    }
    rx->raw[rx->fill++] = byte;
    return 0;
}

/* Feed a whole buffer and count the packets in it. */
int receiver_feed_all(struct receiver *rx, const uint8_t *data, size_t n, struct packet *last)
{
    int packets = 0;
    const uint8_t *end = data + n;

    while (data != end)
        packets += receiver_feed(rx, *data++, last);
    return packets;
}
