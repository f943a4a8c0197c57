/* To whom an event is to be told by mail: one delivery each, of their own or for the daily one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mail_private.h"

struct planning {
    struct mail *mail;
    struct plan *plan;
};

static void recipient_plan(struct planning *planning, const Ctps__NotificationRecipient *to)
{
    const struct happening *happening = &planning->plan->happening;
    bool daily = to->choice && strcmp(to->choice, "digest") == 0;
    struct delivery delivery = {.agent = to->agent, .contact = to->contact};
    char recipient[RECIPIENT_LEN];

    mail_recipient_write(&delivery, recipient);
    delivery.channel = daily ? &planning->mail->items : &planning->mail->mails;
    if ((size_t)snprintf(delivery.key, sizeof(delivery.key), "%s:%s:%" PRIu64 ":%s",
                         daily ? "item" : "mail", happening->topic, happening->number,
                         recipient) < sizeof(delivery.key))
        plan_add(planning->plan, &delivery);
    else
        plan_fail(planning->plan);
}

/* That a mail to an assistant failed is not told to assistants by mail: it might go on for
 * ever. It stands in their day. */
static bool is_about_one_of(const struct planning *planning,
                            const Ctps__NotificationAnswer *answer)
{
    const struct happening *happening = &planning->plan->happening;

    if (strcmp(happening->topic, "notification.failed") != 0)
        return false;
    for (size_t i = 0; i < answer->n_recipients; i++)
        if (answer->recipients[i]->agent && answer->recipients[i]->agent == happening->agent)
            return true;
    return false;
}

static void recipients_plan(struct planning *planning, const Ctps__NotificationAnswer *answer)
{
    if (is_about_one_of(planning, answer))
        return;
    for (size_t i = 0; i < answer->n_recipients; i++)
        recipient_plan(planning, answer->recipients[i]);
}

static void planned(void *arg, const Ctps__Reply *reply)
{
    struct planning *planning = arg;
    const Ctps__NotificationRecipient *first;
    const Ctps__NotificationAnswer *answer = mail_answer(reply, &first);

    if (answer) {
        recipients_plan(planning, answer);
        mail_town_take(planning->mail, answer);
    }
    plan_release(planning->plan, answer || mail_is_gone(reply));
    free(planning);
}

/* One that was missed, or withheld, is shown by ctps and not sent. */
static bool is_on_its_way(const struct happening *happening)
{
    return strcmp(happening->outcome, "on_time") == 0 ||
           strcmp(happening->outcome, "late") == 0;
}

void mail_plan(struct mail *mail, struct plan *plan)
{
    const struct happening *happening = &plan->happening;
    struct planning *planning;
    struct delivery about = {.source = happening->number,
                             .object_kind = happening->kind,
                             .object = happening->id,
                             .agent = happening->agent};

    bool reminds = strcmp(happening->topic, TOPIC_REMINDER) == 0;

    if (mail_template(happening->topic) == TEMPLATE_COUNT ||
        (reminds && !is_on_its_way(happening)))
        return;
    /* Only a reminder's notice names its recipient; others name who did it. */
    if (!reminds)
        about.agent = 0;
    else if (happening->other_kind == CTPS__OBJECT_KIND__OBJECT_CONTACT)
        about.contact = happening->other;
    snprintf(about.key, sizeof(about.key), "mail:%s:%" PRIu64 ":", happening->topic,
             happening->number);
    planning = calloc(1, sizeof(*planning));
    plan_hold(plan);
    if (planning)
        *planning = (struct planning){mail, plan};
    if (planning && mail_prepare(mail, &about, planned, planning))
        return;
    free(planning);
    plan_release(plan, false);
}
