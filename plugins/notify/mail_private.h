/* What the files of mail share; nobody else includes it. */
#ifndef NOTIFY_MAIL_PRIVATE_H
#define NOTIFY_MAIL_PRIVATE_H

#include "mail.h"
#include "smtp.h"
#include "template.h"

#define TOPIC_REMINDER "reminder.due"

enum { RECIPIENT_LEN = 24, ADDRESS_LEN = 256, PASSWORD_LEN = 256 };

struct mail {
    struct notify *notify;
    struct channel mails, items;
    struct smtp_server server;
    struct templates *templates;
    enum language language;
    char password[PASSWORD_LEN];
    const char *link;
    uint32_t digest_minute;
    int32_t digest_day; /* of the last look */
    bool digest_looked;
    char zone[64]; /* of the town; "": not known yet */
    char town[128];
    struct ctps_timer *timer;
    bool asking; /* for the town */
    struct sheet *sheets;
};

/* One mail in the making: from the first question to ctpsd to the server's answer. */
struct sheet {
    struct sheet *next;
    struct mail *mail;
    struct delivery *delivery;
    /* of a digest */
    uint64_t item;       /* id of the one being asked about */
    uint64_t item_after; /* items up to this one were asked about */
    char *lines;
    size_t line_count;
    char email[ADDRESS_LEN];
    enum language language;
};

/* The topic in a key, and the number of its event. False when it is no such key. */
bool mail_key_read(const char *key, char topic[NOTIFY_TOPIC_LEN], uint64_t *ret_number);
void mail_recipient_write(const struct delivery *delivery, char out[RECIPIENT_LEN]);
/* Asks what may be told of a delivery to its recipient now. */
bool mail_prepare(struct mail *mail, const struct delivery *about, ask_answered *done,
                  void *arg);
/* NULL when the answer is none; *ret_recipient: the one asked about. */
const Ctps__NotificationAnswer *mail_answer(const Ctps__Reply *reply,
                                            const Ctps__NotificationRecipient **ret_recipient);
/* What it was about is there no more. */
bool mail_is_gone(const Ctps__Reply *reply);
/* Why a delivery is not to be sent in view of the answer; NULL: it is, or there is no answer.
 */
const char *mail_objection(const char *topic, const Ctps__Reply *reply);

/* NULL when it is not set. Borrow. */
const char *mail_option(const struct mail *mail, const char *name);
/* Fills the server, the words and the rest; false with what is wrong in `why`. */
bool mail_options_read(struct mail *mail, char *why, size_t why_len);

struct words {
    struct template_values values;
    char start[TEMPLATE_DATE_LEN + TEMPLATE_TIME_LEN + 8];
    char date[TEMPLATE_DATE_LEN], time[TEMPLATE_TIME_LEN], end[TEMPLATE_TIME_LEN];
    char day[TEMPLATE_DATE_LEN];
};
/* Fills the placeholders of an answer; strings are borrowed from it. */
void mail_words(const struct mail *mail, const struct delivery *delivery, const char *topic,
                const Ctps__NotificationAnswer *answer, enum language language,
                struct words *ret_words);
enum language mail_language(const struct mail *mail, const Ctps__NotificationRecipient *to);
enum template_kind mail_template(const char *topic);

void mail_town_take(struct mail *mail, const Ctps__NotificationAnswer *answer);

struct sheet *sheet_new(struct mail *mail, struct delivery *delivery);
/* Ends the delivery and frees the sheet. */
void sheet_end(struct sheet *sheet, enum outcome outcome, const char *cause);
/* Hands the mail to the server. `to` and texts are borrowed until it returns. */
void sheet_post(struct sheet *sheet, const char *to, enum language language,
                const char *subject, const char *text, const char *calendar,
                const char *method);

/* digest.c */
void digest_send(struct sheet *sheet);
/* After a digest was sent: its items are too. */
void digest_settle(struct sheet *sheet);
/* Queues the digests that are due. */
void digest_look(struct mail *mail);

#endif
