## Die offenen Fälle
nav-passkeys = Meine Passkeys
desk-waits-for-you = { $n ->
    [one] Ein Fall wartet auf Ihre Genehmigung.
   *[other] { $n } Fälle warten auf Ihre Genehmigung.
}
desk-show-open = Offene Fälle
desk-show-closed = Abgeschlossene Fälle
desk-queue-empty = Kein Fall ist offen.
desk-queue-none-closed = Noch kein Fall wurde abgeschlossen.
desk-queue-caption = Fälle, und worauf jeder wartet
desk-column-waits = Wartet auf
desk-column-who = Wer das geben kann
desk-column-age = Wie lange schon
desk-column-agent = Eröffnet von
desk-wants-you = Sie können genehmigen
desk-mine = Ihrer
desk-age-now = weniger als eine Minute
desk-age-minutes = { $n ->
    [one] 1 Minute
   *[other] { $n } Minuten
}
desk-age-hours = { $n ->
    [one] 1 Stunde
   *[other] { $n } Stunden
}
desk-age-days = { $n ->
    [one] 1 Tag
   *[other] { $n } Tage
}
word-desk-waits-proofing = Den Identitätsnachweis
word-desk-waits-second = Eine zweite Prüfung
word-desk-waits-approvals = Eine Genehmigung
word-desk-waits-release = Den Versand eines Codes
word-desk-waits-use = Die Person, die den Code benutzt
word-desk-waits-reenrolment = Die Person, die sich neu einrichtet
word-desk-waits-closed = Nichts
word-desk-gives-proofing = Jeder im Support
word-desk-gives-second = Jeder im Support
word-desk-gives-approvals = Wer genehmigen darf und nicht beteiligt ist
word-desk-gives-release = Jeder im Support
word-desk-gives-use = Die Person
word-desk-gives-reenrolment = Die Person
word-desk-gives-closed = Niemand

## Einen Fall eröffnen
desk-new-lead = Für jemanden, der nicht mehr hineinkommt und keinen Code hat, der geht.
desk-hint = Fragen Sie zuerst
desk-hint-passkey = Gibt es einen zweiten Passkey oder einen Sicherheitsschlüssel? Damit geht es ohne Fall, und niemand kann dazu überredet werden, ihn herzugeben.
desk-hint-codes = Gibt es ein Blatt mit Wiederherstellungscodes? Einer davon und das Passwort reichen den meisten, auf /recover.
desk-new-subject = Wer kommt nicht hinein?
desk-new-subject-hint = Der Name in Ihren Systemen, wie er registriert wurde.
desk-new-cause = Was sagt die Person?
desk-new-requester = Wer bittet darum, wenn es jemand anderes ist?
desk-new-requester-hint = Eine registrierte Person. Nötig für einen Dienst, einen KI-Agenten und einen Notfall.
desk-new-reference = Ticket (wenn es eines gibt)
desk-reference-hint = Die Nummer Ihrer eigenen Aufzeichnung: Buchstaben, Ziffern und ._/#:- ohne Leerzeichen. Nie ein Code.
desk-new-open = Fall eröffnen
desk-nobody = Diese Anmeldung gehört niemandem persönlich, und an einem Fall arbeiten Menschen mit Namen. Melden Sie sich als Sie selbst an; Schlüssel und Aufgaben vergibt die Administration.
word-desk-says-phone-lost = Mein Telefon ist verloren, gestohlen oder defekt
word-desk-says-authenticator-deleted = Ich habe die App gelöscht
word-desk-says-device-migrated = Ich habe ein neues Gerät, und die App kam nicht mit
word-desk-says-codes-lost = Ich habe meine Wiederherstellungscodes verloren
word-desk-says-emergency = Es ist ein Notfall, und nichts anderes geht
word-desk-says-unstated = Etwas anderes
word-desk-cause-phone-lost = Telefon verloren, gestohlen oder defekt
word-desk-cause-authenticator-deleted = App gelöscht
word-desk-cause-device-migrated = Neues Gerät
word-desk-cause-codes-lost = Codes verloren
word-desk-cause-emergency = Notfall
word-desk-cause-unstated = Nicht gesagt

## Ein Fall
desk-case = Fall: { $subject }
desk-back = Alle Fälle
desk-dual-control = Zwei Genehmigungen
desk-fact-subject = Wer
desk-fact-cause = Warum
desk-fact-opened = Eröffnet
desk-fact-requester = Erbeten von
desk-fact-reference = Ticket
desk-fact-until = Zeit
desk-fact-places = Wohin Codes gehen können
desk-by-subject = Die Person
desk-time-left = noch %time%
desk-time-over = Die Zeit ist um
desk-choose = Wählen Sie
desk-yourself = In diesem Fall geht es um Sie. Jemand anderes bearbeitet ihn.
desk-time-is-up = Die Zeit war um, bevor genug da war. Eröffnen Sie einen neuen Fall.
word-desk-state-open = Offen
word-desk-state-window = Wird neu eingerichtet
word-desk-state-completed = Abgeschlossen
word-desk-state-lapsed = Zeit war um
word-desk-state-refused = Abgelehnt
word-desk-state-cancelled = Abgebrochen
desk-stage-done = Erledigt
desk-stage-now = Jetzt
desk-stage-later = Später
desk-stage-not-asked = Nicht nötig
desk-stage-wrong = Beendet
desk-stage-ended = Nicht erreicht
word-desk-step-proofing = Identitätsnachweis
word-desk-step-second = Zweite Prüfung
word-desk-step-approvals = Genehmigung
word-desk-step-release = Code senden
word-desk-step-use = Die Person benutzt den Code
word-desk-step-reenrolment = Die Person richtet sich neu ein
word-desk-step-closed = Abgeschlossen
word-desk-told-opened = Der Fall ist eröffnet.
word-desk-told-proofing = Der Identitätsnachweis ist festgehalten.
word-desk-told-second = Die zweite Prüfung ist festgehalten.
word-desk-told-sent = Der Code ist unterwegs. Niemand außer der Person sieht ihn.
word-desk-told-approved = Ihre Genehmigung zählt.
word-desk-told-declined = Sie haben abgelehnt. Der Fall ist beendet.
word-desk-told-cancelled = Der Fall ist abgebrochen.

## Seine Schritte
desk-proofing-missing = Es fehlt: ein neuer Identitätsnachweis, mindestens auf { $level }. Jeder im Support kann ihn aufnehmen, nur nicht die Person selbst.
desk-proofing-biometric = Es fehlt: Gesicht oder Fingerabdruck, verglichen mit dem, was hinterlegt ist. Jeder im Support kann das tun.
desk-proofing-never = Die Identität dieser Person wurde nie nachgewiesen; es gibt nichts zu wiederholen.
desk-proofing-below = { $item } — unter der Stufe, die zählt
desk-proofing-level = Erreichte Stufe
desk-proofing-checks = Was haben Sie geprüft?
desk-proofing-save = Nachweis festhalten
desk-record = Wo liegt Ihre Aufzeichnung davon?
desk-second-missing = Es fehlt: die Identität noch einmal geprüft, auf einem anderen Weg als zuvor. Jeder im Support kann das tun.
desk-second-check = Wie haben Sie diesmal geprüft?
desk-second-save = Zweite Prüfung festhalten
desk-approved = Genehmigt von { $who } · { $at }
desk-approved-before = Genehmigt von { $who } · { $at } — zählt nicht: der Fall hat sich seither geändert, oder die Person darf nicht mehr genehmigen
desk-declined = Abgelehnt von { $who } · { $at }
desk-approvals-missing = Gegebene Genehmigungen: { $given } von { $needed }.
desk-approvals-who = Wer genehmigen kann: wer dazu bestellt ist und am Fall keinen Anteil hat. Nicht die Person, nicht wer darum bat, niemand aus dem Support, der daran gearbeitet hat.
desk-approvals-no-passkey = Diese könnten es, wenn sie einen Passkey hätten: { $who }. Die Administration gibt ihnen einen Link dafür.
desk-look-again = Noch einmal nachsehen
desk-contained = Die Wiederherstellung ist für alle abgeschaltet: Kein Fall geht weiter und kein Code gilt, bis zwei Personen das aufheben.
desk-approvals-names = Diese können es: { $who }
desk-sent = Gesendet: { $way } · { $at } · gültig bis { $until }
desk-sent-not = Nicht zugestellt: { $way } · { $at } · war gültig bis { $until }
desk-codes-disabled = Es kamen zu viele falsche Codes. In diesem Fall wird keiner mehr gesendet. Eröffnen Sie einen neuen.
desk-release-may = Alles ist da. Ein Code darf gesendet werden. Jeder im Support kann das tun.
desk-release-not-yet = Nicht bevor die Schritte darüber erledigt sind.
desk-release-to = Wohin soll der Code gehen?
desk-release-unseen = Sie sehen den Code nicht, und niemand soll ihn Ihnen vorlesen. Schreiben Sie nie einen in ein Ticket.
desk-release-now = Code senden
desk-release-again = Noch einen Code senden
desk-no-way = Es gibt keine bestätigte Adresse, an die ein Code gehen könnte. Sie kann bestätigt werden; danach braucht es einen neuen Fall.
desk-no-delivery = Für diesen Weg ist kein Versand eingerichtet. Die Administration kann das tun.
desk-way-of-contact = Vertrauensperson „{ $label }“
desk-use-waiting = Die Person gibt den Code auf { $where } ein, bis { $until }.
desk-use-enough = Es war genug: { $at }
desk-window-until = Bis { $until } muss die Person das tun:
desk-window-over = Die Zeit war um, bevor die Person sich neu eingerichtet hatte. Die Wiederherstellung ruht, bis das aufgehoben wird.
word-desk-obligation-bind-authenticator = Einen neuen Faktor einrichten
word-desk-obligation-replace-codes = Neue Wiederherstellungscodes nehmen
word-desk-way-email = E-Mail
word-desk-way-sms = SMS
word-desk-way-voice = Anruf
word-desk-way-postal = Brief
word-desk-way-push = Push-Nachricht
word-desk-way-contact = Vertrauensperson
word-desk-check-document = Ausweis
word-desk-check-biometric = Gesicht oder Fingerabdruck
word-desk-check-call-back = Rückruf
word-desk-check-video = Videogespräch
word-desk-check-in-person = Persönlich
word-desk-check-manager = Vorgesetzte
word-desk-check-how-document = Sie haben ihn gesehen und geprüft. Behalten Sie kein Bild davon.
word-desk-check-how-biometric = Sie haben mit dem verglichen, was hinterlegt ist.
word-desk-check-how-call-back = Sie haben eine Nummer angerufen, die vor dem Fall hinterlegt war, und nicht die des Telefons, das weg ist.
word-desk-check-how-video = Sie haben per Video gesprochen.
word-desk-check-how-in-person = Sie haben sich getroffen.
word-desk-check-how-manager = Die hinterlegten Vorgesetzten haben sich verbürgt, auf einem hinterlegten Weg.
word-desk-method-password = Passwort
word-desk-method-authenticator = ein anderer Faktor
word-desk-method-proofing = Identitätsnachweis
word-desk-method-biometric-proofing = Identitätsnachweis mit Biometrie
word-desk-method-saved-code = ein aufbewahrter Wiederherstellungscode
word-desk-method-issued-code = ein Code per SMS, Anruf oder Brief
word-desk-method-mailed-code = ein Code per E-Mail
word-desk-method-recovery-contact = ein Code über eine Vertrauensperson
word-desk-method-break-glass-code = ein Notfallcode
word-desk-method-second-verification = zweite Prüfung
word-desk-method-approval = eine Genehmigung
word-desk-method-second-approval = eine zweite Genehmigung
desk-alternatives = Was würde reichen?
desk-alternatives-more = Die geltenden Regeln sagen: Zu dem, was schon da ist, lässt alles aus einer dieser Zeilen die Person hinein.
desk-alternatives-release = Und ehe ein Code geschickt werden darf, alles aus einer von diesen:

## Unterschreiben
desk-sign = Was Sie unterschreiben
desk-sign-early = Noch ist nicht alles geprüft. Hält jemand aus dem Support mehr fest, ist es ein anderer Fall und braucht Ihre Genehmigung erneut.
desk-sign-digest = Prüfsumme
desk-signed-places = { $addresses ->
    [one] 1 bestätigte Adresse
   *[other] { $addresses } bestätigte Adressen
}, { $contacts ->
    [one] 1 Vertrauensperson
   *[other] { $contacts } Vertrauenspersonen
}, wie es bei der Eröffnung war
desk-approve = Mit Passkey genehmigen
desk-decline = Ablehnen
desk-decline-reason = Warum lehnen Sie ab?
desk-decline-now = Mit Passkey ablehnen
desk-stake-subject = Sie können nicht genehmigen: es geht um Sie.
desk-stake-owner = Sie können nicht genehmigen: dieses Konto gehört Ihnen.
desk-stake-requester = Sie können nicht genehmigen: Sie haben darum gebeten.
desk-stake-opener = Sie können nicht genehmigen: Sie haben den Fall eröffnet oder daran gearbeitet.
desk-stake-approver = Sie haben genehmigt. Ist noch eine Genehmigung nötig, gibt sie jemand anderes.
desk-not-approver = Sie können nicht genehmigen: Sie sind nicht dazu bestellt. Das tut die Administration.
desk-no-passkey = Sie haben keinen Passkey zum Unterschreiben. Bitten Sie die Administration um einen Link.
desk-cancel = Fall abbrechen
desk-cancel-reason = Warum?
desk-cancel-now = Fall abbrechen
word-desk-end-no-need = Nicht mehr nötig
word-desk-end-not-verified = Die Person konnte nicht bestätigt werden
word-desk-end-suspicious = Es sieht nach jemand anderem aus
word-desk-end-mistake = Aus Versehen eröffnet
desk-timeline = Was geschah
word-desk-happened-recovery-opened = Eröffnet
word-desk-happened-recovery-evidence-added = Nachweis festgehalten
word-desk-happened-recovery-code-sent = Ein Code wurde gesendet
word-desk-happened-recovery-code-undelivered = Der Code ging nicht hinaus
word-desk-happened-recovery-codes-disabled = Zu viele falsche Codes
word-desk-happened-recovery-approved = Genehmigt
word-desk-happened-recovery-declined = Abgelehnt
word-desk-happened-recovery-satisfied = Es war genug da
word-desk-happened-recovery-obligation-met = Eine Pflicht ist erfüllt
word-desk-happened-recovery-completed = Abgeschlossen
word-desk-happened-recovery-lapsed = Zeit war um
word-desk-happened-recovery-cancelled = Abgebrochen
word-desk-happened-recovery-review-due = Eine Prüfung steht an
word-desk-happened-recovery-reviewed = Geprüft
word-desk-happened-recovery-request-refused = Etwas wurde abgelehnt
word-desk-happened-code-refused = Ein falscher Code kam
word-desk-happened-code-accepted = Ein aufbewahrter Code wurde angenommen
word-desk-happened-sent-code-accepted = Der Code wurde angenommen

## Ablehnungen
desk-refused = Das wurde nicht getan
desk-refused-other = Der Server hat abgelehnt. Was er sagte, steht unten.
desk-refused-field-name = Der Name fehlt oder ist länger als 256 Zeichen.
desk-refused-field-cause = Wählen Sie, was die Person sagt.
desk-refused-field-agent = Für diese Art von Konto gibt es keine Fälle: niemand hat eine Risikoanalyse der Wiederherstellung durch den Support hinterlegt. Die Administration tut das in der Konfiguration.
desk-refused-field-subject = Zwei Fälle dieser Person sind schon offen. Arbeiten Sie an einem davon, oder lassen Sie ihn abbrechen.
desk-refused-field-requester = Sagen Sie, wer darum bittet, und nennen Sie ein Ticket: ein Dienst, ein KI-Agent und ein Notfall brauchen beides. Die Person muss registriert sein, und eine andere.
desk-refused-field-check = Das wurde schon geprüft. Prüfen Sie auf einem anderen Weg.
desk-refused-field-checks = Wählen Sie mindestens etwas, das Sie geprüft haben, und nicht, was die zweite Prüfung war.
desk-refused-field-level = Wählen Sie eine Stufe.
desk-refused-field-reference = Das liest sich wie ein Wiederherstellungscode. Ein Code gehört nirgendwohin als dort, wo die Person ihn benutzt. Nennen Sie Ihr Ticket, und sagen Sie der Person, dass dieser Code gesehen wurde.
desk-refused-field-reference-form = Eine Referenz hat 1 bis 64 Buchstaben, Ziffern und ._/#:- ohne Leerzeichen.
desk-refused-field-channel = Die Person hat dort keine bestätigte Adresse, oder sie hat sich seit der Eröffnung geändert.
desk-refused-field-contact = Diese Vertrauensperson war bei der Eröffnung nicht bestätigt.
desk-refused-field-to = Wählen Sie, wohin der Code gehen soll.
desk-refused-field-recovery = Dieser Fall hatte alle Codes oder Aufzeichnungen, die ein Fall fasst. Eröffnen Sie einen neuen.
desk-refused-field-reason = Wählen Sie einen Grund.
desk-refused-field-assertion = Eine Genehmigung braucht Ihren Passkey, und der braucht JavaScript. Schalten Sie es für diese Seite ein.
desk-refused-subject-unknown = Niemand dieses Namens ist registriert. Prüfen Sie die Schreibweise.
desk-refused-subject-suspended = Die Wiederherstellung ruht: das Konto ist gesperrt, unter Verdacht, oder eine Wiederherstellung wurde nicht beendet. Wer den Grund behoben hat, meldet das zuerst.
desk-refused-subject-departed = Diese Person ist gegangen.
desk-refused-contained = Die Wiederherstellung ist abgeschaltet. Zwei Menschen heben das in der Konsole auf.
desk-refused-operator-unknown = Das dürfen Sie hier nicht: Sie sind nicht bestellt, oder es geht um Sie, oder es ist der Fall eines anderen KI-Agenten. Bestellt wird von der Administration.
desk-refused-not-appointed = Diese Anmeldung gehört niemandem persönlich. Melden Sie sich als Sie selbst an.
desk-refused-not-your-name = Das ist jemand anderem zugeordnet. Fragen Sie, wer den Fall eröffnet hat.
desk-refused-not-a-case = Das hat die Person selbst eröffnet. Es wird nicht hier bearbeitet; eröffnen Sie einen eigenen Fall.
desk-refused-not-allowed = Die Regeln erlauben es noch nicht, oder nicht Ihnen. Die Schritte zeigen, was fehlt und wer es geben kann.
desk-refused-recovery-state = Jemand war schneller: der Fall hat sich geändert, seit Sie hinsahen. Sehen Sie ihn noch einmal an.
desk-refused-passkey-refused = Die Unterschrift wurde nicht angenommen. Vielleicht hat sich der Fall geändert, seit die Seite offen ist. Sehen Sie ihn noch einmal an und unterschreiben Sie, was er jetzt sagt.
desk-refused-throttled = In dieser Stunde wurden zu viele Fälle eröffnet.
desk-refused-send-limit-reached = An diese Person wurden zu viele Codes gesendet.
desk-refused-sent-codes-disabled = Es kamen zu viele falsche Codes. Eröffnen Sie einen neuen Fall.
desk-refused-channel-not-configured = Für diesen Weg ist kein Versand eingerichtet. Wählen Sie einen anderen.
desk-refused-contact-unknown = Diese Vertrauensperson gibt es nicht mehr.
desk-refused-idempotency-key-reused = Dieses Formular wurde schon mit anderem Inhalt gesendet. Öffnen Sie die Seite noch einmal.

## Kennzahlen
desk-burden-lead = Was es Menschen kostet, wieder hineinzukommen, und wo sie warten.
desk-burden-days = { $n ->
    [one] 1 Tag
   *[other] { $n } Tage
}
desk-burden-opened = Eröffnete Wiederherstellungen
desk-burden-cases = Davon Fälle des Supports
desk-burden-waiting = Warten jetzt
desk-burden-median = Dauer, bis die Hälfte zurück ist
desk-figure-what = Was
desk-figure-cases = Wie viele
desk-figure-time = Wie lange
desk-figure-restore = Zeit, bis Menschen zurück sind
desk-figure-waiting = Zeit, die offene schon warten
desk-figure-causes = Warum Menschen nicht hineinkamen
desk-figure-outcomes = Wie es ausging
desk-figure-median = Die Hälfte
desk-figure-p90 = Neun von zehn
desk-figure-longest = Am längsten
desk-figure-none = Nichts in dieser Zeit.

## Passkeys und Bedienstete
desk-passkeys-lead = Damit unterschreiben Sie Genehmigungen. Sie bleiben auf Ihren Geräten.
desk-passkeys-duties = Ihre Aufgaben: { $duties }
desk-passkeys-none = Sie haben noch keinen.
desk-passkeys-id = Passkey
desk-passkeys-kind = Art
desk-passkeys-more = Für einen neuen bitten Sie die Administration um einen Link. Er gilt einmal und 15 Minuten lang. Ist ein Gerät verloren, lassen Sie dessen Passkey wegnehmen.
word-desk-backup-device-bound = Bleibt auf einem Gerät
word-desk-backup-eligible = Könnte auf andere Geräte kopiert werden
word-desk-backup-backed-up = Auf andere Geräte kopiert
word-desk-duty-support = Support
word-desk-duty-approve = Genehmigen
word-desk-duty-audit = Prüfen
word-desk-duty-respond = Reagieren
word-desk-duty-administer = Administrieren
operators-title = Bedienstete
operators-lead = Wer im Support arbeitet, wer genehmigt und wer administriert, und die Passkeys, mit denen sie unterschreiben.
operators-caption = Bedienstete
operators-who = Wer
operators-duties = Aufgaben
operators-passkeys = Passkeys
operators-no-passkey = Noch keiner
operators-do = Was zu tun ist
operators-none = Noch ist niemand bestellt.
operators-appoint = Jemanden bestellen
operators-appoint-hint = Eine registrierte Person, mit ihrem Namen in Ihren Systemen. Genehmigen und Administrieren ist nur für Menschen.
operators-appoint-now = Bestellen
operators-change = Aufgaben von { $who } ändern
operators-change-now = Speichern
operators-change-hint = Keine Aufgabe heißt abberufen, sofort.
operators-link = Link für einen Passkey von { $who }
operators-remove = { $passkey } von { $who } wegnehmen
operators-link-title = Link für einen Passkey
operators-link-lead = Geben Sie diesen Link { $who } und niemandem sonst, auf einem Weg, auf dem Sie die Person kennen. Er wird einmal gezeigt, gilt einmal, und bis { $until }.
operators-link-copy = Link kopieren
operators-link-copied = Kopiert.
operators-link-not-copied = Er konnte nicht kopiert werden; er ist markiert.
operators-link-back = Zurück zu den Bediensteten
operators-done = Erledigt.
enrol-title = Ihren Passkey einrichten
enrol-lead = Damit unterschreiben Sie Genehmigungen. Nehmen Sie ein eigenes Gerät, das nur Sie entsperren.
enrol-button = Auf diesem Gerät einen Passkey einrichten
enrol-no-link = Hier ist kein Link. Öffnen Sie den, den Sie bekommen haben, ganz.
enrol-for = Für { $who }
enrol-done-title = Passkey eingerichtet
enrol-done = Ihr Passkey ist eingerichtet. Von jetzt an genehmigen Sie damit; dieser Link ist verbraucht.
enrol-next-more = Um etwas zu genehmigen, melden Sie sich beim Support an. Sonst können Sie diese Seite schließen.
enrol-next = Zum Support
enrol-refused = Dieser Link gilt nicht mehr. Bitten Sie die Administration um einen neuen.
enrol-script = Ein Passkey braucht JavaScript im Browser. Schalten Sie es für diese Seite ein.
