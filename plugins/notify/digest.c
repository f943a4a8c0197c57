/* The daily mail: one to each who chose so, of what happened since the last one. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invite.h"
#include "mail_private.h"

enum { LINES_LEN_MAX = 64 * 1024, DAY_MINUTES = 24 * 60, US_PER_MIN = 60000000 };

static struct delivery *item_next(struct sheet *sheet)
{
    const struct waiting *waiting = queue_waiting(sheet->mail->notify->queue);
    struct delivery *at = waiting_oldest(waiting, WAITING_BY_RECIPIENT, sheet->delivery);

    for (; at && at->id < sheet->delivery->id; at = waiting_newer(at, WAITING_BY_RECIPIENT))
        if (at->id > sheet->item_after && at->channel == &sheet->mail->items)
            return at;
    return NULL;
}

/* --- writing one --- */

/* False when the mail is full: the rest goes into the next one. */
static bool line_add(struct sheet *sheet, const char *line)
{
    size_t len = sheet->lines ? strlen(sheet->lines) : 0;
    char *grown = len + strlen(line) < LINES_LEN_MAX
                      ? realloc(sheet->lines, len + strlen(line) + 4)
                      : NULL;

    if (!grown)
        return false;
    snprintf(grown + len, strlen(line) + 4, "- %s\n", line);
    sheet->lines = grown;
    sheet->line_count++;
    return true;
}

static bool item_write(struct sheet *sheet, const struct delivery *item, const char *topic,
                       const Ctps__NotificationAnswer *answer,
                       const Ctps__NotificationRecipient *to)
{
    struct mail *mail = sheet->mail;
    struct words words;
    char *line;
    bool added;

    sheet->language = mail_language(mail, to);
    snprintf(sheet->email, sizeof(sheet->email), "%s", to->email);
    mail_words(mail, item, topic, answer, sheet->language, &words);
    line = template_render(mail->templates, sheet->language, mail_template(topic), PART_LINE,
                           &words.values);
    added = line && line_add(sheet, line);
    free(line);
    return added;
}

static void digest_post(struct sheet *sheet)
{
    struct mail *mail = sheet->mail;
    struct words words = {0};
    char *subject, *text;
    int32_t day;
    uint32_t minute;

    if (!sheet->line_count) {
        sheet_end(sheet, OUTCOME_SKIPPED, "empty");
        return;
    }
    if (invite_wall_clock(mail->zone, mail->notify->api->now_us(mail->notify->host), &day,
                          &minute)) {
        template_date(sheet->language, day, words.date);
        words.values.of[PLACEHOLDER_DATE] = words.values.of[PLACEHOLDER_DAY] = words.date;
    }
    words.values.of[PLACEHOLDER_TOWN] = mail->town;
    words.values.of[PLACEHOLDER_LINK] = mail->link;
    words.values.of[PLACEHOLDER_ITEMS] = sheet->lines;
    subject = template_render(mail->templates, sheet->language, TEMPLATE_DIGEST, PART_SUBJECT,
                              &words.values);
    text = template_render(mail->templates, sheet->language, TEMPLATE_DIGEST, PART_BODY,
                           &words.values);
    sheet_post(sheet, sheet->email, sheet->language, subject, text, NULL, NULL);
    free(subject);
    free(text);
}

static void item_ask(struct sheet *sheet);

/* Each item's rights are asked for at this moment; who may not be told of it any more is not.
 */
static void item_prepared(void *arg, const Ctps__Reply *reply)
{
    struct sheet *sheet = arg;
    struct queue *queue = sheet->mail->notify->queue;
    const Ctps__NotificationRecipient *to;
    const Ctps__NotificationAnswer *answer = mail_answer(reply, &to);
    char topic[NOTIFY_TOPIC_LEN] = "";
    uint64_t number;
    struct delivery *item = item_next(sheet);
    const char *objection;

    /* It may have been superseded while the answer was on its way. */
    if (!item || item->id != sheet->item) {
        item_ask(sheet);
        return;
    }
    mail_key_read(item->key, topic, &number);
    objection =
        mail_template(topic) == TEMPLATE_COUNT ? "unknown_topic" : mail_objection(topic, reply);
    if (!objection && !answer) {
        sheet_end(sheet, OUTCOME_HELD, "");
        return;
    }
    if (objection) {
        queue_settle(queue, item, OUTCOME_SKIPPED, objection);
    } else if (!item_write(sheet, item, topic, answer, to)) {
        digest_post(sheet);
        return;
    }
    sheet->item_after = sheet->item;
    item_ask(sheet);
}

static void item_ask(struct sheet *sheet)
{
    struct delivery *item = item_next(sheet);

    sheet->item = item ? item->id : 0;
    if (!item)
        digest_post(sheet);
    else if (!mail_prepare(sheet->mail, item, item_prepared, sheet))
        sheet_end(sheet, OUTCOME_HELD, "");
}

void digest_send(struct sheet *sheet)
{
    item_ask(sheet);
}

/* Items first: ended in between, the mail is sent again under its id rather than not at all. */
void digest_settle(struct sheet *sheet)
{
    struct queue *queue = sheet->mail->notify->queue;
    uint64_t last = sheet->item_after;
    struct delivery *item;

    sheet->item_after = 0;
    while ((item = item_next(sheet)) && item->id <= last)
        queue_settle(queue, item, OUTCOME_SENT, "digest");
}

/* --- when --- */

static void added(void *arg, bool ok)
{
    struct mail *mail = arg;

    if (ok)
        return;
    mail->digest_looked = false;
    notify_say(mail->notify, CTPS_LEVEL_WARNING, "a daily mail could not be queued");
}

static bool is_due(const struct mail *mail, const struct delivery *at, int64_t stroke_us)
{
    return at->channel == &mail->items && at->queued_us <= stroke_us;
}

/* Whether it is the newest item that is due to its recipient, and no daily mail behind it will
 * take it along: one is queued for it and all before it. */
static bool is_digest_wanted(const struct mail *mail, const struct delivery *item,
                             int64_t stroke_us)
{
    for (struct delivery *at = waiting_newer(item, WAITING_BY_RECIPIENT); at;
         at = waiting_newer(at, WAITING_BY_RECIPIENT))
        if (is_due(mail, at, stroke_us) || strncmp(at->key, "digest:", 7) == 0)
            return false;
    return true;
}

static void digest_queue(struct mail *mail, const struct delivery *item, int32_t day)
{
    struct delivery digest = {
        .channel = &mail->mails, .agent = item->agent, .contact = item->contact, .day = day};
    char recipient[RECIPIENT_LEN];

    mail_recipient_write(item, recipient);
    snprintf(digest.key, sizeof(digest.key), "digest:%d:%s", day, recipient);
    queue_add(mail->notify->queue, &digest, added, mail);
}

/* What was queued before the last stroke of the hour goes into the mail of that day. Looked at
 * once a day and after a start: a digest of that day that is queued or was sent is not queued
 * again. */
void digest_look(struct mail *mail)
{
    int64_t now_us = mail->notify->api->now_us(mail->notify->host), stroke_us;
    int32_t day;
    uint32_t minute;

    if (!invite_wall_clock(mail->zone, now_us, &day, &minute))
        return;
    if (minute < mail->digest_minute) {
        day--;
        minute += DAY_MINUTES;
    }
    stroke_us =
        now_us - now_us % US_PER_MIN - (int64_t)(minute - mail->digest_minute) * US_PER_MIN;
    if (day == mail->digest_day && mail->digest_looked)
        return;
    mail->digest_day = day;
    mail->digest_looked = true;
    for (struct delivery *at = queue_first(mail->notify->queue); at;
         at = waiting_newer(at, WAITING_BY_AGE))
        if (is_due(mail, at, stroke_us) && is_digest_wanted(mail, at, stroke_us))
            digest_queue(mail, at, day);
}
