## Containment
containment-lead = Eindämmen schaltet die Wiederherstellung ab: Kein Code wird angenommen, nichts wird ausgegeben, kein Fall geht weiter. Das gilt, sobald Sie drücken, für beliebig viele Menschen, und die Codes, die sie jetzt haben, enden endgültig: Alle brauchen danach einen neuen Satz. Zwei Personen heben es auf.
containment-none = Nichts ist jetzt eingedämmt.
containment-then = Wer von einer aufgehobenen Eindämmung betroffen war, hat keine Codes, bis es neue gibt.
containment-then-who = Ansehen, wer keine hat
containment-live = { $n ->
    [one] Ein Codesatz gilt jetzt und würde enden.
   *[other] { $n } Codesätze gelten jetzt und würden enden.
}
containment-in-force = In Kraft
containment-lifted = Aufgehoben
containment-in-force-list = Jetzt in Kraft
containment-lifted-list = Aufgehoben
containment-scope = Wen es betrifft
containment-reason = Warum
containment-since = Seit
containment-state = Zustand
containment-approvals = Genehmigungen zum Aufheben
containment-of-needed = { $n } von { $needed }
containment-look = Ansehen
containment-waits-for-you = { $n ->
    [one] Eine Eindämmung ist in Kraft. Sie gehören zu denen, die das Aufheben genehmigen können, wenn der Vorfall vorbei ist.
   *[other] { $n } Eindämmungen sind in Kraft. Sie gehören zu denen, die das Aufheben genehmigen können, wenn der Vorfall vorbei ist.
}
containment-all = Alle
containment-group = Die Gruppe { $name }
containment-subject = { $name }
containment-begin = Eindämmen
containment-whom = Wen?
containment-whom-subject = Eine Person oder einen Dienst
containment-whom-group = Eine Gruppe
containment-whom-all = Alle
containment-subject-name = Name der Person oder des Dienstes
containment-subject-hint = So, wie Ihre Programme sie nennen. Nur für „eine Person oder einen Dienst“.
containment-group-name = Name der Gruppe
containment-group-hint = So, wie sie eingetragen ist. Nur für „eine Gruppe“.
containment-ticket = Ticket des Vorfalls (wenn es eines gibt)
containment-understood = Ich weiß, dass die Codes aller Betroffenen endgültig enden
containment-understood-more = Aufheben bringt sie nicht zurück. Alle brauchen einen neuen Satz.
containment-now = Jetzt eindämmen
containment-who-may = Sie dürfen nicht eindämmen. Das tut jemand mit dem Recht „contain“.
containment-one = Eine Eindämmung
containment-back = Alle Eindämmungen
containment-asked-by = Verlangt von
containment-lifted-at = Aufgehoben
containment-written = Aufgeschrieben
containment-finished = Alles, was galt, ist seit { $at } als beendet aufgeschrieben.
containment-left = { $n ->
    [0] Es ist nichts mehr aufzuschreiben.
    [one] Bei 1 Person ist es noch aufzuschreiben. Abgelehnt wird dort trotzdem.
   *[other] Bei { $n } Personen ist es noch aufzuschreiben. Abgelehnt wird dort trotzdem.
}
containment-digest = Was die Genehmigenden unterschreiben (SHA-256)
word-containment-primary-factor-compromised = Passwörter, Sitzungen oder der Identitätsdienst sind kompromittiert
word-containment-codes-leaked = Codes wurden gesehen, wo sie nicht sein dürfen
word-containment-insider-suspected = Jemand von uns könnte dahinterstecken
word-containment-precaution = Vorsorge
word-containment-restored = Die Datenbank ist älter als ihr Anker: Ein alter Stand wurde eingespielt
lift-title = Aufheben
lift-lead = { $needed ->
    [one] Eine Person genehmigt mit ihrem Passkey, die die Eindämmung nicht verlangt hat und nicht durch das Aufheben gewinnt.
   *[other] { $needed } Personen genehmigen mit ihren Passkeys. Keine von ihnen hat die Eindämmung verlangt oder gewinnt durch das Aufheben.
}
lift-approved-by = { $who } hat genehmigt
lift-approval-missing = Eine Genehmigung fehlt
lift-when = Genehmigen Sie, wenn der Vorfall vorbei ist, und nicht vorher: Von da an geht Wiederherstellung wieder.
lift-go = Aufheben
lift-who = Jemand, der eindämmen darf, tut es jetzt: „Jetzt aufheben“ steht dann hier.
lift-approve = Das Aufheben genehmigen
lift-not-approver = Sie können nicht genehmigen. Jemand mit der Aufgabe „approve“ meldet sich an und öffnet diese Seite.
lift-no-person = Sie sind mit einem Schlüssel angemeldet, der niemandem gehört. Wer genehmigt, meldet sich als sich selbst an.
lift-asked-yourself = Sie haben diese Eindämmung verlangt. Jemand anderes genehmigt.
lift-approved-already = Sie haben genehmigt. Die nächste Genehmigung gibt jemand anderes.
lift-now = Jetzt aufheben
lift-now-more = Was vorher galt, bleibt beendet. Wer betroffen war, braucht einen neuen Satz.
lift-after = Sie ist aufgehoben. Wer betroffen war, hat bis zu einem neuen Satz keine eigene Wiederherstellung.

## Reviews
reviews-lead = Was jemand noch einmal ansehen muss.
reviews-recoveries = Wiederherstellungen mit Notfallcode
reviews-none = Keine Prüfung steht an.
reviews-late = Überfällig
reviews-by = Zu prüfen bis { $at }.
reviews-sign = Mit Ihrem Passkey unterschreiben, dass Sie es angesehen haben
reviews-who-may = Wer genehmigen darf und nicht beteiligt war, meldet sich an und prüft es.
reviews-sets = Codesätze
reviews-overdue = sind überfällig: Sie sind zu ersetzen oder abgelaufen
reviews-unconfirmed = hat ihr Inhaber nie bestätigt
reviews-see = Ansehen
reviews-used = die, von denen Codes benutzt wurden

## Settings
settings-lead = { $n ->
    [0] Alle Einstellungen sind, wie sie mitgeliefert werden.
    [one] 1 Einstellung ist anders, als sie mitgeliefert wird.
   *[other] { $n } Einstellungen sind anders, als sie mitgeliefert werden.
}
settings-operators = Zuständige Personen und ihre Passkeys
settings-keys = API-Schlüssel
settings-key = Schlüssel
settings-scopes = Darf
settings-groups = Erreicht
settings-everybody = alle
settings-made = Angelegt
settings-valid = Gültig
settings-revoked = Widerrufen
settings-keys-how = Schlüssel werden angelegt und widerrufen mit
settings-signing = Schlüssel dieses Servers
settings-generation = { $n ->
   *[other] Generation { $n }
}
settings-verifier = Zum Prüfen des Protokolls
word-key-pepper = Prüfwerte der Codes
word-key-log-signing = Prüfpunkte des Protokolls
word-key-grant-signing = Freigaben
settings-destinations = Wohin das Protokoll geht
settings-destinations-list = Ziele
settings-no-destination = Nirgendwohin. Alarme bleiben hier, wo jemand nachsehen muss. Siehe docs/EXPORT.md.
settings-destination = Ziel
settings-to = An
settings-behind = Wartende Einträge
settings-dead = Nicht angenommen
word-destination-delivering = Liefert
word-destination-waiting = Wartet
word-destination-paused = Angehalten
settings-all = Alle Einstellungen
settings-where = Sie stehen in der Konfigurationsdatei. Was jede bedeutet und was sie begrenzt, zeigt:
settings-top = Ganz oben
settings-name = Einstellung
settings-value = Wert
settings-from = Woher
settings-bound = Grenze
word-from-default = Vorgabe
word-from-file = Datei
word-from-environment = Umgebung

## Policy
policy-lead = Diese Regeln entscheiden, was reicht, um jemanden wieder hineinzulassen. Jede Entscheidung im Protokoll nennt die Regeln, die sie getroffen haben.
policy-version = Fassung
policy-digest = Prüfsumme
policy-loaded = In Kraft seit
policy-built-in = dem ersten Start: Es sind die mitgelieferten
policy-lint = Was die Prüfung fand
policy-no-findings = Nichts. Kein Weg dieser Regeln ist schwächer, als Normen verlangen.
policy-rules = Regeln
policy-lines = { $n ->
    [one] 1 Zeile
   *[other] { $n } Zeilen
}
policy-try-this = Eine Änderung ausprobieren

## Alerts and trials
alerts-lead = Was Regeln im Protokoll gefunden haben, das Neueste zuerst, jedes mit seinen Gründen.
alerts-filter = Alarme filtern
alerts-level = Mindestens
alerts-any-level = Jede Stufe
alerts-rule = Regel
alerts-subject = Person oder Dienst
alerts-show = Zeigen
alerts-none = Kein Alarm.
alerts-recovery = Wiederherstellung
alerts-why = Warum
alerts-older = Ältere
word-alert-break-glass-requested = Der Notzugang wurde verlangt
word-alert-break-glass-opened = Der Notzugang wurde geöffnet
word-alert-break-glass-used = Der Notzugang wurde benutzt
word-alert-window-lapsed = Ein Wiederherstellungsfenster verstrich ungenutzt
word-alert-routine-use = Codes werden zur gewohnten Anmeldung
word-alert-owner-left = Die Inhaberin oder der Inhaber eines Kontos ist gegangen
word-alert-bundle-opening = Jemand will ein Bündel öffnen
word-alert-bundle-opened = Ein Bündel wurde geöffnet
word-alert-custodian-left = Jemand, der ein Bündel verwahrt, ist gegangen
word-alert-privileged-lowered = Ein privilegiertes Konto ist weniger geschützt
word-alert-canary-used = Ein Ködercode wurde vorgelegt
word-alert-repudiated = Jemand hat gesagt: Das war ich nicht
word-alert-guessing-subject = Codes einer Person oder eines Dienstes werden erraten
word-alert-guessing-source = Codes vieler werden von einer Quelle aus erraten
word-alert-set-disabled = Falsche Codes haben einen Codesatz beendet
word-alert-routine-refused = Ein richtiger Code wurde abgelehnt, weil Codes zur Gewohnheit wurden
word-alert-use-without-loss = Ein Konto wurde wiederhergestellt, und niemand hatte einen Verlust gemeldet
word-alert-unseen-source = Ein Code kam von einer Quelle, die man nicht kannte
word-alert-dead-set = Ein Code aus einem toten Codesatz wurde vorgelegt
word-alert-case-then-privileges = Auf einen Supportfall folgten mehr Rechte
word-alert-many-cases = Jemand im Support hat viele Fälle eröffnet
word-alert-agent-throttled = Ein KI-Agent eröffnet schneller Fälle, als er darf
word-alert-case-declined = Eine Genehmigung wurde abgelehnt
word-alert-lapsed-after-satisfied = Eine Wiederherstellung kam durch und wurde nie beendet
word-alert-policy-loaded = Andere Regeln gelten
word-alert-key-rotated = Ein Schlüssel von Glassbreak bekam eine neue Generation
word-alert-admin-key = Ein API-Schlüssel, der alles darf, wurde gemacht
word-alert-exception-granted = Eine Regel wurde für ein Konto ausgesetzt
word-alert-containment-lifted = Nach einer Eindämmung ist die Wiederherstellung wieder an
word-level-informational = Zur Kenntnis
word-level-low = Niedrig
word-level-medium = Mittel
word-level-high = Hoch
word-level-critical = Kritisch
trial-title = Eine Änderung ausprobieren
trial-lead = Ändern Sie eine Datei und sehen Sie, wie die letzten aufgezeichneten Entscheidungen ausgefallen wären. Nichts wird in Kraft gesetzt.
trial-unreadable = Diese Regeln sind nicht lesbar
trial-result = Was dabei herauskam
trial-refused = Der Server würde diese Regeln nicht in Kraft setzen.
trial-would-be-taken = Der Server würde diese Regeln nehmen.
trial-more = Ältere wurden nicht gefragt.
trial-otherwise = Entscheidungen, die anders ausgefallen wären
trial-when = Wann
trial-question = Was gefragt war
trial-was = War
trial-would-be = Wäre
trial-change = Die Änderung
trial-file = Datei
trial-open = Öffnen
trial-hint = Cedar. Die anderen Dateien bleiben, wie sie sind.
trial-try = Ausprobieren
word-outcome-permit = erlaubt
word-outcome-deny = abgelehnt
word-outcome-more-evidence = mehr nötig
alerts-entries = { $n ->
    [one] 1 Eintrag im Protokoll
   *[other] { $n } Einträge im Protokoll
}
trial-asked = { $n ->
    [one] 1 Entscheidung wurde noch einmal gefragt.
   *[other] { $n } Entscheidungen wurden noch einmal gefragt.
}
trial-changed = { $n ->
    [0] Keine wäre anders ausgefallen.
    [one] 1 wäre anders ausgefallen.
   *[other] { $n } wären anders ausgefallen.
}
