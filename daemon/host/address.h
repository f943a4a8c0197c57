/* address: which addresses are hosts of the internet. */
#ifndef CTPS_HOST_ADDRESS_H
#define CTPS_HOST_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* False for this machine, private and shared networks, link-local, multicast, documentation and
 * reserved ranges (IANA special-purpose registries, RFC 6890), also where an IPv6 address holds
 * such an IPv4 one; and for any other family. */
bool address_is_public(const struct sockaddr *address);

#endif
