/*
 * action: everything a principal may ask for, by name. The names are what `ctps policy show`
 * prints, what a configuration grants to a plugin, and what the audit trail records.
 */
#ifndef CTPS_DOMAIN_ACTION_H
#define CTPS_DOMAIN_ACTION_H

#define ACTION_LIST(X)                                                                         \
    X(SAISINE_RECEIVE, "saisine.receive")                                                      \
    X(SAISINE_DECIDE, "saisine.decide") /* accept or decline */                                \
    X(SAISINE_LIST, "saisine.list")     /* facts */                                            \
    X(SAISINE_READ, "saisine.read")     /* nominative */                                       \
    X(SAISINE_COUNT, "saisine.count")   /* figures, masked below five elsewhere */             \
    X(DUPLICATE_DECIDE, "duplicate.decide")                                                    \
    X(SITUATION_EXISTENCE, "situation.existence")                                              \
    X(SITUATION_LIST, "situation.list") /* facts */                                            \
    X(SITUATION_READ, "situation.read") /* nominative */                                       \
    X(SITUATION_STATUS, "situation.status")                                                    \
    X(SITUATION_ENTRY, "situation.entry")                                                      \
    X(SITUATION_REVIEW, "situation.review")                                                    \
    X(SITUATION_CLOSE, "situation.close")                                                      \
    X(SITUATION_ERASE, "situation.erase")   /* order an erasure before its term */             \
    X(SITUATION_PERSON, "situation.person") /* add or correct a person */                      \
    X(SITUATION_ENGAGE, "situation.engage") /* who works on it */                              \
    X(SITUATION_UPDATE, "situation.update")                                                    \
    X(SITUATION_ASSIGN, "situation.assign") /* another lead */                                 \
    X(SITUATION_INFORM, "situation.inform")                                                    \
    X(SITUATION_TRANSFER, "situation.transfer")                                                \
    X(SITUATION_REOPEN, "situation.reopen")                                                    \
    X(SITUATION_CORRECT, "situation.correct") /* an entry */                                   \
    X(SITUATION_LINK, "situation.link")                                                        \
    X(NAME_SEARCH, "name.search")                                                              \
    X(DUPLICATE_LIST, "duplicate.list")                                                        \
    X(INSTANCE_SET, "instance.set") /* kinds of meeting */                                     \
    X(MEETING_SCHEDULE, "meeting.schedule")                                                    \
    X(MEETING_MANAGE, "meeting.manage") /* move, cancel, hold, invite, agenda */               \
    X(MEETING_LIST, "meeting.list")     /* facts, agenda by number */                          \
    X(MEETING_READ, "meeting.read")     /* nominative: titles, texts of the agenda */          \
    X(DECISION_TAKE, "decision.take")                                                          \
    X(DECISION_COMPLETE, "decision.complete")                                                  \
    X(DECISION_LIST, "decision.list") /* facts */                                              \
    X(DECISION_READ, "decision.read") /* nominative */                                         \
    X(MEETING_PROPOSE, "meeting.propose")                                                      \
    X(MEETING_PACK, "meeting.pack") /* each item judged again, for asker and attendee */       \
    X(MINUTES_WRITE, "minutes.write")                                                          \
    X(MINUTES_VALIDATE, "minutes.validate")                                                    \
    X(MINUTES_DISTRIBUTE, "minutes.distribute")                                                \
    X(MINUTES_READ, "minutes.read")     /* nominative */                                       \
    X(REFERENCE_READ, "reference.read") /* town, closed lists, territories */                  \
    X(REFERENCE_SET, "reference.set")   /* closed lists, territories, partners, contacts */    \
    X(DIRECTORY_READ, "directory.read") /* agents, partners, contacts */                       \
    X(AGENT_SET, "agent.set")           /* agents and habilitations */                         \
    X(TOWN_SET, "town.set")                                                                    \
    X(KEY_MANAGE, "key.manage")                                                                \
    X(KEY_LIST, "key.list")                                                                    \
    X(DELEGATION_MANAGE, "delegation.manage")                                                  \
    X(DELEGATION_LIST, "delegation.list")                                                      \
    X(REGISTER_READ, "register.read") /* habilitations, charters: all periods ever */          \
    X(SHARE_INSIDE, "share.inside")   /* record a share with agents only */                    \
    X(SHARE_OUTSIDE, "share.outside") /* record a share with partners' contacts too */         \
    X(SHARE_REVOKE, "share.revoke")                                                            \
    X(SHARE_ACKNOWLEDGE, "share.acknowledge")                                                  \
    X(SHARE_LIST, "share.list") /* ids, days, bases and purposes, never what was shared */     \
    X(GLASS_USE, "break_glass.use")                                                            \
    X(GLASS_LIST, "break_glass.list") /* who, when, which number */                            \
    X(GLASS_READ, "break_glass.read") /* nominative: the reason given */                       \
    X(AUDIT_READ, "audit.read")       /* who saw what, and why: ids */                         \
    X(AUDIT_HASHES, "audit.hashes")   /* what chains each entry */                             \
    X(TODAY_READ, "today.read")       /* one's own list, by what one may see */                \
    X(IMPORT_RUN, "import.run")       /* tracking tables, as history */                        \
    X(IMPORT_LIST, "import.list")                                                              \
    X(NOTIFICATION_PREPARE, "notification.prepare") /* whom to tell, and what */               \
    X(NOTIFICATION_RECEIVE, "notification.receive") /* to be told of what concerns one */      \
    X(EFFECT_RECORD, "effect.record")               /* what a plugin did */                    \
    X(EFFECT_LIST, "effect.list")                                                              \
    X(DEAD_LETTER_ADD, "dead_letter.add")                                                      \
    X(DEAD_LETTER_MANAGE, "dead_letter.manage")                                                \
    X(PLUGIN_LIST, "plugin.list")                                                              \
    X(PLUGIN_RELOAD, "plugin.reload")                                                          \
    X(EVENTS_READ, "events.read")                                                              \
    X(FEED_SET, "feed.set")       /* open or close a partner's feed */                         \
    X(FEED_LIST, "feed.list")     /* and webhooks */                                           \
    X(WEBHOOK_SET, "webhook.set") /* of the town's own systems; a partner's: feed.set */       \
    X(WEBHOOK_DELIVER, "webhook.deliver") /* what is sent, where to, signed with what */       \
    X(STATUS_READ, "status.read")                                                              \
    X(POLICY_EXPLAIN, "policy.explain")                                                        \
    X(BACKUP_MAKE, "backup.make")                                                              \
    X(CONFIG_RELOAD, "config.reload")                                                          \
    X(CLOCK_CONFIRM, "clock.confirm")                                                          \
    /* reminder */                                                                             \
    X(REMINDER_READ, "reminder.read") /* what runs out: ids, codes, days, recipients */        \
    /* erasure and rights */                                                                   \
    X(SITUATION_RESTRICT, "situation.restrict")   /* and lift */                               \
    X(SITUATION_REKEY, "situation.rekey")         /* destroy a part, keep the rest */          \
    X(ERASURE_CERTIFICATE, "erasure.certificate") /* facts of an erasure */                    \
    X(RIGHTS_OPEN, "rights.open")                                                              \
    X(RIGHTS_LIST, "rights.list")       /* states and deadlines */                             \
    X(RIGHTS_READ, "rights.read")       /* nominative: who asks */                             \
    X(RIGHTS_ANSWER, "rights.answer")   /* answer, refuse, extend */                           \
    X(RIGHTS_EXTRACT, "rights.extract") /* nominative */

enum action {
#define X(id, name) ACTION_##id,
    ACTION_LIST(X)
#undef X
        ACTION_COUNT
};

/* "situation.read"; never NULL for a valid action. */
const char *action_name(enum action action);
/* ACTION_COUNT when there is none of that name. */
enum action action_find(const char *name);

#endif
