#include "base/bytes.h"
#include "base/sys.h"
#include "ctps/client.h"
#include "report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zmq.h>

enum { FILE_MAX = 4096, KEY_TEXT_LEN = 41 };

enum field { PRINCIPAL, PUBLIC, SECRET, SERVER, COMMANDS, EVENTS, FIELD_COUNT };

struct field_row {
    const char *name;
    bool is_key;
    bool is_needed;
    size_t offset; /* in struct ctps_keyfile */
    size_t cap;
};

static const struct field_row fields[FIELD_COUNT] = {
    [PRINCIPAL] = {"principal", false, true, offsetof(struct ctps_keyfile, principal),
                   CTPS_PRINCIPAL_LEN},
    [PUBLIC] = {"public", true, true, offsetof(struct ctps_keyfile, public_key), CTPS_KEY_LEN},
    [SECRET] = {"secret", true, true, offsetof(struct ctps_keyfile, secret_key), CTPS_KEY_LEN},
    [SERVER] = {"server", true, true, offsetof(struct ctps_keyfile, server_key), CTPS_KEY_LEN},
    [COMMANDS] = {"commands", false, true, offsetof(struct ctps_keyfile, commands),
                  CTPS_ENDPOINT_LEN},
    [EVENTS] = {"events", false, false, offsetof(struct ctps_keyfile, events),
                CTPS_ENDPOINT_LEN},
};

/* A file being read. */
struct reading {
    const char *path;
    int line;
    bool seen[FIELD_COUNT];
    struct ctps_keyfile key;
};

enum ctps_status report(struct ctps_error *error, enum ctps_status status, const char *fmt, ...)
{
    if (error) {
        va_list args;

        error->status = status;
        va_start(args, fmt);
        vsnprintf(error->text, sizeof(error->text), fmt, args);
        va_end(args);
    }
    return status;
}

enum ctps_status ctps_keyfile_generate(struct ctps_keyfile *key, struct ctps_error *error)
{
    char public_text[KEY_TEXT_LEN], secret_text[KEY_TEXT_LEN];
    bool made;

    /* People type public keys on command lines, where a leading dash is an option. */
    do {
        if (zmq_curve_keypair(public_text, secret_text) < 0)
            return report(error, CTPS_STATUS_IO, "cannot make a key: %s", zmq_strerror(errno));
    } while (public_text[0] == '-');
    made = z85_decode(key->public_key, CTPS_KEY_LEN, public_text) &&
           z85_decode(key->secret_key, CTPS_KEY_LEN, secret_text);
    explicit_bzero(secret_text, sizeof(secret_text));
    return made ? CTPS_STATUS_OK : report(error, CTPS_STATUS_IO, "cannot read a key just made");
}

static char *trim(char *text)
{
    char *end = text + strlen(text);

    while (end > text && (end[-1] == ' ' || end[-1] == '\t' || end[-1] == '\r'))
        *--end = '\0';
    return text + strspn(text, " \t");
}

static enum field find_field(const char *name)
{
    enum field field = PRINCIPAL;

    while (field < FIELD_COUNT && strcmp(fields[field].name, name) != 0)
        field++;
    return field;
}

static enum ctps_status set_field(struct reading *in, enum field field, const char *value,
                                  struct ctps_error *error)
{
    const struct field_row *row = &fields[field];
    uint8_t *to = (uint8_t *)&in->key + row->offset;

    if (in->seen[field])
        return report(error, CTPS_STATUS_INVALID, "%s:%d: %s stands there twice", in->path,
                      in->line, row->name);
    in->seen[field] = true;
    if (row->is_key) {
        if (z85_decode(to, row->cap, value))
            return CTPS_STATUS_OK;
        return report(error, CTPS_STATUS_INVALID, "%s:%d: %s is not a key of 40 Z85 characters",
                      in->path, in->line, row->name);
    }
    if (value[0] == '\0' || strlen(value) >= row->cap)
        return report(error, CTPS_STATUS_INVALID, "%s:%d: %s needs 1 to %zu bytes", in->path,
                      in->line, row->name, row->cap - 1);
    memcpy(to, value, strlen(value) + 1);
    return CTPS_STATUS_OK;
}

static enum ctps_status read_line(struct reading *in, char *line, struct ctps_error *error)
{
    char *equals, *name = trim(line);
    enum field field;

    in->line++;
    if (name[0] == '\0' || name[0] == '#')
        return CTPS_STATUS_OK;
    equals = strchr(name, '=');
    if (!equals)
        return report(error, CTPS_STATUS_INVALID, "%s:%d: expected name = value", in->path,
                      in->line);
    *equals = '\0';
    field = find_field(trim(name));
    if (field == FIELD_COUNT)
        return report(error, CTPS_STATUS_INVALID, "%s:%d: unknown name %.40s", in->path,
                      in->line, name);
    return set_field(in, field, trim(equals + 1), error);
}

/* A pair that does not fit together would only show as a handshake nobody answers. */
static bool is_pair(const struct ctps_keyfile *key)
{
    char public_text[KEY_TEXT_LEN], secret_text[KEY_TEXT_LEN];
    uint8_t public_key[CTPS_KEY_LEN];
    bool fits;

    z85_encode(secret_text, key->secret_key, CTPS_KEY_LEN);
    fits = zmq_curve_public(public_text, secret_text) == 0 &&
           z85_decode(public_key, CTPS_KEY_LEN, public_text) &&
           memcmp(public_key, key->public_key, CTPS_KEY_LEN) == 0;
    explicit_bzero(secret_text, sizeof(secret_text));
    return fits;
}

static enum ctps_status parse(struct reading *in, char *text, struct ctps_error *error)
{
    enum ctps_status status = CTPS_STATUS_OK;

    while (text && status == CTPS_STATUS_OK) {
        char *line = strsep(&text, "\n");

        status = read_line(in, line, error);
    }
    for (size_t i = 0; status == CTPS_STATUS_OK && i < FIELD_COUNT; i++)
        if (fields[i].is_needed && !in->seen[i])
            status = report(error, CTPS_STATUS_INVALID, "%s: %s is missing", in->path,
                            fields[i].name);
    if (status == CTPS_STATUS_OK && !is_pair(&in->key))
        status = report(error, CTPS_STATUS_INVALID, "%s: public and secret are not a pair",
                        in->path);
    return status;
}

/* The file as text of at most FILE_MAX bytes, only when nobody else can read it. */
static enum ctps_status load(const char *path, char *text, struct ctps_error *error)
{
    const struct sys *sys = sys_real();
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    ssize_t n;

    if (fd < 0)
        return report(error, errno == ENOENT ? CTPS_STATUS_ABSENT : CTPS_STATUS_IO, "%s: %s",
                      path, strerror(errno));
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077)) {
        close(fd);
        return report(error, CTPS_STATUS_INVALID,
                      "%s: a key file is a file only its owner may read (chmod 600)", path);
    }
    n = sys->pread(sys->ctx, fd, text, FILE_MAX + 1, 0);
    close(fd);
    if (n < 0)
        return report(error, CTPS_STATUS_IO, "%s: %s", path, strerror((int)-n));
    if (n > FILE_MAX || memchr(text, '\0', (size_t)n))
        return report(error, CTPS_STATUS_INVALID, "%s: not a key file", path);
    text[n] = '\0';
    return CTPS_STATUS_OK;
}

enum ctps_status ctps_keyfile_read(const char *path, struct ctps_keyfile *ret_key,
                                   struct ctps_error *error)
{
    struct reading in = {.path = path};
    char text[FILE_MAX + 1] = "";
    enum ctps_status status = load(path, text, error);

    if (status == CTPS_STATUS_OK)
        status = parse(&in, text, error);
    if (status == CTPS_STATUS_OK)
        *ret_key = in.key;
    explicit_bzero(text, sizeof(text));
    ctps_keyfile_wipe(&in.key);
    return status;
}

static size_t format(const struct ctps_keyfile *key, char *out, size_t cap)
{
    const uint8_t *base = (const uint8_t *)key;
    size_t used =
        (size_t)snprintf(out, cap, "# The key of a ctps principal. Keep it secret.\n");

    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const struct field_row *row = &fields[i];
        char text[KEY_TEXT_LEN];

        if (row->is_key)
            z85_encode(text, base + row->offset, CTPS_KEY_LEN);
        else if (base[row->offset] == '\0')
            continue;
        used += (size_t)snprintf(out + used, cap - used, "%s = %s\n", row->name,
                                 row->is_key ? text : (const char *)base + row->offset);
    }
    return used;
}

static int write_new(const char *path, const char *text, size_t len)
{
    const struct sys *sys = sys_real();
    int fd = sys->open(sys->ctx, path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    int rc = fd;

    if (fd < 0)
        return rc;
    rc = sys_write_all(sys, fd, text, len, 0);
    if (rc == 0)
        rc = sys->fsync(sys->ctx, fd);
    sys->close(sys->ctx, fd);
    if (rc < 0)
        sys->unlink(sys->ctx, path);
    return rc;
}

enum ctps_status ctps_keyfile_write(const char *path, const struct ctps_keyfile *key,
                                    struct ctps_error *error)
{
    char text[FILE_MAX];
    size_t len = format(key, text, sizeof(text));
    int rc = write_new(path, text, len);

    explicit_bzero(text, sizeof(text));
    if (rc == -EEXIST)
        return report(error, CTPS_STATUS_EXISTS, "%s exists: a key is never overwritten", path);
    if (rc < 0)
        return report(error, CTPS_STATUS_IO, "%s: %s", path, strerror(-rc));
    return CTPS_STATUS_OK;
}

void ctps_keyfile_wipe(struct ctps_keyfile *key)
{
    explicit_bzero(key, sizeof(*key));
}
