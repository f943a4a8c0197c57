/*
 * mail: what is told by mail, to whom, in which words; and once a day, in one mail, to those
 * who chose so. A mail is a delivery of channel "mail", an item of a digest one of channel
 * "digest" that waits for the mail it goes into. Facts, rights and addresses are asked of ctpsd
 * at the moment of sending; keys hold ids only:
 *
 *     mail:meeting.scheduled:33792:a512     topic, event, agent or contact
 *     item:decision.taken:33999:c771
 *     digest:20780:a512                     civil day, agent or contact
 */
#ifndef NOTIFY_MAIL_H
#define NOTIFY_MAIL_H

#include "notify.h"

struct mail;

/* Reads the options and the templates. *ret_mail is NULL (and all is well) when no server is
 * configured. Own: mail_close(). */
enum ctps_status mail_open(struct notify *notify, struct mail **ret_mail, char *why,
                           size_t why_len);
void mail_close(struct mail **mail);
/* Adds its channels to `channels`. */
void mail_channels(struct mail *mail, const struct channel **channels, size_t *count);
/* Once the queue is there. */
void mail_begin(struct mail *mail);
/* Queues a delivery to each the event is to be told to by mail. */
void mail_plan(struct mail *mail, struct plan *plan);

#define MAIL_OPTIONS                                                                           \
    {.name = "server",                                                                         \
     .type = CTPS_OPTION_STRING,                                                               \
     .help = "Mail server, as \"smtp.example:587\" (also in connect); without: no mail."},     \
        {.name = "security",                                                                   \
         .type = CTPS_OPTION_STRING,                                                           \
         .fallback = "starttls",                                                               \
         .help = "starttls, tls (from the first byte) or none (a server on this machine)."},   \
        {.name = "user", .type = CTPS_OPTION_STRING, .help = "Who signs in to the server."},   \
        {.name = "password",                                                                   \
         .type = CTPS_OPTION_SECRET,                                                           \
         .help = "File that holds the password, on one line."},                                \
        {.name = "from",                                                                       \
         .type = CTPS_OPTION_STRING,                                                           \
         .help = "Address mails come from, and the organiser of meetings."},                   \
        {.name = "reply_to",                                                                   \
         .type = CTPS_OPTION_STRING,                                                           \
         .help = "Address answers go to; else to `from`."},                                    \
        {.name = "language",                                                                   \
         .type = CTPS_OPTION_STRING,                                                           \
         .fallback = "fr",                                                                     \
         .help = "fr or en: for those who chose none."},                                       \
        {.name = "templates",                                                                  \
         .type = CTPS_OPTION_FILE,                                                             \
         .fallback = NOTIFY_TEMPLATES,                                                         \
         .help = "Folder of the words of mails, one folder a language."},                      \
        {.name = "digest_at",                                                                  \
         .type = CTPS_OPTION_STRING,                                                           \
         .fallback = "07:00",                                                                  \
         .help = "When the daily mail goes out, in the town's time."},                         \
        {.name = "link",                                                                       \
         .type = CTPS_OPTION_STRING,                                                           \
         .help = "Address people open to read more; {link} in the words."},                    \
    {                                                                                          \
        .name = "mails_at_once", .type = CTPS_OPTION_INT, .fallback = "2", .min = 1, .max = 8, \
        .help = "Mails on the way at the same time."                                           \
    }

#endif
