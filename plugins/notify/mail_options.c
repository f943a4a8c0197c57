/* What the configuration says about mail. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail_private.h"

enum { DEFAULT_PORT = 587, DAY_MINUTES = 24 * 60 };

const char *mail_option(const struct mail *mail, const char *name)
{
    const char *value = mail->notify->api->option_string(mail->notify->host, name);

    return value && *value ? value : NULL;
}

/* NULL, or what is wrong. */
static const char *server_read(struct mail *mail)
{
    static const char *const securities[] = {"starttls", "tls", "none"};
    const char *server = mail_option(mail, "server"), *security = mail_option(mail, "security");
    const char *colon = strrchr(server, ':');
    size_t len = colon ? (size_t)(colon - server) : strlen(server);
    unsigned long port = colon ? strtoul(colon + 1, NULL, 10) : DEFAULT_PORT;

    if (!len || len >= sizeof(mail->server.name) || !port || port > UINT16_MAX)
        return "server: a name and a port are expected, as smtp.example:587";
    snprintf(mail->server.name, sizeof(mail->server.name), "%.*s", (int)len, server);
    mail->server.port = (uint16_t)port;
    for (size_t i = 0; i < sizeof(securities) / sizeof(securities[0]); i++)
        if (security && strcmp(security, securities[i]) == 0) {
            mail->server.security = (enum smtp_security)i;
            return NULL;
        }
    return "security: starttls, tls or none";
}

static const char *sign_in_read(struct mail *mail)
{
    const uint8_t *data;
    size_t len;

    mail->server.user = mail_option(mail, "user");
    if (!mail->server.user)
        return NULL;
    if (mail->server.security == SMTP_PLAIN)
        return "user: no password goes over a connection without TLS";
    if (mail->notify->api->secret(mail->notify->host, "password", &data, &len) !=
            CTPS_STATUS_OK ||
        len >= sizeof(mail->password))
        return "password: the file of the password is missing, or too long";
    memcpy(mail->password, data, len);
    mail->password[len] = '\0';
    mail->password[strcspn(mail->password, "\r\n")] = '\0';
    mail->server.password = mail->password;
    return NULL;
}

static const char *addresses_read(struct mail *mail)
{
    mail->server.from = mail_option(mail, "from");
    mail->server.reply_to = mail_option(mail, "reply_to");
    if (!mail->server.from || !smtp_address_is_fit(mail->server.from))
        return "from: an address is expected";
    if (mail->server.reply_to && !smtp_address_is_fit(mail->server.reply_to))
        return "reply_to: an address is expected";
    mail->server.domain = strrchr(mail->server.from, '@') + 1;
    return NULL;
}

/* "07:00"; DAY_MINUTES when it is none. */
static uint32_t time_of_day_read(const char *text)
{
    char *end = NULL;
    unsigned long hour = text ? strtoul(text, &end, 10) : 0, minute;

    if (!text || end == text || *end != ':' || hour > 23)
        return DAY_MINUTES;
    text = end + 1;
    minute = strtoul(text, &end, 10);
    return end == text || *end || minute > 59 ? DAY_MINUTES : (uint32_t)(hour * 60 + minute);
}

static const char *rest_read(struct mail *mail)
{
    mail->language = language_find(mail_option(mail, "language"));
    if (mail->language == LANGUAGE_COUNT)
        return "language: fr or en";
    mail->digest_minute = time_of_day_read(mail_option(mail, "digest_at"));
    if (mail->digest_minute == DAY_MINUTES)
        return "digest_at: a time of day is expected, as 07:00";
    mail->link = mail_option(mail, "link");
    mail->server.timeout_ms = mail->notify->api->option_int(mail->notify->host, "timeout");
    return NULL;
}

bool mail_options_read(struct mail *mail, char *why, size_t why_len)
{
    const char *(*const readers[])(struct mail * mail) = {server_read, sign_in_read,
                                                          addresses_read, rest_read};

    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        const char *wrong = readers[i](mail);

        if (wrong) {
            snprintf(why, why_len, "%s", wrong);
            return false;
        }
    }
    mail->templates =
        templates_open(mail_option(mail, "templates"), mail->language, why, why_len);
    return mail->templates != NULL;
}
