/*
 * ctps/client.h: speak to ctpsd over its bus. Key files, requests that are sent again until
 * answered, and events without gaps.
 *
 * Requests and replies are the bytes of the messages in schemas/ctps/: generate code for them
 * in the language and with the library of your choice. A request carries an id of 16 random
 * bytes; the daemon answers the same id and bytes once and for all, so that sending again
 * after a silence is safe, and this library does.
 *
 * Link with `pkg-config --libs ctps`. Nothing here is thread safe: one client per thread.
 * Times are in milliseconds. Outputs named ret_ are set on success only.
 */
#ifndef CTPS_CLIENT_H
#define CTPS_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CTPS_API __attribute__((visibility("default")))

enum ctps_status {
    CTPS_STATUS_OK = 0,
    CTPS_STATUS_TIMEOUT,  /* no answer in time: it may have been done, send the same bytes again
                           */
    CTPS_STATUS_DENIED,   /* the daemon does not admit this key */
    CTPS_STATUS_REFUSED,  /* it answered, and the answer is no */
    CTPS_STATUS_RESTORED, /* a backup was restored: what was seen may never have happened */
    CTPS_STATUS_INVALID,  /* malformed file, argument or answer */
    CTPS_STATUS_TOO_LARGE,
    CTPS_STATUS_ABSENT, /* no such file */
    CTPS_STATUS_EXISTS, /* the file is there already */
    CTPS_STATUS_IO,
    CTPS_STATUS_NO_MEMORY,
};

/* Every function that takes one accepts NULL. */
struct ctps_error {
    enum ctps_status status;
    char text[280]; /* one line, English */
};

enum {
    CTPS_KEY_LEN = 32,
    CTPS_PRINCIPAL_LEN = 128, /* with its end */
    CTPS_ENDPOINT_LEN = 128,  /* with its end */
    CTPS_INCARNATION_LEN = 16,
    CTPS_REQUEST_MAX = 256 * 1024,
};

/* Who one is and where the daemon is. */
struct ctps_keyfile {
    char principal[CTPS_PRINCIPAL_LEN]; /* for people; the daemon knows the key */
    uint8_t public_key[CTPS_KEY_LEN];
    uint8_t secret_key[CTPS_KEY_LEN];
    uint8_t server_key[CTPS_KEY_LEN]; /* the daemon's public key */
    char commands[CTPS_ENDPOINT_LEN]; /* "ipc:///run/ctps/commands", "tcp://192.0.2.1:5570" */
    char events[CTPS_ENDPOINT_LEN];   /* empty when the key enters no audience */
};

/* Makes a new key pair in `key`, leaving the rest as it is. CTPS_STATUS_IO without randomness.
 */
CTPS_API enum ctps_status ctps_keyfile_generate(struct ctps_keyfile *key,
                                                struct ctps_error *error);
/* Reads a key file: UTF-8 lines `name = value` with names principal, public, secret, server
 * (keys in Z85), commands, events (may be absent); lines that begin with # are comments. The
 * file must be readable by its owner only. CTPS_STATUS_ABSENT, CTPS_STATUS_IO, or
 * CTPS_STATUS_INVALID with the line named. */
CTPS_API enum ctps_status ctps_keyfile_read(const char *path, struct ctps_keyfile *ret_key,
                                            struct ctps_error *error);
/* Writes a new one, mode 0600, durably; never over an existing file (CTPS_STATUS_EXISTS).
 * CTPS_STATUS_IO. */
CTPS_API enum ctps_status ctps_keyfile_write(const char *path, const struct ctps_keyfile *key,
                                             struct ctps_error *error);
/* Overwrites the secret in memory; the file stays. */
CTPS_API void ctps_keyfile_wipe(struct ctps_keyfile *key);

struct ctps_client;

/* Own: ctps_client_close(). `key` is copied. Does not wait: the connection is made with the
 * first request. CTPS_STATUS_NO_MEMORY, CTPS_STATUS_IO (no sockets). */
CTPS_API enum ctps_status ctps_client_open(const struct ctps_keyfile *key,
                                           struct ctps_client **ret_client,
                                           struct ctps_error *error);
/* Idempotent, nulls the pointer. */
CTPS_API void ctps_client_close(struct ctps_client **client);

/* Bytes of an answer; own, free with ctps_bytes_free(). */
struct ctps_bytes {
    uint8_t *data;
    size_t len;
};

/* Wipes and frees. Idempotent. */
CTPS_API void ctps_bytes_free(struct ctps_bytes *bytes);

/* Sends a Request and waits for its Reply, sending the same bytes over a new connection when
 * the old one breaks or stays silent, for `timeout_ms` in all. CTPS_STATUS_OK says that there
 * is an answer (`ret_reply`, own), yes or no: its `status` says which. CTPS_STATUS_TIMEOUT,
 * CTPS_STATUS_DENIED, CTPS_STATUS_TOO_LARGE past CTPS_REQUEST_MAX, CTPS_STATUS_INVALID,
 * CTPS_STATUS_NO_MEMORY, CTPS_STATUS_IO. Blocks: not for a plugin, whose way is
 * ctps_host_api.request. */
CTPS_API enum ctps_status ctps_client_request(struct ctps_client *client, const void *request,
                                              size_t request_len, int timeout_ms,
                                              struct ctps_bytes *ret_reply,
                                              struct ctps_error *error);

struct ctps_subscription;

/* One event, borrowed until the next call on its subscription. */
struct ctps_event {
    uint64_t number;          /* grows; the position to go on from */
    uint64_t previous_number; /* of the same audience; 0 for its first */
    int64_t time_us;          /* since 1970-01-01 UTC */
    const char *topic;        /* "situation.closed" */
    const uint8_t *notice;    /* a Notice, as bytes */
    size_t notice_len;
    bool was_pulled; /* read from the daemon's memory rather than heard */
    uint8_t incarnation[CTPS_INCARNATION_LEN];
};

/* Where to begin. */
struct ctps_position {
    uint64_t after;       /* number of the last event dealt with; 0: none */
    bool from_now;        /* instead: only what comes after the opening */
    bool has_incarnation; /* whether the next one is known */
    uint8_t incarnation[CTPS_INCARNATION_LEN]; /* of the event dealt with */
};

/* Follows an audience. Own: ctps_subscription_close(). `key` and `audience` are copied.
 * CTPS_STATUS_INVALID when the key file names no events endpoint, CTPS_STATUS_NO_MEMORY,
 * CTPS_STATUS_IO. */
CTPS_API enum ctps_status ctps_subscription_open(const struct ctps_keyfile *key,
                                                 const char *audience,
                                                 const struct ctps_position *position,
                                                 struct ctps_subscription **ret_subscription,
                                                 struct ctps_error *error);
/* The next event in order, none left out and none twice. CTPS_STATUS_TIMEOUT when there is
 * none within `timeout_ms`; CTPS_STATUS_RESTORED when the daemon's past was replaced: close,
 * forget what was learned from it and begin again; CTPS_STATUS_DENIED when the key may not
 * follow it. Blocks for `timeout_ms` at most. */
CTPS_API enum ctps_status ctps_subscription_next(struct ctps_subscription *subscription,
                                                 int timeout_ms, struct ctps_event *ret_event,
                                                 struct ctps_error *error);
/* Idempotent, nulls the pointer. */
CTPS_API void ctps_subscription_close(struct ctps_subscription **subscription);

#endif
