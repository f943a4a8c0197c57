/* Rows X(message type, field of Event, case suffix, topic) for what the bus publishes under
 * that topic, X_INTERNAL(message type, field, case suffix) for what it never does (by default
 * an X row with an empty topic). Included several times on purpose: no guard. */
#ifndef X_INTERNAL
#define X_INTERNAL(Type, field, CASE) X(Type, field, CASE, "")
#endif
X_INTERNAL(StoreInitialised, store_initialised, STORE_INITIALISED)
X_INTERNAL(StoreRestored, store_restored, STORE_RESTORED)
X_INTERNAL(DayRun, day_run, DAY_RUN)
X_INTERNAL(AuditKeySet, audit_key_set, AUDIT_KEY_SET)
X_INTERNAL(DigestKeySet, digest_key_set, DIGEST_KEY_SET)
X(ClockAlarmRaised, clock_alarm_raised, CLOCK_ALARM_RAISED, "clock.alarm_raised")
X(ClockAlarmConfirmed, clock_alarm_confirmed, CLOCK_ALARM_CONFIRMED, "clock.alarm_confirmed")
X(Town, settings_changed, SETTINGS_CHANGED, "settings.changed")
X(ListValue, list_value_set, LIST_VALUE_SET, "list.value_set")
X(Territory, territory_set, TERRITORY_SET, "territory.set")
X(Agent, agent_set, AGENT_SET, "agent.set")
X(Partner, partner_set, PARTNER_SET, "partner.set")
X(Contact, contact_set, CONTACT_SET, "contact.set")
X(Key, key_registered, KEY_REGISTERED, "key.registered")
X(KeyRevoked, key_revoked, KEY_REVOKED, "key.revoked")
X(Delegation, delegation_granted, DELEGATION_GRANTED, "delegation.granted")
X(DelegationEnded, delegation_ended, DELEGATION_ENDED, "delegation.ended")
X(SaisineReceived, saisine_received, SAISINE_RECEIVED, "saisine.received")
X(SaisineAccepted, saisine_accepted, SAISINE_ACCEPTED, "saisine.accepted")
X(SaisineDeclined, saisine_declined, SAISINE_DECLINED, "saisine.declined")
X(SituationOpened, situation_opened, SITUATION_OPENED, "situation.opened")
X(SituationStatusChanged, situation_status_changed, SITUATION_STATUS_CHANGED,
  "situation.status_changed")
X(SituationEntryAdded, situation_entry_added, SITUATION_ENTRY_ADDED, "situation.entry_added")
X(SituationClosed, situation_closed, SITUATION_CLOSED, "situation.closed")
X(SituationReviewed, situation_reviewed, SITUATION_REVIEWED, "situation.reviewed")
X(DuplicateProposed, duplicate_proposed, DUPLICATE_PROPOSED, "duplicate.proposed")
X(ErasureAnnounced, erasure_announced, ERASURE_ANNOUNCED, "erasure.announced")
X(ErasureOrdered, erasure_ordered, ERASURE_ORDERED, "erasure.ordered")
X(ErasureDone, erasure_done, ERASURE_DONE, "erasure.done")
X(ImportBegun, import_begun, IMPORT_BEGUN, "import.begun")
X_INTERNAL(ImportRowTaken, import_row_taken, IMPORT_ROW_TAKEN)
X(ImportEnded, import_ended, IMPORT_ENDED, "import.ended")
X(ImportUndone, import_undone, IMPORT_UNDONE, "import.undone")
X_INTERNAL(CursorMoved, cursor_moved, CURSOR_MOVED)
X(DeadLetter, dead_letter_added, DEAD_LETTER_ADDED, "dead_letter.added")
X(DeadLetterSettled, dead_letter_settled, DEAD_LETTER_SETTLED, "dead_letter.settled")
X(Effect, reminder_due, REMINDER_DUE, "reminder.due")
X(Effect, notification_sent, NOTIFICATION_SENT, "notification.sent")
X(Effect, notification_failed, NOTIFICATION_FAILED, "notification.failed")
X(Effect, notification_skipped, NOTIFICATION_SKIPPED, "notification.skipped")
X_INTERNAL(Effect, notification_queued, NOTIFICATION_QUEUED)

/* feed */
X(FeedSwitched, feed_switched, FEED_SWITCHED, "partner.feed_switched")
X(WebhookMade, webhook_made, WEBHOOK_MADE, "webhook.made")
X(WebhookSwitched, webhook_switched, WEBHOOK_SWITCHED, "webhook.switched")
X(WebhookRotated, webhook_rotated, WEBHOOK_ROTATED, "webhook.rotated")
X(WebhookRevoked, webhook_revoked, WEBHOOK_REVOKED, "webhook.revoked")

/* saisine */
X(SituationErased, situation_erased, SITUATION_ERASED, "situation.erased")
X(ImportUndoBegun, import_undo_begun, IMPORT_UNDO_BEGUN, "import.undo_begun")
X(SituationUnmerged, situation_unmerged, SITUATION_UNMERGED, "situation.unmerged")
X(SaisineDetached, saisine_detached, SAISINE_DETACHED, "saisine.detached")
X(SaisineRedirected, saisine_redirected, SAISINE_REDIRECTED, "saisine.redirected")
X(DuplicateDecided, duplicate_decided, DUPLICATE_DECIDED, "duplicate.decided")
X(SituationMerged, situation_merged, SITUATION_MERGED, "situation.merged")

/* situation */
X(SituationUpdated, situation_updated, SITUATION_UPDATED, "situation.updated")
X(SituationAssigned, situation_assigned, SITUATION_ASSIGNED, "situation.assigned")
X(SituationInformed, situation_informed, SITUATION_INFORMED, "situation.informed")
X(SituationTransferred, situation_transferred, SITUATION_TRANSFERRED, "situation.transferred")
X(SituationReopened, situation_reopened, SITUATION_REOPENED, "situation.reopened")
X(SituationEntryCorrected, situation_entry_corrected, SITUATION_ENTRY_CORRECTED,
  "situation.entry_corrected")
X(SituationPersonAdded, situation_person_added, SITUATION_PERSON_ADDED,
  "situation.person_added")
X(SituationPersonCorrected, situation_person_corrected, SITUATION_PERSON_CORRECTED,
  "situation.person_corrected")
X(SituationEngaged, situation_engaged, SITUATION_ENGAGED, "situation.engaged")
X(SituationDisengaged, situation_disengaged, SITUATION_DISENGAGED, "situation.disengaged")
X(SituationLinked, situation_linked, SITUATION_LINKED, "situation.linked")
X(SituationUnlinked, situation_unlinked, SITUATION_UNLINKED, "situation.unlinked")

/* erasure and rights */
X(SituationRestricted, situation_restricted, SITUATION_RESTRICTED, "situation.restricted")
X(SituationRestrictionLifted, situation_restriction_lifted, SITUATION_RESTRICTION_LIFTED,
  "situation.restriction_lifted")
X(SituationRekeyed, situation_rekeyed, SITUATION_REKEYED, "situation.rekeyed")
X(RightsOpened, rights_opened, RIGHTS_OPENED, "rights.opened")
X(RightsExtended, rights_extended, RIGHTS_EXTENDED, "rights.extended")
X(RightsAnswered, rights_answered, RIGHTS_ANSWERED, "rights.answered")
X(ExportMade, export_made, EXPORT_MADE, "export.made")

/* meeting */
X(Instance, instance_set, INSTANCE_SET, "instance.set")
X(MeetingScheduled, meeting_scheduled, MEETING_SCHEDULED, "meeting.scheduled")
X(MeetingRescheduled, meeting_rescheduled, MEETING_RESCHEDULED, "meeting.rescheduled")
X(MeetingCancelled, meeting_cancelled, MEETING_CANCELLED, "meeting.cancelled")
X(MeetingHeld, meeting_held, MEETING_HELD, "meeting.held")
X(MeetingInvited, meeting_invited, MEETING_INVITED, "meeting.invited")
X(MeetingUninvited, meeting_uninvited, MEETING_UNINVITED, "meeting.uninvited")
X(AgendaItemAdded, agenda_item_added, AGENDA_ITEM_ADDED, "meeting.agenda_added")
X(AgendaItemRemoved, agenda_item_removed, AGENDA_ITEM_REMOVED, "meeting.agenda_removed")

/* decision */
X(DecisionTaken, decision_taken, DECISION_TAKEN, "decision.taken")
X(DecisionCompleted, decision_completed, DECISION_COMPLETED, "decision.completed")
X(MinutesDrafted, minutes_drafted, MINUTES_DRAFTED, "meeting.minutes_drafted")
X(MinutesValidated, minutes_validated, MINUTES_VALIDATED, "meeting.minutes_validated")
X(MinutesDistributed, minutes_distributed, MINUTES_DISTRIBUTED, "meeting.minutes_distributed")

/* share */
X(InformationShared, information_shared, INFORMATION_SHARED, "information.shared")
X(InformationRevoked, information_revoked, INFORMATION_REVOKED, "information.revoked")
X(InformationAcknowledged, information_acknowledged, INFORMATION_ACKNOWLEDGED,
  "information.acknowledged")
X(InformationRectified, information_rectified, INFORMATION_RECTIFIED, "information.rectified")
X(BreakGlassUsed, break_glass_used, BREAK_GLASS_USED, "break_glass.used")
X(InformationErased, information_erased, INFORMATION_ERASED, "information.erased")

/* people */
X(HabilitationGranted, habilitation_granted, HABILITATION_GRANTED, "habilitation.granted")
X(HabilitationWithdrawn, habilitation_withdrawn, HABILITATION_WITHDRAWN,
  "habilitation.withdrawn")
X(CharterSigned, charter_signed, CHARTER_SIGNED, "charter.signed")

#undef X_INTERNAL
