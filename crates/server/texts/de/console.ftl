## console
thousands = .
every = Alle
none = Keine
choose = Wählen
and = und
until = bis { $when }
erased = Gelöscht
filters = Filter
filters-set = Gesetzte Filter
filter-do = Anzeigen
filter-none = Ohne Filter
filter-drop = : diesen Filter entfernen
search-do = Suchen
page-first = Erste Seite
page-next = Nächste Seite
left-of = { $left } von { $all }
ago-moment = gerade eben
ago-minutes = { $n ->
    [one] vor 1 Minute
   *[other] vor { $n } Minuten
}
ago-hours = { $n ->
    [one] vor 1 Stunde
   *[other] vor { $n } Stunden
}
ago-days = { $n ->
    [one] vor 1 Tag
   *[other] vor { $n } Tagen
}
ahead-moment = gleich
ahead-minutes = { $n ->
    [one] in 1 Minute
   *[other] in { $n } Minuten
}
ahead-hours = { $n ->
    [one] in 1 Stunde
   *[other] in { $n } Stunden
}
ahead-days = { $n ->
    [one] in 1 Tag
   *[other] in { $n } Tagen
}
actor-key = API-Schlüssel „{ $name }“
actor-machine = Maschine „{ $name }“
actor-embedder = Die Anwendung selbst
actor-system = Glassbreak
actor-visitor = jemand auf einer Seite

## Whoever reaches some groups
bound-title = Die Übersicht betrifft alle
bound-why = Ihre Anmeldung gilt für einige Gruppen. Zahlen, Warnungen, Sperren, Regeln und Protokoll betreffen alle Personen und werden Ihnen deshalb nicht gezeigt. Was Ihre Gruppen betrifft, finden Sie hier:
bound-ask = Wenn Sie das Ganze brauchen, fragen Sie hier: { $contact }.
bound-some = Sie sehen die Personen Ihrer Gruppen und sonst niemanden.
bound-inventory = Die Codesätze Ihrer Gruppen
bound-subjects = Wer in Ihren Gruppen ist
bound-recoveries = Wer von ihnen wieder hineinkommen wollte

## Overview
overview-lead = Worum sich jetzt jemand kümmern muss, und wie es um die Wiederherstellung steht.
overview-now = Darum muss sich jetzt jemand kümmern
overview-calm = Gerade muss sich niemand um etwas kümmern.
overview-windows = Fenster, die als Nächste schließen
overview-window = Wiederherstellung
overview-ends = schließt { $when }
overview-else = Im Blick zu behalten
overview-plots = In Bildern
overview-counting = Die Zahlen werden zum ersten Mal ermittelt. Schauen Sie gleich noch einmal.
overview-as-of = Stand: { $now }.
overview-counted = Personen und Codesätze wurden { $when } gezählt.
figure-week = { $n } in sieben Tagen
figure-closing = { $n ->
    [one] 1 schließt innerhalb einer Stunde
   *[other] { $n } schließen innerhalb einer Stunde
}
figure-alerts = Ernste Warnungen in 24 Stunden
figure-containments = Sperren in Kraft
figure-windows = Offene Fenster
figure-cases = Offene Fälle
figure-reviews = Fällige Nachprüfungen
figure-throttled = Müssen nach falschen Codes warten
figure-overdue = Überfällige Codesätze
figure-uncovered = Ohne Wiederherstellungscodes
figure-expiring = Codesätze, die in 30 Tagen ablaufen
figure-unconfirmed = Nie bestätigte Codesätze
figure-own = Laufende eigene Wiederherstellungen
figure-minor = Andere Warnungen in 24 Stunden
plot-figures = Zahlen
plot-share = { $part } von { $whole }, { $percent } %
plot-covered = { $percent } % der Personen haben Wiederherstellungscodes: { $part } von { $whole }. Schraffiert: ohne.
plot-tiers = Abdeckung nach Stufe
plot-levels = Abdeckung nach Sicherheitsniveau
plot-ages = Alter der gültigen Codesätze
plot-ages-said = Gültige Codesätze, die älter als ein Jahr sind: { $older } von { $live }.
plot-days = Die letzten 30 Tage
plot-days-said = Ausgestellte Codesätze: { $issued }. Angenommene Codes: { $accepted }. Abgelehnte Versuche: { $refused }.
band-30 = bis 30 T
band-90 = bis 90 T
band-180 = bis 180 T
band-365 = bis 1 J
band-older = über 1 J
line-issued = Codesätze ausgestellt
line-accepted = Codes angenommen
line-refused = Versuche abgelehnt
head-covered = Mit Codes
head-uncovered = Ohne
head-subjects = Personen
head-tier = Stufe
head-assurance = Niveau
head-age = Alter
head-sets = Codesätze
head-day = Tag

## Inventory
inventory-lead = Jeder Satz von Wiederherstellungscodes: wer ihn hat, wie alt er ist, wo er liegt. Nie ein Code.
inventory-presets = Oft gebraucht
inventory-table = Codesätze
inventory-all = { $n ->
    [0] Kein Codesatz passt.
    [one] 1 Codesatz passt.
   *[other] { $n } Codesätze passen.
}
inventory-first = Die ersten { $n } Codesätze, die passen. Es gibt mehr.
inventory-further = { $n ->
    [one] 1 weiterer Codesatz.
   *[other] { $n } weitere Codesätze.
}
inventory-none = Kein Codesatz passt. Entfernen Sie einen Filter, um mehr zu sehen.
inventory-none-yet = Keiner der betrachteten Codesätze passt. Es gibt mehr: Gehen Sie zur nächsten Seite.
preset-year = Älter als ein Jahr
preset-overdue = Überfällig
preset-expiring = Laufen in 30 Tagen ab
preset-unconfirmed = Nie bestätigt
preset-used = Benutzt und nicht ersetzt
preset-break-glass = Notfall
chip-subject = Person: { $value }
chip-tier = Stufe: { $value }
chip-state = Zustand: { $value }
chip-kind = Art: { $value }
chip-custody = Aufbewahrt: { $value }
chip-overdue = Überfällig
chip-never-confirmed = Nie bestätigt
chip-used = Benutzt
chip-expires-before = Läuft ab vor { $value }
chip-issued-before = Ausgestellt vor { $value }
chip-issued-after = Ausgestellt seit { $value }
field-subject = Person
field-tier = Stufe
field-state = Zustand
field-kind = Art
field-custody = Aufbewahrt
field-issued-after = Ausgestellt seit
field-issued-before = Ausgestellt vor
field-expires-before = Läuft ab vor
field-only = Nur
field-overdue = Überfällige
field-never-confirmed = Nie bestätigte
field-used = Mit benutztem Code
field-prefix = Name beginnt mit
field-group = Gruppe
field-uncovered = Ohne Wiederherstellungscodes
field-opened-by = Eröffnet von
field-opened-after = Eröffnet seit
field-opened-before = Eröffnet vor
field-needs = Wartet auf
field-agent = Bearbeitet von
field-review-due = Nachprüfung fällig
head-choose = Wählen
head-subject = Person
head-set = Codesatz
head-state = Zustand
head-left = Übrige Codes
head-issued = Ausgestellt
head-expires = Läuft ab
head-custody = Aufbewahrt
head-standing = Stand
head-opened = Eröffnet
head-cause = Anlass
head-ends = Frist
head-why = Warum
choose-set = Codesatz { $set } wählen
mark-overdue = Überfällig
mark-replace = Zu ersetzen
mark-expired = Abgelaufen
custody-said = Angegeben am { $day }
custody-unknown = Nicht angegeben
export-csv = Als CSV ausgeben
export-jsonl = Als JSON Lines ausgeben
revoke-chosen = Gewählte widerrufen…
revoke-all = Alle passenden widerrufen…
revoke-hint = Noch wird nichts widerrufen. Die nächste Seite sagt, was geschähe, und fragt.

## Revoking many
revocations = Widerrufe vieler Codesätze
revocations-lead = Was von hier aus nach Filter oder Auswahl widerrufen wurde. Jeder Codesatz hat seinen eigenen Eintrag im Protokoll.
revocations-none = Noch keine.
revocations-caption = Die neuesten zuerst
revoke-confirm-title = Diese Codesätze widerrufen?
revoke-confirm-lead = { $n ->
    [one] 1 gültiger Codesatz soll widerrufen werden. Noch ist nichts geschehen.
   *[other] { $n } gültige Codesätze sollen widerrufen werden. Noch ist nichts geschehen.
}
revoke-fact-sets = Gültige Codesätze
revoke-fact-tiers = Nach Stufe
revoke-fact-holders = Inhaber
revoke-fact-which = Welche
revoke-which-chosen = Einzeln gewählt
revoke-which-filter = Alle, die dieser Filter fand
revoke-ended = { $n ->
    [one] 1 weiterer war schon beendet.
   *[other] { $n } weitere waren schon beendet.
}
revoke-holders = { $n ->
    [one] 1 Inhaber
   *[other] { $n } Inhaber
}
paths-none = Alle Inhaber haben einen anderen gültigen Codesatz. Nachgesehen: { $looked }.
paths-none-of = Von { $looked } Inhabern, die nachgesehen wurden, haben alle einen anderen gültigen Codesatz. Die übrigen wurden nicht nachgesehen.
paths-bare = { $n ->
    [one] 1 von { $looked } Inhabern hat keinen anderen gültigen Codesatz. Ist das Telefon verloren, bleibt nur ein Fall beim Support.
   *[other] { $n } von { $looked } Inhabern haben keinen anderen gültigen Codesatz. Ist das Telefon verloren, bleibt nur ein Fall beim Support.
}
paths-bare-of = { $n ->
    [one] Von { $looked } Inhabern, die nachgesehen wurden, hat 1 keinen anderen gültigen Codesatz. Ist das Telefon verloren, bleibt nur ein Fall beim Support.
   *[other] Von { $looked } Inhabern, die nachgesehen wurden, haben { $n } keinen anderen gültigen Codesatz. Ist das Telefon verloren, bleibt nur ein Fall beim Support.
}
paths-more = Und weitere.
paths-do = Lassen Sie vorher neue Codesätze ausstellen, wo das nicht warten kann.
revoke-what-happens = Was geschieht
revoke-happens-codes = Kein Code dieser Sätze gilt mehr.
revoke-happens-told = Der Inhaber jedes Codesatzes wird benachrichtigt.
revoke-happens-account = Die Konten bleiben, wie sie sind: Niemand wird abgemeldet.
revoke-happens-changed = Ein Codesatz, der sich vorher ändert, bleibt, wie er ist, und das wird gesagt.
revoke-happens-never-back = Ein widerrufener Codesatz kommt nie zurück.
revoke-why = Warum
revoke-why-missing = Wählen Sie einen Grund.
revoke-requested-more = Oder die Codesätze sind zu alt. Die geltenden Regeln können es ablehnen.
revoke-lost-more = Vielleicht hat sie jemand anderes. Keine Regel hält es auf.
revoke-leaked-more = Sie wurden gesehen, wo sie nicht sein dürfen. Keine Regel hält es auf.
revoke-type = Zum Bestätigen { $number } eingeben
revoke-mistyped = Das ist nicht die Zahl der Codesätze.
revoke-do = { $n ->
    [one] 1 Codesatz widerrufen
   *[other] { $n } Codesätze widerrufen
}
revoke-dont = Nicht widerrufen
revoke-within = Diese Seite gilt eine Stunde.
revoke-not-you = Sie dürfen das ansehen. Bestätigen darf es, wer das Recht „revoke“ hat.
revoke-title-running = Codesätze werden widerrufen
revoke-title-done = Codesätze wurden widerrufen
revoke-title-stopped = Der Widerruf wurde angehalten
revoke-progress-name = Fortschritt
revoke-progress = Betrachtete Codesätze: { $done } von { $all }.
revoke-revoked = Widerrufen
revoke-changed = Gelassen, wie sie sind
revoke-changed-more = Inzwischen geändert oder von selbst beendet
revoke-refused = Abgelehnt
revoke-refused-more = Von den geltenden Regeln
revoke-lost-right = Er wurde angehalten, weil nicht mehr widerrufen darf, wer ihn bestätigt hat.
revoke-lost-sets = Er wurde angehalten, weil die Liste dessen fehlt, was zu widerrufen war. Suchen Sie die Sätze noch einmal, und beginnen Sie von vorn.
revoke-goes-on = Es geht von selbst weiter, auch nach einem Neustart. Sie können diese Seite verlassen.
revoke-look-again = Noch einmal nachsehen
revoke-stop = Hier anhalten
revoke-left = Nicht widerrufen
revoke-left-caption = Codesätze, die gelassen wurden, jeweils mit dem Grund
revoke-left-more = Es gibt mehr.
revoke-by = Bestätigt von
revoke-asked = Angefragt
revoke-over = Beendet

## A set
set-title = Codesatz …{ $set }
set-none = Keiner
set-revoked = Der Codesatz ist widerrufen.
set-failures = Falsche Codes in Folge
set-seen-by = Gesehen von
set-seen-by-whom = Ausgehändigt an: { $who }.
set-seen-once = Die Codes standen einmal in einer Antwort. Glassbreak behält keinen, den man lesen könnte.
set-confirm-by = Zu bestätigen bis
set-replace-by = Zu ersetzen bis
set-ended = Beendet
set-id = Kennung
set-revoke = Diesen Codesatz widerrufen
set-revoke-do = Widerrufen
set-timeline = Was mit ihm geschah
set-timeline-cut = Nur die neuesten 500 Einträge der Person wurden durchgesehen. Ältere stehen in ihrem Verlauf.

## Subjects
subjects-lead = Alle, die angemeldet sind. Suchen Sie nach dem Anfang des Namens.
subjects-search = Personen suchen
subjects-caption = Nach Namen geordnet
subjects-none = Niemand passt. Groß und klein zählt, und der Name ist der, den Ihre Systeme benutzen.
throttled-link = Wer nach falschen Codes warten muss
throttled-title = Warten nach falschen Codes
throttled-lead = Ihr nächster Versuch wird vor Ablauf der Zeit nicht angesehen. Viele auf einmal deuten auf Raten hin.
throttled-caption = Wer warten muss
throttled-none = Niemand muss warten.
throttled-until = Bis
subject-who = Wer
subject-ial = Identität geprüft
subject-owner = Verantwortlich
subject-groups = Gruppen
subject-registered = Angemeldet
subject-id = Kennung im Protokoll
subject-addresses = Wird benachrichtigt über
subject-no-address = Keine Adresse ist bekannt: Niemand wird benachrichtigt.
subject-contacts = Vertrauenspersonen
subject-exceptions = Ausnahmen
subject-contained = Die Wiederherstellung ist gesperrt.
subject-waits = Muss nach falschen Codes warten: Der nächste Versuch wird { $when } angesehen.
subject-sets = Codesätze
subject-sets-caption = Codesätze, die neuesten zuerst
subject-no-set = Es wurde nie ein Codesatz ausgestellt.
subject-recoveries = Wiederherstellungen
subject-no-recovery = Wollte nie wieder hineinkommen.
subject-act = Was Sie tun können
subject-report = Melden, was geschehen ist
subject-report-what = Was ist geschehen?
subject-report-hint = In Klammern: was es hier bewirkt.
subject-report-do = Melden
subject-reported = Gemeldet: { $what }.
subject-contain = Wiederherstellung sperren…
subject-timeline = Verlauf
address-confirmed = Bestätigt
address-unconfirmed = Nicht bestätigt
timeline-export = Verlauf mit Nachweisen herunterladen
timeline-export-hint = Ein Beleg je Zeile. Jeder lässt sich allein mit dem Prüfschlüssel des Protokolls prüfen.
timeline-bound = Belege weisen Einträge im Protokoll nach, und das Protokoll betrifft alle. Ihre Anmeldung gilt für einige Gruppen, deshalb sehen Sie die Einträge ohne Nachweis.
timeline-none = Das Protokoll sagt hierzu nichts.
timeline-newest = Neueste
timeline-older = Ältere
done-by = von { $who }
entry-number = Eintrag { $n }
entry-receipt = Beleg
ruled-by = durch
ruled-policy = nach den Regeln
ruled-exception = mit der Ausnahme

## Recoveries
recoveries-lead = Wer wieder hineinkommen wollte, wie weit das kam und worauf es wartet.
recoveries-caption = Die neuesten zuerst
recoveries-none = Keine Wiederherstellung passt.
recoveries-open-cases = Offene Fälle
recoveries-windows = Offene Fenster
recoveries-reviews = Fällige Nachprüfungen
recoveries-refused = Abgelehnte
by-subject = Die Person selbst
opened-by-agent = { $who }, Support
waits-long = Wartet lange
review-due = Nachprüfung fällig
review-done = Nachgeprüft
review-due-by = Fällig bis { $when }
review-done-by = Von { $who }, { $when }
recovery-title = Wiederherstellung …{ $id }
recovery-waits = Wartet auf: { $for }
recovery-at-desk = Im Support bearbeiten
recovery-requester = Verlangt von
recovery-bundle = Zu öffnendes Bündel
recovery-expires = Verfällt
recovery-evidence = Nachweise, der Reihe nach
recovery-no-evidence = Noch wurde nichts vorgelegt.
recovery-missing = Es fehlt noch: eines davon
recovery-sent = Gesendete Codes
recovery-sent-caption = Weder der Code noch die Adresse wird lesbar behalten
recovery-failures = { $n ->
    [0] Keine falschen Codes.
    [one] 1 falscher Code.
   *[other] { $n } falsche Codes.
}
recovery-codes-disabled = Zu viele falsche Codes: Seit { $when } zählt kein gesendeter Code mehr.
recovery-approvals = Zustimmungen
recovery-no-approval = Niemand hat zugestimmt.
recovery-case = Der Fall, wie er steht, als Prüfsumme:
recovery-outcome = Ausgang
recovery-satisfied = Genug Nachweise
recovery-grant = Berechtigung
recovery-obligations = Noch zu tun
recovery-end = Wie es endete
recovery-not-ended = Es ist nicht zu Ende.
recovery-review = Nachprüfung
recovery-log = Was das Protokoll sagt
recovery-log-hint = Jede Entscheidung nennt die Regeln, die sie trafen, und die Prüfsumme der geltenden Regeln.
piece-vouched = Das aufrufende Programm bürgt dafür
piece-proofed = Identität geprüft
piece-again = Ein zweites Mal geprüft
piece-code = Ein Code wurde angenommen
piece-who = von { $who }
piece-record = Beleg:
sent-at = Gesendet
sent-until = Gültig bis
sent-used = Benutzt
sent-unused = Nicht benutzt
sent-undelivered = Ging nicht hinaus
approval-stands = Zum Fall, wie er steht
approval-earlier = Zu einem früheren Stand des Falls
approval-key = Passkey
ended-completed = Abgeschlossen, { $when }
ended-lapsed = Die Zeit war um, { $when }
ended-lapsed-window = Das Fenster schloss, bevor alles getan war, { $when }. Der Weg ist zu.
ended-cancelled = Aufgegeben, { $when }
ended-refused = Abgelehnt von { $who }, { $when }

## Facts of entries
fact-set = Codesatz
fact-recovery = Wiederherstellung
fact-person = Wer
fact-case = Unterschriebener Fall
fact-level = Schwere
fact-alert = Warnung
fact-codes = Codes
fact-custody = Aufbewahrt
fact-reason = Grund
fact-method = Als
fact-presented = Neben dem Code
fact-remaining = Übrige Codes
fact-why = Warum
fact-failures = Falsche Codes in Folge
fact-retry = Nächster Versuch
fact-due = Fällig
fact-lifecycle = Gemeldet
fact-cause = Anlass
fact-reference = Aktenzeichen
fact-channel = Weg
fact-window = Fenster bis
fact-obligation = Getan

## Words
word-set-state-offered = Angeboten
word-set-state-active = Gültig
word-set-state-exhausted = Aufgebraucht
word-set-state-expired = Abgelaufen
word-set-state-revoked = Widerrufen
word-set-state-superseded = Ersetzt
word-set-state-disabled = Abgeschaltet
word-set-state-lapsed = Nie bestätigt
word-set-kind-saved = Aufbewahrt
word-set-kind-break-glass = Notfall
word-set-kind-canary = Köder
word-profile-strong = lange Codes
word-profile-compact = kurze Codes
word-custody-password-manager = Passwortmanager
word-custody-sealed-offline-copy = Versiegelt auf Papier
word-custody-secrets-manager = Geheimnisverwaltung
word-custody-hardware = Hardware
word-issue-reason-enrolment = bei der Anmeldung
word-issue-reason-replacement = anstelle eines anderen
word-issue-reason-reissue-after-recovery = nach einer Wiederherstellung
word-issue-reason-break-glass-provisioning = für den Notfall
word-issue-reason-support-case = für einen Fall beim Support
word-revoke-reason-requested = Verlangt
word-revoke-reason-lost = Verloren oder gestohlen
word-revoke-reason-leaked = Bekannt geworden
word-revoke-reason-lifecycle = Wovon er abhing, hat sich geändert
word-revoke-reason-recovery = Nach einer Wiederherstellung
word-revoke-reason-rotated = Schlüssel gewechselt
word-revoke-reason-containment = Sperre
word-revocation-finding = Wird gesucht
word-revocation-asked = Zu bestätigen
word-revocation-running = Läuft
word-revocation-done = Fertig
word-revocation-stopped = Angehalten
word-left-changed = Hat sich inzwischen geändert
word-left-ended = War schon beendet
word-left-gone = Ist nicht mehr erreichbar
word-left-not-allowed = Die geltenden Regeln lehnen es ab
word-left-subject-departed = Der Inhaber ist ausgeschieden
word-standing-active = Aktiv
word-standing-suspended = Ausgesetzt
word-standing-departed = Ausgeschieden
word-subject-kind-person = Person
word-subject-kind-service = Dienst
word-subject-kind-agent = Agent
word-ial-none = Nie geprüft
word-ial-ial1 = IAL1
word-ial-ial2 = IAL2
word-ial-ial3 = IAL3
word-channel-email = E-Mail
word-channel-sms = SMS
word-channel-voice = Anruf
word-channel-postal = Brief
word-channel-push = Push-Nachricht
word-effect-resume = öffnet die Wiederherstellung wieder
word-effect-record = wird festgehalten
word-effect-replace = Codesätze sind zu ersetzen
word-effect-suspend = setzt die Wiederherstellung aus
word-effect-revoke = widerruft die Codesätze
word-effect-depart = widerruft die Codesätze endgültig
word-contain-reason-primary-factor-compromised = Erster Faktor in fremder Hand
word-contain-reason-codes-leaked = Codes bekannt geworden
word-contain-reason-insider-suspected = Verdacht gegen eigene Leute
word-contain-reason-precaution = Vorsicht
word-contain-reason-restored = Die Datenbank wurde wiederhergestellt
word-contain-scope-subject = Diese Person
word-contain-scope-group = Eine Gruppe
word-contain-scope-all = Alle
word-exception-over-issue-limit = Mehr Codesätze als erlaubt
word-exception-routine-use = Häufiger Gebrauch von Codes
word-exception-state-pending = wartet auf Zustimmung
word-exception-state-granted = erteilt
word-exception-state-ended = beendet
word-recovery-state-open = Offen
word-recovery-state-window = Fenster offen
word-recovery-state-completed = Abgeschlossen
word-recovery-state-lapsed = Verfallen
word-recovery-state-refused = Abgelehnt
word-recovery-state-cancelled = Aufgegeben
word-recovery-kind-case = Support
word-recovery-kind-own = Die Person selbst
word-needs-evidence = Nachweise
word-needs-approval = Zustimmung
word-needs-release = Freigabe eines Codes
word-needs-enrolment = Neue Anmeldung
word-cause-phone-lost = Telefon verloren oder kaputt
word-cause-authenticator-deleted = App gelöscht
word-cause-device-migrated = Neues Gerät
word-cause-codes-lost = Codes verloren
word-cause-emergency = Notfall
word-cause-unstated = Nicht gesagt
word-check-document = Ausweis
word-check-biometric = Biometrie
word-check-call-back = Rückruf
word-check-video = Video
word-check-in-person = Persönlich
word-check-manager = Wort der Führungskraft
word-method-password = Passwort
word-method-authenticator = Authentifikator
word-method-proofing = Identitätsprüfung
word-method-biometric-proofing = Identitätsprüfung mit Biometrie
word-method-saved-code = Aufbewahrter Code
word-method-issued-code = Gesendeter Code
word-method-mailed-code = Code per E-Mail
word-method-recovery-contact = Code einer Vertrauensperson
word-method-break-glass-code = Notfallcode
word-method-second-verification = Zweite Prüfung
word-method-approval = Zustimmung
word-method-second-approval = Zweite Zustimmung
word-obligation-bind-authenticator = Einen Authentifikator anmelden
word-obligation-replace-codes = Die Codes ersetzen
word-ruling-permit = Erlaubt
word-ruling-deny = Abgelehnt
word-ruling-more-evidence = Mehr Nachweise nötig
word-alert-level-informational = Zur Kenntnis
word-alert-level-low = Niedrig
word-alert-level-medium = Mittel
word-alert-level-high = Hoch
word-alert-level-critical = Kritisch
word-refused-subject-unknown = Niemand dieses Namens
word-refused-subject-suspended = Ausgesetzt
word-refused-subject-departed = Ausgeschieden
word-refused-no-match = Falscher Code
word-refused-code-spent = Schon benutzt
word-refused-set-unconfirmed = Codesatz nicht bestätigt
word-refused-set-expired = Codesatz abgelaufen
word-refused-set-revoked = Codesatz widerrufen
word-refused-set-superseded = Codesatz ersetzt
word-refused-set-disabled = Codesatz abgeschaltet
word-refused-policy = Die geltenden Regeln
word-refused-routine-use = Zu oft benutzt
word-refused-recovery-closed = Die Wiederherstellung ist zu
word-refused-contained = Die Wiederherstellung ist gesperrt
word-refused-canary = Ein Köder
word-lifecycle-mfa-changed = Zweiter Faktor geändert
word-lifecycle-reenrolled = Neu angemeldet
word-lifecycle-device-replaced = Gerät ersetzt
word-lifecycle-device-lost = Gerät verloren
word-lifecycle-device-wiped = Gerät gelöscht
word-lifecycle-account-reset = Konto zurückgesetzt
word-lifecycle-role-changed = Rolle geändert
word-lifecycle-privileges-changed = Rechte geändert
word-lifecycle-risk-raised = Risiko erhöht
word-lifecycle-risk-cleared = Risiko behoben
word-lifecycle-support-recovery = Vom Support wiederhergestellt
word-lifecycle-subject-left = Aus der Organisation ausgeschieden
word-lifecycle-account-disabled = Konto abgeschaltet
word-lifecycle-account-enabled = Konto eingeschaltet
word-lifecycle-owner-changed = Verantwortlichkeit geändert
word-lifecycle-primary-factor-compromised = Erster Faktor in fremder Hand
word-lifecycle-recovery-reopened = Wiederherstellung wieder offen
word-lifecycle-owner-left = Verantwortliche Person ausgeschieden
word-lifecycle-repudiated = „Das war ich nicht“
word-event-kind-subject = Person
word-event-kind-lifecycle = Lebenslauf
word-event-kind-address = Adresse
word-event-kind-contact = Vertrauensperson
word-event-kind-contacts = Vertrauenspersonen
word-event-kind-code-set = Codesatz
word-event-kind-code = Code
word-event-kind-sent-code = Gesendeter Code
word-event-kind-recovery = Wiederherstellung
word-event-kind-bundle = Bündel
word-event-kind-exception = Ausnahme
word-event-kind-containment = Sperre
word-event-kind-alert = Warnung
word-event-kind-operator = Bedienung
word-event-kind-policy = Regeln
word-event-kind-api-key = API-Schlüssel
word-event-kind-key = Schlüssel

## Events
event-subject-registered = Angemeldet
event-subject-updated = Geändert
event-subject-suspended = Wiederherstellung ausgesetzt
event-subject-resumed = Wiederherstellung wieder offen
event-subject-departed = Ausgeschieden
event-subject-contained = Durch eine Sperre beendet
event-lifecycle-reported = Etwas wurde gemeldet
event-address-confirmation-sent = Bestätigung gesendet
event-address-confirmation-undelivered = Bestätigung ging nicht hinaus
event-address-confirmed = Adresse bestätigt
event-address-confirm-refused = Bestätigung abgelehnt
event-address-removed = Adresse entfernt
event-contact-added = Vertrauensperson hinzugefügt
event-contact-removed = Vertrauensperson entfernt
event-contacts-reviewed = Vertrauenspersonen nachgeprüft
event-contacts-review-due = Vertrauenspersonen nachzuprüfen
event-code-set-issued = Codesatz ausgestellt
event-code-set-issue-refused = Kein Codesatz ausgestellt
event-code-set-confirmed = Codesatz bestätigt
event-code-set-confirm-refused = Bestätigung abgelehnt
event-code-set-superseded = Codesatz ersetzt
event-code-set-revoked = Codesatz widerrufen
event-code-set-expired = Codesatz abgelaufen
event-code-set-lapsed = Codesatz wurde nie bestätigt
event-code-set-disabled = Codesatz nach falschen Codes abgeschaltet
event-code-set-declared = Aufbewahrungsort angegeben
event-code-set-replacement-due = Codesatz zu ersetzen
event-code-accepted = Code angenommen
event-code-deferred = Code richtig, mehr Nachweise nötig
event-code-refused = Code abgelehnt
event-code-throttled = Versuch kam zu früh
event-sent-code-accepted = Gesendeter Code angenommen
event-recovery-opened = Wiederherstellung eröffnet
event-recovery-open-throttled = Zu viele Fälle eröffnet
event-recovery-evidence-added = Nachweis hinzugefügt
event-recovery-code-sent = Code gesendet
event-recovery-code-undelivered = Code ging nicht hinaus
event-recovery-codes-disabled = Gesendete Codes zählen nicht mehr
event-recovery-approved = Zugestimmt
event-recovery-declined = Abgelehnt
event-recovery-satisfied = Genug Nachweise: Fenster geöffnet
event-recovery-obligation-met = Etwas wurde getan
event-recovery-completed = Abgeschlossen
event-recovery-lapsed = Die Zeit war um
event-recovery-cancelled = Aufgegeben
event-recovery-review-due = Nachprüfung fällig
event-recovery-reviewed = Nachgeprüft
event-bundle-created = Bündel angelegt
event-bundle-share-proven = Anteil nachgewiesen
event-bundle-effective = Bündel in Kraft
event-bundle-superseded = Bündel ersetzt
event-bundle-opening-allowed = Öffnung erlaubt
event-bundle-opening-lapsed = Öffnung verfallen
event-bundle-open-refused = Öffnung abgelehnt
event-bundle-opened = Bündel geöffnet
event-bundle-rotation-due = Bündel zu erneuern
event-bundle-custodian-left = Eine Verwahrperson ist ausgeschieden
event-bundle-revoked = Bündel widerrufen
event-recovery-request-refused = Anfrage abgelehnt
event-exception-request-refused = Ausnahme abgelehnt
event-bundle-request-refused = Anfrage zu einem Bündel abgelehnt
event-containment-request-refused = Anfrage zu einer Sperre abgelehnt
event-exception-requested = Ausnahme verlangt
event-exception-approved = Ausnahme zugestimmt
event-exception-granted = Ausnahme erteilt
event-exception-ended = Ausnahme beendet
event-containment-begun = Wiederherstellung gesperrt
event-containment-approved = Aufhebung zugestimmt
event-containment-lifted = Wiederherstellung wieder möglich
event-containment-finished = Sperre für alle festgehalten
event-alert-raised = Warnung
event-operator-appointed = Bedienung bestellt
event-operator-enrolment-offered = Link für einen Passkey ausgegeben
event-self-service-link-made = Link zur Selbstbedienung erstellt
event-self-service-entered = In die Selbstbedienung gekommen
word-event-kind-self-service = Selbstbedienung
event-operator-passkey-added = Passkey hinzugefügt
event-operator-passkey-removed = Passkey entfernt
event-policy-loaded = Regeln geladen
event-api-key-created = API-Schlüssel angelegt
event-api-key-revoked = API-Schlüssel widerrufen
event-key-rotated = Schlüssel gewechselt

## Refusals
problem-key-bound = Das betrifft alle
problem-key-bound-do = Ihre Anmeldung gilt für einige Gruppen, und diese Seite betrifft alle Personen. Jemand, der alle erreicht, kann sie ansehen.
problem-nothing-to-revoke = Es gibt nichts zu widerrufen
problem-nothing-to-revoke-do = Keiner dieser Codesätze ist gültig. Gehen Sie zurück und wählen Sie andere oder einen anderen Filter.
problem-too-many-sets = Das sind zu viele auf einmal
problem-too-many-sets-do = Schränken Sie den Filter ein. Um die Wiederherstellung ganz anzuhalten, benutzen Sie die Sperre.
problem-code-set-unknown = Es gibt diesen Codesatz nicht
problem-code-set-unknown-do = Prüfen Sie die Adresse, oder sehen Sie im Bestand nach. Vielleicht gehört er jemandem, den Sie nicht erreichen.
problem-recovery-unknown = Es gibt diese Wiederherstellung nicht
problem-recovery-unknown-do = Prüfen Sie die Adresse, oder sehen Sie in der Liste nach. Vielleicht gehört sie jemandem, den Sie nicht erreichen.
problem-subject-unknown = Es gibt niemanden dieses Namens
problem-subject-unknown-do = Prüfen Sie den Namen: Groß und klein zählt. Vielleicht ist es jemand, den Sie nicht erreichen.
problem-not-allowed = Die geltenden Regeln lehnen das ab
problem-not-allowed-do = Die Regeln unten haben nein gesagt. Wer sich um die Regeln kümmert, kann Ihnen sagen, warum.
