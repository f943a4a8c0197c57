#include "mail.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "invite.h"
#include "mail_private.h"

enum { LOOK_MS = 1000, ID_LEN = 400, UID_LEN = 320 };

/* What is told of which event. */
static const struct {
    const char *topic;
    enum template_kind words;
    enum invite_method method;
    bool invites;
} topics[] = {
    {"meeting.scheduled", TEMPLATE_CONVOCATION, INVITE_REQUEST, true},
    {"meeting.invited", TEMPLATE_CONVOCATION, INVITE_REQUEST, true},
    {"meeting.rescheduled", TEMPLATE_MOVED, INVITE_REQUEST, true},
    {"meeting.cancelled", TEMPLATE_CALLED_OFF, INVITE_CANCEL, true},
    {"meeting.uninvited", TEMPLATE_CALLED_OFF, INVITE_CANCEL, true},
    {"meeting.minutes_distributed", TEMPLATE_MINUTES, INVITE_REQUEST, false},
    {"saisine.received", TEMPLATE_ACKNOWLEDGEMENT, INVITE_REQUEST, false},
    {"situation.closed", TEMPLATE_CLOSING, INVITE_REQUEST, false},
    {"decision.taken", TEMPLATE_DECISION, INVITE_REQUEST, false},
    {"information.shared", TEMPLATE_SHARED, INVITE_REQUEST, false},
    {"information.revoked", TEMPLATE_REVOKED, INVITE_REQUEST, false},
    {"information.rectified", TEMPLATE_RECTIFIED, INVITE_REQUEST, false},
    {"information.erased", TEMPLATE_ERASED, INVITE_REQUEST, false},
    {"break_glass.used", TEMPLATE_BREAK_GLASS, INVITE_REQUEST, false},
    {TOPIC_REMINDER, TEMPLATE_REMINDER, INVITE_REQUEST, false},
    {"notification.failed", TEMPLATE_FAILURE, INVITE_REQUEST, false},
};
enum { TOPICS = sizeof(topics) / sizeof(topics[0]) };

static size_t topic_find(const char *topic)
{
    size_t i = 0;

    while (i < TOPICS && strcmp(topics[i].topic, topic) != 0)
        i++;
    return i;
}

enum template_kind mail_template(const char *topic)
{
    size_t i = topic_find(topic);

    return i < TOPICS ? topics[i].words : TEMPLATE_COUNT;
}

/* --- keys --- */

bool mail_key_read(const char *key, char topic[NOTIFY_TOPIC_LEN], uint64_t *ret_number)
{
    const char *from = strchr(key, ':');
    const char *to = from ? strchr(from + 1, ':') : NULL;

    if (!to || to - from > NOTIFY_TOPIC_LEN)
        return false;
    snprintf(topic, NOTIFY_TOPIC_LEN, "%.*s", (int)(to - from - 1), from + 1);
    *ret_number = strtoull(to + 1, NULL, 10);
    return true;
}

void mail_recipient_write(const struct delivery *delivery, char out[RECIPIENT_LEN])
{
    if (delivery->agent)
        snprintf(out, RECIPIENT_LEN, "a%" PRIu64, delivery->agent);
    else
        snprintf(out, RECIPIENT_LEN, "c%" PRIu64, delivery->contact);
}

static bool is_to_same(const struct delivery *one, const struct delivery *other)
{
    return one->agent == other->agent && one->contact == other->contact;
}

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

/* What two deliveries to the same recipient have in common when the newer one says it all: the
 * convocation to a meeting, the reminder of a thing, the daily mail. */
static const char *group_of(const struct delivery *delivery)
{
    char topic[NOTIFY_TOPIC_LEN];
    uint64_t number;
    size_t i;

    if (starts_with(delivery->key, "digest:"))
        return "digest";
    if (!mail_key_read(delivery->key, topic, &number))
        return NULL;
    i = topic_find(topic);
    if (i < TOPICS && topics[i].invites)
        return "convocation";
    return strcmp(topic, TOPIC_REMINDER) == 0 ? "reminder" : NULL;
}

static bool is_same_group(void *arg, const struct delivery *one, const struct delivery *other)
{
    const char *group = group_of(one);

    (void)arg;
    return group && is_to_same(one, other) && one->object_kind == other->object_kind &&
           one->object == other->object && group_of(other) == group;
}

static bool is_passive(void *arg, const struct delivery *delivery)
{
    (void)arg;
    (void)delivery;
    return true;
}

/* --- what ctpsd says --- */

bool mail_prepare(struct mail *mail, const struct delivery *about, ask_answered *done,
                  void *arg)
{
    Ctps__Request request = CTPS__REQUEST__INIT;
    Ctps__NotificationPrepare prepare = CTPS__NOTIFICATION_PREPARE__INIT;
    char topic[NOTIFY_TOPIC_LEN] = "";
    uint64_t number;

    if (*about->key && !mail_key_read(about->key, topic, &number))
        return false;
    prepare.topic = *topic ? topic : NULL;
    prepare.has_kind = prepare.has_id = prepare.has_source = *topic != '\0';
    prepare.kind = (Ctps__ObjectKind)about->object_kind;
    prepare.id = about->object;
    prepare.source = about->source;
    prepare.has_agent = about->agent != 0;
    prepare.agent = about->agent;
    prepare.has_contact = about->contact != 0;
    prepare.contact = about->contact;
    request.command_case = CTPS__REQUEST__COMMAND_NOTIFICATION_PREPARE;
    request.notification_prepare = &prepare;
    return ask(&mail->notify->asker, &request, NULL, done, arg);
}

const Ctps__NotificationAnswer *mail_answer(const Ctps__Reply *reply,
                                            const Ctps__NotificationRecipient **ret_recipient)
{
    const Ctps__NotificationAnswer *answer;

    *ret_recipient = NULL;
    if (!ask_is_done(reply) || reply->answer_case != CTPS__REPLY__ANSWER_NOTIFICATION_ANSWER)
        return NULL;
    answer = reply->notification_answer;
    if (answer->n_recipients)
        *ret_recipient = answer->recipients[0];
    return answer;
}

/* Of no use once the meeting began. */
static bool is_before_meeting(const char *topic)
{
    return topics[topic_find(topic)].invites || strcmp(topic, TOPIC_REMINDER) == 0;
}

bool mail_is_gone(const Ctps__Reply *reply)
{
    return reply && reply->refusal && reply->refusal->name &&
           strcmp(reply->refusal->name, "absent") == 0;
}

const char *mail_objection(const char *topic, const Ctps__Reply *reply)
{
    const Ctps__NotificationRecipient *to;
    const Ctps__NotificationAnswer *answer = mail_answer(reply, &to);

    if (!answer)
        return mail_is_gone(reply) ? "absent" : NULL;
    if (!to)
        return "not_recipient";
    if (to->refusal && *to->refusal)
        return to->refusal;
    if (!to->email || !smtp_address_is_fit(to->email))
        return "bad_address";
    if (answer->over && is_before_meeting(topic))
        return "over";
    /* Called off since: the mail that says so is behind. */
    if (answer->cancelled && is_before_meeting(topic) &&
        topics[topic_find(topic)].method != INVITE_CANCEL)
        return "cancelled";
    return NULL;
}

enum language mail_language(const struct mail *mail, const Ctps__NotificationRecipient *to)
{
    enum language language = language_find(to->language);

    return language == LANGUAGE_COUNT ? mail->language : language;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

static void meeting_words(const Ctps__NotificationAnswer *answer, enum language language,
                          struct words *words)
{
    template_date(language, answer->day, words->date);
    template_time(language, answer->minute, words->time);
    template_time(language, answer->end_minute, words->end);
    snprintf(words->start, sizeof(words->start), "%s%s%s", words->date,
             language == LANGUAGE_FR ? " à " : " at ", words->time);
    words->values.of[PLACEHOLDER_DATE] = words->date;
    words->values.of[PLACEHOLDER_TIME] = words->time;
    words->values.of[PLACEHOLDER_END] = words->end;
    words->values.of[PLACEHOLDER_START] = words->start;
}

void mail_words(const struct mail *mail, const struct delivery *delivery, const char *topic,
                const Ctps__NotificationAnswer *answer, enum language language,
                struct words *words)
{
    const char *label = language == LANGUAGE_EN ? answer->instance_en : answer->instance_fr;
    const char **of = words->values.of;

    *words = (struct words){0};
    of[PLACEHOLDER_REFERENCE] = answer->reference;
    of[PLACEHOLDER_INSTANCE] = label && *label ? label : answer->instance;
    of[PLACEHOLDER_TERRITORY] = answer->territory;
    of[PLACEHOLDER_PLACE] = answer->place;
    of[PLACEHOLDER_TOWN] = answer->town;
    of[PLACEHOLDER_LINK] = mail->link;
    of[PLACEHOLDER_WHAT] = template_word(mail->templates, language, delivery->about);
    /* A reminder's own day: of what it reminds of there may be several. */
    if (answer->has_day || delivery->day) {
        template_date(language,
                      strcmp(topic, TOPIC_REMINDER) == 0 ? delivery->day : answer->day,
                      words->day);
        of[PLACEHOLDER_DAY] = words->day;
    }
    if (answer->has_start_us)
        meeting_words(answer, language, words);
}

/* --- one mail --- */

struct sheet *sheet_new(struct mail *mail, struct delivery *delivery)
{
    struct sheet *sheet = calloc(1, sizeof(*sheet));

    if (!sheet)
        return NULL;
    *sheet = (struct sheet){.next = mail->sheets, .mail = mail, .delivery = delivery};
    mail->sheets = sheet;
    return sheet;
}

static void sheet_free(struct sheet *sheet)
{
    for (struct sheet **at = &sheet->mail->sheets; *at; at = &(*at)->next)
        if (*at == sheet) {
            *at = sheet->next;
            break;
        }
    free(sheet->lines);
    free(sheet);
}

void sheet_end(struct sheet *sheet, enum outcome outcome, const char *cause)
{
    struct queue *queue = sheet->mail->notify->queue;
    struct delivery *delivery = sheet->delivery;

    if (outcome == OUTCOME_DOWN || outcome == OUTCOME_FAILED)
        notify_say(sheet->mail->notify, CTPS_LEVEL_WARNING, "%s: %s", delivery->key, cause);
    sheet_free(sheet);
    queue_end(queue, delivery, outcome, cause);
}

static void posted(void *arg, enum outcome outcome, const char *cause)
{
    struct sheet *sheet = arg;

    if (outcome == OUTCOME_SENT && sheet->lines)
        digest_settle(sheet);
    sheet_end(sheet, outcome, cause);
}

/* The same for each try of one delivery, and for no other: its effect's id is never given again
 * but after a backup was restored, and then it was queued at another moment. */
static void id_write(const struct sheet *sheet, char id[ID_LEN])
{
    snprintf(id, ID_LEN, "ctps.%" PRIu64 ".%" PRIi64 "@%s", sheet->delivery->id,
             sheet->delivery->queued_us, sheet->mail->server.domain);
}

void sheet_post(struct sheet *sheet, const char *to, enum language language,
                const char *subject, const char *text, const char *calendar, const char *method)
{
    struct mail *mail = sheet->mail;
    struct notify *notify = mail->notify;
    char id[ID_LEN];
    struct smtp_message message = {.id = id,
                                   .now_us = notify->api->now_us(notify->host),
                                   .to = to,
                                   .from_name = *mail->town ? mail->town : NULL,
                                   .language = language_code(language),
                                   .subject = subject,
                                   .text = text,
                                   .calendar = calendar,
                                   .method = method};

    id_write(sheet, id);
    if (!subject || !text ||
        !smtp_send(notify->transport, &mail->server, &message, posted, sheet))
        sheet_end(sheet, OUTCOME_HELD, "");
}

static char *invite_make(const struct sheet *sheet, const Ctps__NotificationAnswer *answer,
                         const Ctps__NotificationRecipient *to, enum invite_method method,
                         const char *subject, const char *text)
{
    const struct mail *mail = sheet->mail;
    char uid[UID_LEN];
    struct invite invite = {
        .method = method,
        .uid = uid,
        .sequence = answer->sequence,
        .zone = or_empty(answer->meeting_zone),
        .start_day = answer->day,
        .start_minute = answer->minute,
        .end_day = answer->end_day,
        .end_minute = answer->end_minute,
        .duration_min = answer->duration_min,
        .start_us = answer->start_us,
        .now_us = mail->notify->api->now_us(mail->notify->host),
        .summary = subject,
        .description = text,
        .place = or_empty(answer->place),
        .organizer = mail->server.reply_to ? mail->server.reply_to : mail->server.from,
        .organizer_name = or_empty(answer->town),
        .attendee = to->email,
        .attendee_name = or_empty(to->name),
    };

    snprintf(uid, sizeof(uid), "meeting-%" PRIu64 "@%s", answer->id, mail->server.domain);
    return invite_write(&invite);
}

static void sheet_write(struct sheet *sheet, const char *topic,
                        const Ctps__NotificationAnswer *answer,
                        const Ctps__NotificationRecipient *to)
{
    struct mail *mail = sheet->mail;
    size_t i = topic_find(topic);
    enum language language = mail_language(mail, to);
    struct words words;
    char *subject, *text, *calendar = NULL;

    mail_words(mail, sheet->delivery, topic, answer, language, &words);
    subject = template_render(mail->templates, language, topics[i].words, PART_SUBJECT,
                              &words.values);
    text =
        template_render(mail->templates, language, topics[i].words, PART_BODY, &words.values);
    if (topics[i].invites && subject && text)
        calendar = invite_make(sheet, answer, to, topics[i].method, subject, text);
    if (topics[i].invites && !calendar)
        sheet_end(sheet, OUTCOME_FAILED, "no_calendar");
    else
        sheet_post(sheet, to->email, language, subject, text, calendar,
                   invite_method_name(topics[i].method));
    free(subject);
    free(text);
    free(calendar);
}

static void prepared(void *arg, const Ctps__Reply *reply)
{
    struct sheet *sheet = arg;
    const Ctps__NotificationRecipient *to;
    const Ctps__NotificationAnswer *answer = mail_answer(reply, &to);
    char topic[NOTIFY_TOPIC_LEN];
    uint64_t number;
    const char *objection;

    if (!mail_key_read(sheet->delivery->key, topic, &number) || topic_find(topic) == TOPICS) {
        sheet_end(sheet, OUTCOME_SKIPPED, "unknown_topic");
        return;
    }
    objection = mail_objection(topic, reply);
    if (objection) {
        sheet_end(sheet, OUTCOME_SKIPPED, objection);
        return;
    }
    if (!answer) {
        sheet_end(sheet, OUTCOME_HELD, "");
        return;
    }
    mail_town_take(sheet->mail, answer);
    sheet_write(sheet, topic, answer, to);
}

static void send_mail(void *arg, struct delivery *delivery)
{
    struct mail *mail = arg;
    struct sheet *sheet = sheet_new(mail, delivery);

    if (!sheet)
        queue_end(mail->notify->queue, delivery, OUTCOME_HELD, "");
    else if (starts_with(delivery->key, "digest:"))
        digest_send(sheet);
    else if (!mail_prepare(mail, delivery, prepared, sheet))
        sheet_end(sheet, OUTCOME_HELD, "");
}

static void send_item(void *arg, struct delivery *delivery)
{
    struct mail *mail = arg;

    queue_end(mail->notify->queue, delivery, OUTCOME_HELD, "");
}

/* --- the town, and the hour of its digest --- */

void mail_town_take(struct mail *mail, const Ctps__NotificationAnswer *answer)
{
    snprintf(mail->town, sizeof(mail->town), "%s", or_empty(answer->town));
    snprintf(mail->zone, sizeof(mail->zone), "%s", or_empty(answer->zone));
}

static void town_answered(void *arg, const Ctps__Reply *reply)
{
    struct mail *mail = arg;
    const Ctps__NotificationRecipient *to;
    const Ctps__NotificationAnswer *answer = mail_answer(reply, &to);

    mail->asking = false;
    if (answer)
        mail_town_take(mail, answer);
}

static void look(void *arg)
{
    struct mail *mail = arg;
    struct delivery none = {0};

    mail->timer = mail->notify->api->timer_add(mail->notify->host, LOOK_MS, look, mail);
    if (*mail->zone)
        digest_look(mail);
    else if (!mail->asking)
        mail->asking = mail_prepare(mail, &none, town_answered, mail);
}

void mail_begin(struct mail *mail)
{
    look(mail);
}

/* --- the channel --- */

enum ctps_status mail_open(struct notify *notify, struct mail **ret_mail, char *why,
                           size_t why_len)
{
    struct mail *mail = calloc(1, sizeof(*mail));

    snprintf(why, why_len, "no memory");
    if (!mail)
        return CTPS_STATUS_NO_MEMORY;
    mail->notify = notify;
    if (!mail_option(mail, "server")) {
        free(mail);
        return CTPS_STATUS_OK;
    }
    if (!mail_options_read(mail, why, why_len)) {
        mail_close(&mail);
        return CTPS_STATUS_INVALID;
    }
    invite_prepare();
    *ret_mail = mail;
    return CTPS_STATUS_OK;
}

void mail_channels(struct mail *mail, const struct channel **channels, size_t *count)
{
    mail->mails = (struct channel){
        .code = "mail",
        .at_once = (unsigned)mail->notify->api->option_int(mail->notify->host, "mails_at_once"),
        .send = send_mail,
        .same_group = is_same_group,
        .arg = mail};
    mail->items = (struct channel){.code = "digest",
                                   .at_once = 1,
                                   .send = send_item,
                                   .same_group = is_same_group,
                                   .is_passive = is_passive,
                                   .arg = mail};
    channels[(*count)++] = &mail->mails;
    channels[(*count)++] = &mail->items;
}

void mail_close(struct mail **held)
{
    struct mail *mail = *held;

    if (!mail)
        return;
    mail->notify->api->timer_remove(mail->notify->host, &mail->timer);
    for (struct sheet *next, *sheet = mail->sheets; sheet; sheet = next) {
        next = sheet->next;
        free(sheet->lines);
        free(sheet);
    }
    templates_close(&mail->templates);
    memset(mail->password, 0, sizeof(mail->password));
    free(mail);
    *held = NULL;
}
