## What is on every page
skip = Zum Inhalt
navigation = Seiten
language = Sprache
ask = Fragen? Hier hilft man Ihnen: { $contact }.
contact-unnamed = Support Ihrer Organisation
signed-in-as = Angemeldet: { $who }
sign-out = Abmelden
sign-in = Anmelden
nav-console = Sicherheit
nav-overview = Übersicht
nav-inventory = Bestand
nav-subjects = Personen und Dienste
nav-recoveries = Wiederherstellungen
nav-alerts = Alarme
nav-containment = Eindämmung
nav-policy = Regeln
nav-log = Protokoll
nav-reviews = Prüfungen
nav-operators = Zuständige
nav-settings = Einstellungen
nav-desk = Support
nav-queue = Offene Fälle
nav-new-case = Neuer Fall
nav-burden = Kennzahlen
date = { $day }. { $month } { $year }
month-1 = Januar
month-2 = Februar
month-3 = März
month-4 = April
month-5 = Mai
month-6 = Juni
month-7 = Juli
month-8 = August
month-9 = September
month-10 = Oktober
month-11 = November
month-12 = Dezember
codes-count = { $n ->
    [one] 1 Code
   *[other] { $n } Codes
}
retry-after = { $n ->
    [one] Versuchen Sie es in einer Sekunde wieder.
   *[other] Versuchen Sie es in { $n } Sekunden wieder.
}
reasons = Die Regeln, die ablehnten
problem-code = Wenn Sie Hilfe brauchen, nennen Sie diesen Code:
go-home = Zur Startseite

## The first page
welcome-title = Wieder Zugang bekommen
welcome-lead = Wenn das Telefon verloren, die App gelöscht oder der Schlüssel defekt ist.
welcome-recover = Einen Wiederherstellungscode benutzen
welcome-recover-more = Sie haben ein Blatt mit Codes, oder jemand hat Ihnen einen geschickt.
welcome-self = Ihre Wiederherstellungscodes
welcome-self-more = Was Sie haben, ein neues Blatt, oder ein verlorenes melden.
welcome-console = Ich arbeite hier
welcome-console-more = Support und Sicherheitskonsole.

## Signing in
sign-in-title = Anmelden
sign-in-provider = Mit Ihrer Organisation anmelden
sign-in-key = API-Schlüssel
sign-in-key-hint = Die Administration macht Ihnen einen. Der erste eines neuen Servers liegt in dessen Datenverzeichnis, in der Datei admin-key.
sign-in-refused = Dieser Schlüssel ist nicht bekannt oder wurde widerrufen. Prüfen Sie, ob Sie ihn ganz kopiert haben.
signed-out = Sie sind abgemeldet.

## Refusals
problem-scope-missing = Das dürfen Sie nicht
problem-cross-site = Dieses Formular ist zu alt
problem-cross-site-do = Die Seite gehört zu einer anderen Anmeldung oder kam von woanders. Öffnen Sie sie noch einmal und senden Sie das Formular erneut.
problem-not-found = Diese Seite gibt es nicht
problem-not-found-do = Prüfen Sie die Adresse, oder gehen Sie zur Startseite.
problem-internal = Bei uns ist etwas schiefgegangen
problem-internal-do = Es wurde festgehalten. Versuchen Sie es gleich noch einmal.

## Passkeys
passkey-needs-script = Ein Passkey braucht JavaScript im Browser. Schalten Sie es für diese Seite ein, oder genehmigen Sie mit der Befehlszeile.
script-passkey-waiting = Folgen Sie Ihrem Browser: Er fragt nach Ihrem Passkey.
script-passkey-cancelled = Es wurde nichts unterschrieben. Drücken Sie noch einmal, wenn Sie so weit sind.
script-passkey-already = Dieses Gerät hat hier schon einen Passkey.
script-passkey-unsupported = Dieser Browser kann keine Passkeys. Nehmen Sie einen anderen.
script-passkey-site = Passkeys gelten nicht für diese Adresse. Öffnen Sie die Seite unter dem Namen, den Sie von der Verwaltung haben.
script-passkey-offline = Der Server war nicht zu erreichen. Versuchen Sie es noch einmal.
script-passkey-failed = Es wurde nicht angenommen: %title% (%code%)
