#include "host/address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define IPV4(a, b, c, d)                                                                       \
    ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

static const struct {
    uint32_t network;
    unsigned bits;
} not_public4[] = {
    {IPV4(0, 0, 0, 0), 8},      {IPV4(10, 0, 0, 0), 8},     {IPV4(100, 64, 0, 0), 10},
    {IPV4(127, 0, 0, 0), 8},    {IPV4(169, 254, 0, 0), 16}, {IPV4(172, 16, 0, 0), 12},
    {IPV4(192, 0, 0, 0), 24},   {IPV4(192, 0, 2, 0), 24},   {IPV4(192, 88, 99, 0), 24},
    {IPV4(192, 168, 0, 0), 16}, {IPV4(198, 18, 0, 0), 15},  {IPV4(198, 51, 100, 0), 24},
    {IPV4(203, 0, 113, 0), 24}, {IPV4(224, 0, 0, 0), 4},    {IPV4(240, 0, 0, 0), 4},
};

/* Of IPv6 only 2000::/3 is given out; in it, these are not hosts one reaches by themselves. */
static const struct {
    uint8_t network[4];
    unsigned bits;
} not_public6[] = {
    {{0x20, 0x01, 0x00, 0x00}, 23}, /* protocols, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32}, /* documentation */
    {{0x20, 0x02, 0x00, 0x00}, 16}, /* 6to4: an IPv4 address inside */
    {{0x3f, 0xff, 0x00, 0x00}, 20}, /* documentation */
};

static bool is_public4(uint32_t address)
{
    for (size_t i = 0; i < sizeof(not_public4) / sizeof(not_public4[0]); i++)
        if ((address ^ not_public4[i].network) >> (32 - not_public4[i].bits) == 0)
            return false;
    return true;
}

static uint32_t first_bits(const uint8_t *bytes)
{
    return IPV4(bytes[0], bytes[1], bytes[2], bytes[3]);
}

static bool is_public6(const uint8_t *address)
{
    if (address[0] >> 5 != 1)
        return false;
    for (size_t i = 0; i < sizeof(not_public6) / sizeof(not_public6[0]); i++)
        if ((first_bits(address) ^ first_bits(not_public6[i].network)) >>
                (32 - not_public6[i].bits) ==
            0)
            return false;
    return true;
}

bool address_is_public(const struct sockaddr *address)
{
    struct sockaddr_in in;
    struct sockaddr_in6 in6;

    if (address->sa_family == AF_INET) {
        memcpy(&in, address, sizeof(in));
        return is_public4(ntohl(in.sin_addr.s_addr));
    }
    if (address->sa_family != AF_INET6)
        return false;
    memcpy(&in6, address, sizeof(in6));
    return is_public6(in6.sin6_addr.s6_addr);
}
