#include "domain/webhook.h"

#include "domain/record.h"

enum { SECRETS_MAX = 2 };

Ctps__WebhookRecord *webhook_record(const struct tables *tables, struct arena *arena,
                                    uint64_t id)
{
    Ctps__WebhookRecord *row = (Ctps__WebhookRecord *)record_get(
        tables, TABLE_WEBHOOK, table_key_of_u64(id), arena, &ctps__webhook_record__descriptor);

    return row && row->made ? row : NULL;
}

const char *webhook_state(const Ctps__WebhookRecord *webhook)
{
    if (webhook->has_revoked_day)
        return WEBHOOK_REVOKED;
    if (webhook->on)
        return WEBHOOK_ON;
    return strcmp(or_empty(webhook->reason), WEBHOOK_GONE) == 0 ? WEBHOOK_GONE : WEBHOOK_OFF;
}

static bool is_printable(const char *text)
{
    for (; *text; text++)
        if (*text <= ' ' || *text > '~' || strchr("\"<>\\^`{|}#", *text))
            return false;
    return true;
}

/* Digits behind the host, if any; `host` is cut there. */
static bool port_check(const char *host, size_t *len)
{
    size_t digits = *len;
    unsigned port = 0;

    while (digits > 0 && host[digits - 1] >= '0' && host[digits - 1] <= '9')
        digits--;
    if (digits == 0 || host[digits - 1] != ':')
        return true;
    if (*len == digits || *len - digits > 5)
        return false;
    for (size_t i = digits; i < *len; i++)
        port = port * 10 + (unsigned)(host[i] - '0');
    *len = digits - 1;
    return port > 0 && port <= 65535;
}

static bool is_host(const char *host, size_t len)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-";

    if (len > 2 && host[0] == '[')
        return host[len - 1] == ']' && strspn(host + 1, "0123456789abcdefABCDEF:.") == len - 2;
    return len > 0 && len < 254 && strspn(host, letters) >= len;
}

static bool is_this_machine(const char *host, size_t len)
{
    static const char *const names[] = {"127.0.0.1", "[::1]", "localhost"};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == len && strncmp(names[i], host, len) == 0)
            return true;
    return false;
}

bool webhook_url_is_good(const char *url)
{
    bool secure = strncmp(url, "https://", 8) == 0;
    const char *host = url + (secure ? 8 : 7);
    size_t len;

    if ((!secure && strncmp(url, "http://", 7) != 0) || !is_printable(url))
        return false;
    len = strcspn(host, "/?");
    return !memchr(host, '@', len) && port_check(host, &len) && is_host(host, len) &&
           (secure || is_this_machine(host, len));
}

bool webhook_hears(const Ctps__WebhookRecord *webhook, const char *topic)
{
    const Ctps__WebhookMade *made = webhook->made;

    for (size_t i = 0; i < made->n_topics; i++) {
        const char *wanted = made->topics[i];
        size_t len = strlen(wanted);

        if (strcmp(wanted, topic) == 0 ||
            (len && wanted[len - 1] == '*' && strncmp(wanted, topic, len - 1) == 0))
            return true;
    }
    return made->n_topics == 0;
}

static void secret_open(struct act *act, const Ctps__Sealed *sealed, Ctps__WebhookTaken *out)
{
    const Ctps__WebhookSecret *opened = (const Ctps__WebhookSecret *)act_unseal(
        act, sealed, SEALED_WEBHOOK_SECRET, &ctps__webhook_secret__descriptor);

    if (opened && opened->has_secret)
        out->secrets[out->n_secrets++] = opened->secret;
}

void webhook_secrets_open(struct act *act, const Ctps__WebhookRecord *webhook,
                          Ctps__WebhookTaken *out)
{
    out->secrets = act_alloc(act, SECRETS_MAX * sizeof(out->secrets[0]));
    secret_open(act, webhook->made->secret, out);
    if (webhook->previous && act->now_us < webhook->previous_until_us)
        secret_open(act, webhook->previous, out);
}
