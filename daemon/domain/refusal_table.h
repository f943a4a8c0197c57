/* Rows X(id, name, rule, French, English). Included several times on purpose: no guard. */
X(MALFORMED, "malformed", "schemas/ctps/command.proto",
  "La requête est mal formée (%s). Rien n’a été fait. Corrigez l’appel et renvoyez-le.",
  "The request is malformed (%s). Nothing was done. Mend the call and send it again.")
X(TOO_LARGE, "too_large", "bus: request limits",
  "La requête dépasse la taille permise (%s). Rien n’a été fait. Envoyez-la en plusieurs fois.",
  "The request is larger than allowed (%s). Nothing was done. Send it in several parts.")
X(TOO_MANY, "too_many", "bus: request limits",
  "Trop de requêtes à la fois. Rien n’a été fait. Attendez quelques secondes et renvoyez.",
  "Too many requests at once. Nothing was done. Wait a few seconds and send again.")
X(KEY_UNKNOWN, "key_unknown", "architecture: life of a command",
  "Cette clé n’est pas ou plus reconnue. Demandez une nouvelle clé à l’administrateur "
  "technique.",
  "This key is not, or no longer, known. Ask the server’s operator for a new one.")
X(ID_REUSED, "id_reused", "architecture: idempotency",
  "Cet identifiant de requête a déjà servi pour un autre contenu. Prenez-en un nouveau.",
  "This request id was already used with another content. Take a new one.")
X(NOT_ALLOWED, "not_allowed", "policy table",
  "Votre fonction ne permet pas cette action (%s). Adressez-vous au responsable du service.",
  "Your function does not allow this action (%s). Ask the head of service.")
X(HABILITATION_MISSING, "habilitation_missing", "domain: agent, habilitation by the mayor",
  "Votre habilitation n’est pas en cours de validité. Demandez un arrêté au responsable du "
  "service.",
  "Your habilitation is not in force. Ask the head of service for a new act of the mayor.")
X(OTHER_TERRITORY, "other_territory", "policy table: existence only elsewhere",
  "Ceci est suivi dans un autre territoire (%s). Appelez sa coordination : « situation "
  "show » ou « search » la nomment, « agent list --territory » aussi.",
  "This is followed in another territory (%s). Call its coordinator: “situation show” and "
  "“search” name them, “agent list --territory” too.")
X(PURPOSE_MISSING, "purpose_missing", "policy table: head of service, purpose stated",
  "Cette lecture n’est permise qu’avec sa finalité. Indiquez-la (--purpose, liste « finalite "
  "»).",
  "This reading is allowed with its purpose only. State it (--purpose, list “finalite”).")
X(NOT_ENGAGED, "not_engaged", "policy table: educator_reads = engaged",
  "Dans ce territoire, l’éducateur ne lit que les situations où il est engagé. Voyez avec la "
  "coordination.",
  "In this territory an educator reads only the situations he is engaged on. See the "
  "coordinator.")
X(NOMINATIVE_NEVER, "nominative_never", "policy table",
  "Votre fonction n’ouvre jamais de données nominatives. Adressez-vous à la coordination du "
  "territoire.",
  "Your function never opens nominative data. Ask the territory’s coordinator.")
X(TYPED_LONG_AGO, "typed_long_ago", "policy table: assistant, 24 hours",
  "Une saisine que vous avez saisie n’est lisible par vous que pendant 24 heures. "
  "Adressez-vous à la coordination du territoire.",
  "A saisine you typed can be read by you for 24 hours only. Ask the territory’s "
  "coordinator.")
X(CHARTER_NOT_CURRENT, "charter_not_current", "CSI L132-5: charter of confidentiality",
  "La charte de confidentialité n’est pas signée dans sa version en vigueur. Faites-la signer "
  "d’abord.",
  "The charter of confidentiality is not signed in its current version. Have it signed first.")
X(CONTACT_INACTIVE, "contact_inactive", "policy table: partner contact",
  "Ce contact n’est plus actif. Adressez-vous à la coordination.",
  "This contact is no longer active. Ask the coordination.")
X(PLUGIN_UNKNOWN, "plugin_unknown", "configuration: plugins",
  "Aucun greffon ne porte ce nom. Il y a : %s. Corrigez le nom, ou ajoutez sa section, avec un "
  "fichier, à la configuration et rechargez-la.",
  "No plugin is called that. There are: %s. Mend the name, or add its section, with a file, to "
  "the configuration and reload it.")
X(CAPABILITY_MISSING, "capability_missing", "policy table: plugin",
  "La configuration n’accorde pas cette capacité à ce programme (%s). L’administrateur "
  "technique l’y ajoute (plugins.NOM.actions), puis recharge.",
  "The configuration does not grant this capability to this program (%s). The technical "
  "admin adds it (plugins.NAME.actions), then reloads.")
X(OPERATOR_NO_CONTENTS, "operator_no_contents", "policy table: local operator",
  "L’opérateur local n’accède jamais au contenu. Utilisez la clé d’un agent habilité.",
  "The local operator never has contents. Use the key of a habilitated agent.")
X(ERASED, "erased", "CNIL 2020, retention: erased means unrecoverable",
  "Ces données ont été effacées, ou leur effacement est ordonné : plus personne ne les "
  "lit. Le certificat dit quand et pourquoi (ctps situation certificate).",
  "These data were erased, or their erasure is ordered: nobody reads them any more. The "
  "certificate says when and why (ctps situation certificate).")
X(ABSENT, "absent", "–", "Introuvable : %s. Vérifiez le numéro.",
  "Not found: %s. Check the number.")
X(FIELD_MISSING, "field_missing", "domain: required fields",
  "Champ obligatoire manquant : %s. Renseignez-le et recommencez.",
  "Required field missing: %s. Fill it in and try again.")
X(FIELD_TOO_LONG, "field_too_long", "domain: short texts",
  "Texte trop long : %s. Raccourcissez-le.", "Text too long: %s. Shorten it.")
X(FIELD_RANGE, "field_range", "domain: values",
  "Valeur non admise : %s. L’aide de la commande dit ce qu’elle peut être.",
  "Value not allowed: %s. The command’s help says what it may be.")
X(LIST_VALUE_UNKNOWN, "list_value_unknown", "CNIL 2020: closed lists",
  "Valeur hors liste : %s. Prenez une valeur de la liste (ctps list values).",
  "Not a value of the list: %s. Take one of the list (ctps list values).")
X(LIST_VALUE_RETIRED, "list_value_retired", "domain: closed lists",
  "Valeur retirée de la liste : %s. Prenez une valeur en vigueur (ctps list values).",
  "Value retired from the list: %s. Take one in force (ctps list values).")
X(TERRITORY_UNKNOWN, "territory_unknown", "domain: territories",
  "Territoire inconnu : %s. Prenez un code de la ville (ctps territory list).",
  "Unknown territory: %s. Take a code of the town (ctps territory list).")
X(DISTRICT_UNKNOWN, "district_unknown", "domain: each district in one territory",
  "Quartier inconnu dans ce territoire : %s. Voyez lesquels il a (ctps territory list).",
  "Unknown district in this territory: %s. See which it has (ctps territory list).")
X(DISTRICT_TAKEN, "district_taken", "domain: each district in exactly one territory",
  "Ce quartier appartient déjà à un autre territoire : %s. Retirez-le d’abord de celui-là "
  "(ctps territory set).",
  "This district already belongs to another territory: %s. Take it out of that one first "
  "(ctps territory set).")
X(AGENT_UNKNOWN, "agent_unknown", "domain: agents",
  "Agent inconnu : %s. Vérifiez le courriel ou le numéro (ctps agent list).",
  "Unknown agent: %s. Check the e-mail or the number (ctps agent list).")
X(PARTNER_UNKNOWN, "partner_unknown", "domain: partners",
  "Partenaire inconnu : %s. Vérifiez le nom ou le numéro (ctps partner list).",
  "Unknown partner: %s. Check the name or the number (ctps partner list).")
X(DATE_ORDER, "date_order", "domain: dates",
  "Dates dans le mauvais ordre : %s. Une fin vient après son début, une échéance après le "
  "jour dont elle part : corrigez cette date.",
  "Dates in the wrong order: %s. An end comes after its beginning, a term after the day it "
  "counts from: mend this date.")
X(DATE_FUTURE, "date_future", "domain: dates",
  "Date dans le futur : %s. Ce qui est inscrit a déjà eu lieu : donnez aujourd’hui ou un "
  "jour passé.",
  "Date in the future: %s. What is written down has taken place: give today or a day gone "
  "by.")
X(STATE_WRONG, "state_wrong", "domain: states",
  "L’état actuel ne permet pas cette action (%s). Regardez où cela en est (« show » ou « "
  "list ») : une situation close se rouvre (situation reopen), une ouverte se clôt "
  "(situation close), ce qui est terminé ne change plus.",
  "The present state does not allow this (%s). See where it stands (“show” or “list”): a "
  "closed situation is reopened (situation reopen), an open one is closed (situation "
  "close), what is over no longer changes.")
X(MINOR_REPRESENTATIVES, "minor_representatives", "CSI L132-7",
  "Rappel à l’ordre d’un mineur : les représentants légaux y sont, ou l’on dit pourquoi "
  "c’est impossible. Indiquez-le (--representatives-present, --representatives-absent-why).",
  "Formal reminder to a minor: the legal representatives are present, or one says why that "
  "is impossible. State it (--representatives-present, --representatives-absent-why).")
X(TRANSMISSION_INCOMPLETE, "transmission_incomplete", "CASF L226-2-1",
  "Transmission au président du département : date, heure et information du maire sont "
  "obligatoires. Indiquez-les (--transmitted, --mayor-informed).",
  "Transmission to the president of the département: date, time and whether the mayor was "
  "told are mandatory. State them (--transmitted, --mayor-informed).")
X(NUMBER_TAKEN, "number_taken", "import: a number used twice",
  "Ce numéro de fiche est déjà pris dans ce fichier : %s. Donnez-en un autre à cette ligne.",
  "This sheet number is already used in this file: %s. Give this row another.")
X(IMPORT_CHANGED, "import_changed", "import: a changed row is left to a human",
  "La ligne %s a changé depuis son import. Rien n’a été modifié : à reprendre à la main.",
  "Row %s has changed since it was imported. Nothing was altered: take it up by hand.")
X(IMPORT_TOUCHED, "import_touched", "import undo: only while nothing else touched it",
  "Cet import ne peut plus être annulé : %s a été modifié depuis. Corrigez ou clôturez à "
  "la main ce qui doit l’être.",
  "This import can no longer be undone: %s was changed since. Correct or close by hand "
  "what has to be.")
X(EXISTS, "exists", "–", "Existe déjà : %s. Reprenez ce qui existe, ou prenez un autre nom.",
  "Already exists: %s. Use what exists, or take another name.")
X(INCARNATION_WRONG, "incarnation_wrong", "architecture: incarnation",
  "Le journal a été restauré depuis. Reprenez la lecture depuis le début.",
  "The journal was restored since. Read again from the start.")
X(CLOCK_ALARM, "clock_alarm", "architecture: time, clock alarm",
  "L’horloge a fait un bond. Aucune action irréversible tant qu’un opérateur n’a pas confirmé "
  "(ctps clock confirm).",
  "The clock jumped. Nothing irreversible until an operator confirms (ctps clock confirm).")

X(ZONE_CONFIGURED, "zone_configured", "architecture: time",
  "Le fuseau horaire (%s) est celui de la configuration (town.zone) : les jours y sont "
  "comptés. "
  "Changez-le là, redémarrez, puis inscrivez-le ici.",
  "The time zone (%s) is the configuration’s (town.zone): days are counted in it. Change it "
  "there, "
  "restart, then write it here.")
X(GOOD_FRIDAY_ELSEWHERE, "good_friday_elsewhere", "Code du travail L3134-13",
  "Le Vendredi saint n’est férié qu’en Alsace-Moselle (%s). Prenez --holidays alsace-moselle, "
  "ou "
  "--good-friday no.",
  "Good Friday is a public holiday in Alsace-Moselle only (%s). Take --holidays "
  "alsace-moselle, or "
  "--good-friday no.")
X(LEAD_NOT_THERE, "lead_not_there", "domain: situation, lead agent; policy: territories",
  "Le référent d’une situation est coordinateur ou éducateur de son territoire (%s). "
  "Choisissez-en un "
  "(ctps agent list --territory).",
  "The lead of a situation is a coordinator or educator of its territory (%s). Choose one "
  "(ctps agent "
  "list --territory).")

/* saisine */
X(SAME_SITUATION, "same_situation", "domain: saisine, duplicates",
  "Ces deux saisines sont déjà suivies dans la même situation (%s). Il n’y a rien à "
  "rapprocher.",
  "Both saisines are followed in the same situation already (%s). There is nothing to join.")
X(MERGE_TERRITORIES, "merge_territories", "domain: saisine, duplicates; policy: territories",
  "On ne fusionne pas des situations de deux territoires (%s). Liez-les, ou transférez l’une "
  "d’abord.",
  "Situations of two territories are not merged (%s). Link them, or transfer one first.")
X(MERGE_UNDECIDED, "merge_undecided", "domain: saisine, duplicates",
  "Aucune des deux saisines n’a de situation (%s). Acceptez-en une, puis fusionnez.",
  "Neither saisine has a situation (%s). Accept one of them, then merge.")
X(DUPLICATE_SETTLED, "duplicate_settled", "domain: saisine, decisions on duplicates are kept",
  "Cette paire est déjà décidée ainsi, ou ne peut plus revenir en arrière (%s). Une fusion "
  "se défait par situation unmerge.",
  "This pair is decided so already, or cannot go back any more (%s). A merge is undone by "
  "situation unmerge.")
X(MERGED, "merged", "domain: saisine, duplicates; docs/sealing.md: merged situations",
  "Cette situation a été fusionnée dans une autre (%s). Agissez sur la situation qui demeure.",
  "This situation was merged into another (%s). Act on the one that remains.")

X(NOT_MERGED, "not_merged", "domain: saisine, duplicates; docs/adr/0018",
  "La situation %s n’a pas été fusionnée dans une autre : il n’y a rien à défaire.",
  "Situation %s was not merged into another: there is nothing to undo.")
X(MERGE_NOT_LAST, "merge_not_last", "domain: saisine, duplicates; docs/adr/0018",
  "Elle avait d’abord été fusionnée dans %s, fusionnée depuis à son tour : défaites d’abord "
  "cette fusion-là.",
  "It was first merged into %s, which was merged in its turn: undo that merge first.")
X(DETACH_FIRST, "detach_first", "domain: saisine, accepted",
  "C’est la saisine qui a ouvert la situation %s : elle ne s’en détache pas. Clôturez la "
  "situation, ou corrigez-la.",
  "This saisine opened situation %s: it is not detached from it. Close the situation, or "
  "correct "
  "it.")
X(DETACH_MERGED, "detach_merged", "domain: saisine, duplicates; docs/adr/0018",
  "Cette saisine est venue avec la situation %s, fusionnée ici : défaites la fusion "
  "(situation unmerge).",
  "This saisine came with situation %s, merged here: undo the merge (situation unmerge).")

/* situation */
X(BLOCKED_INCOMPLETE, "blocked_incomplete", "domain: blocked by what, and by which partner",
  "Une situation bloquée dit ce qui bloque et le partenaire attendu : il manque %s. "
  "Indiquez-le.",
  "A blocked situation says what blocks and which partner is waited for: %s is missing. "
  "State it.")
X(ART40_RECIPIENT, "art40_recipient", "CPP art. 40",
  "Signalement au titre de l’article 40 : indiquez le parquet destinataire (partenaire de type "
  "« justice »).",
  "Report under article 40: name the prosecutor’s office it went to (a partner of kind "
  "justice).")
X(NOT_AUTHOR, "not_author", "domain: situation, a mistaken entry",
  "Seul l’auteur de la démarche ou la coordination peut la corriger (%s). Adressez-vous à "
  "l’un d’eux.",
  "Only the author of the entry or the coordinator may correct it (%s). Ask one of them.")

/* erasure and rights */
X(RETENTION_UNJUSTIFIED, "retention_unjustified", "CNIL 7 janvier 2020: conservation",
  "Conserver plus de trois mois après la clôture demande une justification enregistrée (%s). "
  "Indiquez-la (ctps town set --retention-justification), ou choisissez trois mois au plus.",
  "Keeping more than three months after closing needs a recorded justification (%s). State it "
  "(ctps town set --retention-justification), or choose three months at most.")
X(RETENTION_TOO_LONG, "retention_too_long", "domain: retention, three years after closing",
  "La conservation ne dépasse pas trois ans après la clôture (%s). Indiquez 36 mois au plus.",
  "Nothing is kept longer than three years after closing (%s). State 36 months at most.")
X(RIGHTS_EXTENDED, "rights_extended", "RGPD art. 12.3: two months more, once",
  "Le délai de cette demande a déjà été prolongé (%s). Répondez avant l’échéance.",
  "The term of this request was already extended (%s). Answer before it is over.")
X(RIGHTS_LATE, "rights_late", "RGPD art. 12.3: extended within the first month",
  "L’échéance de cette demande est passée (%s) : elle ne peut plus être prolongée. Répondez "
  "sans attendre.",
  "The term of this request is over (%s): it can no longer be extended. Answer at once.")
X(RIGHTS_NOT_ASKED, "rights_not_asked", "RGPD art. 15; domain: rights requests",
  "Cette demande ne porte pas sur cette situation (%s). Ouvrez-en une autre, ou vérifiez le "
  "numéro.",
  "This request is not about this situation (%s). Open another one, or check the number.")
X(RESTRICTED, "restricted", "RGPD art. 18; domain: situation, restriction",
  "Cette situation est sous limitation (%s) : elle n’est ni utilisée ni effacée. Seule la "
  "coordination ou le responsable la lit, pour une demande de la personne (--purpose droits). "
  "Levez d’abord la limitation (ctps situation lift).",
  "This situation is restricted (%s): neither used nor erased. Only the coordinator or the "
  "head "
  "reads it, for a request of the person (--purpose droits). Lift the restriction first (ctps "
  "situation lift).")

/* meeting */
X(CONTACT_UNKNOWN, "contact_unknown", "domain: contacts",
  "Contact inconnu : %s. Vérifiez le courriel ou le numéro (ctps contact list).",
  "Unknown contact: %s. Check the e-mail or the number (ctps contact list).")
X(INSTANCE_UNKNOWN, "instance_unknown", "domain: kinds of meeting",
  "Cette instance n’a pas de règles : %s. Donnez-les d’abord (ctps instance set).",
  "This kind of meeting has no rules: %s. Set them first (ctps instance set).")
X(INSTANCE_UNLAWFUL, "instance_unlawful", "CSI L132-5, CASF L121-6-2",
  "La loi ne permet pas ces règles pour une instance (%s) : charte pour toute instance "
  "nominative, pas de situation individuelle en formation plénière ou restreinte, synthèse "
  "entre professionnels engagés.",
  "The law does not allow these rules for a kind of meeting (%s): a charter wherever names are "
  "said, no individual situation in a plenary or restricted formation, case conferences among "
  "engaged professionals.")
X(INSTANCE_DEADLINE, "instance_deadline", "domain: synthèse within 10 working days",
  "Cette instance se tient dans le délai prévu en jours ouvrés (%s). Prenez une date plus "
  "proche.",
  "This kind of meeting is held within its working days (%s). Take an earlier date.")
X(INSTANCE_MONTH_SKIPPED, "instance_month_skipped", "domain: rhythm of the instance",
  "Cette instance ne se réunit pas ce mois-là (%s). Prenez un autre mois.",
  "This kind of meeting does not sit in that month (%s). Take another month.")
X(ZONE_UNKNOWN, "zone_unknown", "architecture: time",
  "Fuseau horaire différent de celui de la ville : %s. Donnez l’heure de la ville.",
  "Not the town’s time zone: %s. Give the town’s local time.")
X(RECURRENCE_WRONG, "recurrence_wrong", "architecture: time, closed recurrences",
  "Récurrence impossible : %s. Donnez un nombre de semaines ou de mois, et une fin (date ou "
  "nombre).",
  "Impossible recurrence: %s. Give a number of weeks or of months, and an end (day or count).")
X(SERIES_TOO_LONG, "series_too_long", "limits: 60 meetings at once",
  "Plus de 60 réunions d’un coup : %s. Raccourcissez la série et reprenez-la ensuite.",
  "More than 60 meetings at once: %s. Shorten the series and go on later.")
X(ATTENDANCE_INCOMPLETE, "attendance_incomplete", "domain: attendance",
  "Chaque personne invitée doit être présente, excusée ou absente (%s). Complétez la liste.",
  "Each one invited is present, excused or absent (%s). Complete the list.")
X(NOT_ON_LIST, "not_on_list", "domain: invitees",
  "Cette personne n’est pas invitée (%s). Seules les personnes présentes s’ajoutent.",
  "This person is not invited (%s). Only people present are added.")
X(AGENT_NOT_HABILITATED, "agent_not_habilitated", "domain: agent, habilitation by the mayor",
  "L’habilitation de cet agent n’est pas en cours de validité : %s. Faites-la renouveler "
  "d’abord.",
  "This agent’s habilitation is not in force: %s. Have it renewed first.")
X(AGENT_NEVER_NOMINATIVE, "agent_never_nominative", "policy table: nominative never",
  "La fonction de cet agent n’ouvre jamais de données nominatives : %s. Ne l’invitez pas à "
  "cette instance.",
  "This agent’s function never has nominative data: %s. Do not invite to this kind of meeting.")
X(AGENT_OTHER_TERRITORY, "agent_other_territory", "policy table: existence only elsewhere",
  "Cet agent n’est pas de ce territoire : %s. Demandez une délégation au responsable du "
  "service.",
  "This agent is not of this territory: %s. Ask the head of service for a delegation.")
X(PARTNER_AGENTS_ONLY, "partner_agents_only", "domain: concertation, agents only",
  "Aucun partenaire dans cette instance, réservée aux agents : %s. Prenez un autre type de "
  "réunion.",
  "No partner in this kind of meeting, which is of agents only: %s. Take another kind.")
X(PARTNER_NOT_INSTITUTIONAL, "partner_not_institutional", "domain: Groupe Institutionnel",
  "Ce contact n’est pas d’un partenaire institutionnel : %s. Ne l’invitez pas à cette "
  "instance.",
  "This contact is not of an institutional partner: %s. Do not invite to this kind of meeting.")
X(PARTNER_OTHER_TERRITORY, "partner_other_territory",
  "CSI L132-5; domain: partners of the territory",
  "Ce partenaire n’intervient pas dans ce territoire : %s. Corrigez ses territoires ou ne "
  "l’invitez pas.",
  "This partner does not work in this territory: %s. Mend its territories or do not invite.")
X(NOT_ENGAGED_ON_SITUATION, "not_engaged_on_situation", "CASF L121-6-2",
  "Cette personne n’est pas engagée sur la situation : %s. Seuls les professionnels de la même "
  "personne se réunissent en synthèse.",
  "Not engaged on the situation: %s. Only professionals of the same person meet in a case "
  "conference.")
X(SUPERVISOR_ONE, "supervisor_one", "domain: analyse des pratiques, agents and supervisor",
  "Une seule personne extérieure, l’intervenant : %s est de trop. Retirez l’une des deux.",
  "One person from outside, the supervisor: %s is one too many. Take one of the two off.")
X(SITUATION_STRATEGIC, "situation_strategic", "CSI L132-5",
  "Une situation individuelle ne va jamais en formation plénière ou restreinte (%s). Prenez un "
  "groupe de suivi.",
  "An individual situation never goes to a plenary or restricted formation (%s). Take a "
  "follow-up group.")
X(SITUATION_BY_NUMBER, "situation_by_number", "domain: by number only",
  "Dans cette instance, cette situation n’est évoquée que par son numéro (%s). Retirez la "
  "mention nominative.",
  "In this kind of meeting this situation is spoken of by number only (%s). Do not ask for "
  "names.")
X(SITUATION_NOT_BLOCKED, "situation_not_blocked",
  "domain: Groupe Institutionnel, blocked situations",
  "Seules les situations bloquées viennent dans cette instance (%s). Dites d’abord ce qui "
  "la bloque (situation status), ou prenez un autre groupe.",
  "Only blocked situations come to this kind of meeting (%s). Say first what blocks it "
  "(situation status), or take another group.")
X(SITUATION_NOT_THE_ONE, "situation_not_the_one", "CASF L121-6-2",
  "Une réunion de synthèse porte sur une seule situation (%s). Convoquez-en une autre.",
  "A case conference is about one situation (%s). Convene another one.")
X(SITUATION_NOT_HERE, "situation_not_here", "domain: what an instance may carry",
  "Cette instance ne porte pas de situation (%s). Prenez un autre type de réunion.",
  "This kind of meeting carries no situation (%s). Take another kind.")
X(SITUATION_OTHER_TERRITORY, "situation_other_territory", "domain: groups of a territory",
  "Cette situation est suivie dans un autre territoire (%s). Prenez le groupe de son "
  "territoire.",
  "This situation is followed in another territory (%s). Take its territory’s group.")
X(SITUATION_OUT_OF_SCOPE, "situation_out_of_scope",
  "domain: concertation, scope of the attendees",
  "Une personne présente n’a pas accès à cette situation (%s). Évoquez-la par son numéro.",
  "One of those attending has no access to this situation (%s). Speak of it by number.")
X(TEXT_NOT_HERE, "text_not_here", "domain: analyse des pratiques, theme only",
  "Cette instance ne porte qu’un thème (%s). Prenez un thème de la liste.",
  "This kind of meeting carries a theme only (%s). Take a theme of the list.")
X(NOT_INVITED, "not_invited", "policy table: meetings one is invited to",
  "Vous n’êtes pas invité à cette réunion. Adressez-vous à la coordination du territoire.",
  "You are not invited to this meeting. Ask the territory’s coordination.")

/* decision */
X(NOT_CHARGED, "not_charged", "policy table: who is charged with it",
  "Réservé à la personne chargée de cette décision, ou qui présidait cette réunion. "
  "Adressez-vous à la coordination du territoire.",
  "Only for who is charged with this decision, or chaired this meeting. Ask the territory’s "
  "coordinator.")
X(MEETING_NOT_YET, "meeting_not_yet", "domain: minutes and decisions of a meeting held",
  "Cette réunion n’a pas encore eu lieu, ou elle est annulée (%s). Attendez qu’elle se tienne.",
  "This meeting has not taken place yet, or was cancelled (%s). Wait until it is held.")
X(NOT_PROPOSED, "not_proposed", "domain: agenda proposed from what is due",
  "Un des points choisis n’est pas ou plus proposé pour cette réunion (%s). Relisez la "
  "proposition.",
  "One of the items chosen is not, or no longer, proposed for this meeting (%s). Read the "
  "proposal again.")
X(MINUTES_VALIDATED, "minutes_validated", "domain: minutes, draft then validated",
  "Ce compte rendu est validé : il ne change plus (%s). Faites une correction, qui en sera une "
  "nouvelle version.",
  "These minutes are validated and no longer change (%s). Make a correction: a new version.")
X(MINUTES_NOT_VALIDATED, "minutes_not_validated", "domain: minutes, validated then distributed",
  "Ce compte rendu n’est pas validé (%s). Faites-le valider d’abord.",
  "These minutes are not validated (%s). Have them validated first.")
X(MINUTES_NOT_DISTRIBUTED, "minutes_not_distributed", "domain: minutes, to those they went to",
  "Ce compte rendu ne vous a pas été diffusé (%s). Adressez-vous à la coordination du "
  "territoire.",
  "These minutes were not distributed to you (%s). Ask the territory’s coordinator.")
X(NOT_ATTENDEE, "not_attendee", "domain: minutes and packs, attendees of the meeting",
  "Cette personne n’est pas de cette réunion (%s). Invitez-la d’abord.",
  "This person does not attend this meeting (%s). Invite him first.")
X(MINUTES_BY_NUMBER, "minutes_by_number", "domain: what an instance may carry",
  "Dans cette instance, ce point n’est évoqué que par son numéro (%s). N’écrivez rien d’autre.",
  "In this kind of meeting this item is spoken of by number only (%s). Write nothing else.")
X(MINUTES_THEME_ONLY, "minutes_theme_only", "domain: analyse des pratiques, theme only",
  "Cette instance ne garde que le thème et les présences (%s). N’écrivez pas de texte.",
  "This kind of meeting keeps theme and attendance only (%s). Write no text.")
X(DECISION_WHO, "decision_who", "domain: decision, who does it",
  "Une décision est confiée à une seule personne : un agent ou un contact (%s). Indiquez l’un "
  "des deux.",
  "A decision is given to one person: an agent or a contact (%s). Name one of the two.")
X(DECISION_AGENT, "decision_agent", "domain: agent, habilitation by the mayor",
  "Cet agent ne peut pas être chargé d’une décision : habilitation absente ou fonction sans "
  "suivi (%s). Choisissez un autre responsable.",
  "This agent cannot be given a decision: not habilitated today, or a function that follows "
  "nothing (%s). Choose somebody else.")
X(DECISION_RESULT, "decision_result", "domain: decision, done or not done",
  "Une décision est réalisée, impossible ou non faite (%s). Prenez l’un de ces trois "
  "résultats.",
  "A decision is done, impossible or not carried out (%s). Take one of these three results.")

/* feed */
X(FEED_NOWHERE, "feed_nowhere", "architecture: one socket for each partner’s feed",
  "La configuration n’ouvre aucune adresse aux flux des partenaires (%s). Demandez à "
  "l’administrateur technique de l’y inscrire, puis de redémarrer le service.",
  "The configuration opens no address for partners’ feeds (%s). Ask the technical admin to put "
  "one there, then to restart the service.")

X(WEBHOOK_URL, "webhook_url", "Standard Webhooks: https only",
  "Cette adresse ne convient pas (%s). Donnez une adresse https:// sans nom d’utilisateur ni "
  "fragment ; http:// n’est admis que vers cette machine (127.0.0.1, [::1], localhost).",
  "This address will not do (%s). Give an https:// address without user name or fragment; "
  "http:// is taken for this machine only (127.0.0.1, [::1], localhost).")
X(WEBHOOK_REVOKED, "webhook_revoked", "confidentiality: a revoked address stays revoked",
  "Ce webhook est révoqué (%s) : sa clé est détruite. Faites-en un nouveau.",
  "This webhook is revoked (%s): its key is destroyed. Make a new one.")

/* share */
X(NOT_SHARED, "not_shared", "CSI L132-5, CASF L121-6-2: nothing without a share",
  "Aucun partage en cours ne vous ouvre cette situation (%s). Demandez-le à la coordination du "
  "territoire.",
  "No share opens this situation to you (%s). Ask the territory’s coordinator for one.")
X(SHARE_EXPIRED, "share_expired", "domain: a share ends on its last day",
  "Le partage de cette situation avec vous est arrivé à son terme (%s). Demandez à la "
  "coordination s’il doit être renouvelé.",
  "What was shared of this situation with you has expired (%s). Ask the coordinator whether it "
  "should be renewed.")
X(SHARE_REVOKED, "share_revoked", "domain: a share may be revoked",
  "Le partage de cette situation avec vous a été révoqué (%s). Adressez-vous à la "
  "coordination.",
  "What was shared of this situation with you was revoked (%s). Ask the coordinator.")
X(SHARE_TOO_LONG, "share_too_long", "CASF L121-6-2, GDPR 5: strictly necessary",
  "Le partage irait au-delà de la durée permise (%s). Choisissez un terme plus proche, et "
  "renouvelez-le s’il reste nécessaire.",
  "The share would last longer than allowed (%s). Choose a nearer day, and renew it while it "
  "is "
  "needed.")
X(SHARE_FUNCTION, "share_function", "policy table: who never reads nominative data",
  "Cette fonction n’ouvre jamais de données nominatives : %s. Ne partagez qu’avec une "
  "coordination, un éducateur ou le responsable.",
  "This function never opens nominative data: %s. Share with a coordinator, an educator or the "
  "head of service only.")
X(SHARE_STRATEGIC, "share_strategic",
  "CSI L132-5: no individual situation in a strategic formation",
  "Cette instance est stratégique : aucune situation individuelle n’y est partagée (%s). "
  "Passez par "
  "un groupe de suivi.",
  "This is a strategic formation: no individual situation is shared in it (%s). Use a "
  "follow-up "
  "group.")
X(SHARE_SERVICE_ONLY, "share_service_only",
  "confidentiality: base “interne”, within the service",
  "La base « interne » ne permet pas de partager avec un partenaire (%s). Prenez la base "
  "L132-5 "
  "ou L121-6-2.",
  "The base “interne” does not allow sharing with a partner (%s). Take base L132-5 or "
  "L121-6-2.")
X(SHARE_NOT_ENGAGED, "share_not_engaged", "CASF L121-6-2: professionals of the same person",
  "Le secret ne se partage qu’entre professionnels engagés auprès de la même personne : %s ne "
  "l’est pas. Notez d’abord l’engagement, ou prenez la base L132-5.",
  "A secret is shared only among professionals engaged with the same person: %s is not. Record "
  "the engagement first, or take base L132-5.")

/* people */
X(DELEGATE_FUNCTION, "delegate_function", "policy table: nominative never",
  "On ne confie un territoire qu’à qui peut y suivre des situations (%s) : coordination ou "
  "éducateur. "
  "Choisissez un autre agent.",
  "A territory is lent only to who may follow situations in it (%s): a coordinator or an "
  "educator. "
  "Choose another agent.")
X(HABILITATION_NOT_HELD, "habilitation_not_held", "domain: agent, habilitation by the mayor",
  "Aucune habilitation de cet agent ne court jusqu’à cette date (%s). Voyez le registre "
  "(ctps register habilitations).",
  "No habilitation of this agent reaches that day (%s). See the register (ctps register "
  "habilitations).")

/* mail */
X(NOT_RECIPIENT, "not_recipient", "confidentiality: rights are checked when sending",
  "Cette personne n’a pas (ou plus) à être informée de cet objet (%s). Rien n’est envoyé ; "
  "vérifiez ses droits si elle devait l’être.",
  "This person is not (or no longer) to be told of this object (%s). Nothing is sent; "
  "check their rights if they should be.")
X(NO_EMAIL, "no_email", "domain: agent, contact",
  "Aucune adresse électronique n’est connue pour cette personne (%s). Complétez l’annuaire.",
  "No e-mail address is known for this person (%s). Complete the directory.")
X(NOT_CHOSEN, "not_chosen", "domain: notification choice",
  "Cette personne a choisi de ne pas être avertie (%s). Changez ce choix s’il n’est plus "
  "le sien (--notify).",
  "This person chose not to be told (%s). Change the choice if it is no longer theirs "
  "(--notify).")

/* audit */
X(AUDIT_TERM, "audit_term", "CNIL 2021-122: 6 to 12 months, up to 36 when justified",
  "La trace des consultations se garde de 6 à 12 mois, et jusqu’à 36 avec une justification "
  "enregistrée (%s). Indiquez-la (ctps town set --audit-justification), ou 12 mois au plus.",
  "The audit trail is kept for 6 to 12 months, up to 36 with a recorded justification (%s). "
  "State "
  "it (ctps town set --audit-justification), or 12 months at most.")
X(AUDIT_BEHIND, "audit_behind",
  "CNIL 2021-122: no reading without its trace; audit.refuse_reads_after",
  "Le registre d’audit ne suit plus depuis trop longtemps (%s) : aucune donnée nominative "
  "n’est "
  "ouverte avant qu’il ait rattrapé son retard. Prévenez l’administration technique.",
  "The audit log has been behind for too long (%s): nothing nominative is opened until it has "
  "caught up. Tell the technical admin.")

X(LIMIT, "limit", "limits",
  "Limite atteinte : %s. Répartissez en plusieurs, ou retirez ce qui n’est plus utile.",
  "Limit reached: %s. Split it up, or take out what is no longer of use.")
X(UNAVAILABLE, "unavailable", "–", "Momentanément impossible : %s. Réessayez dans un instant.",
  "Not possible at the moment: %s. Try again in a moment.")
