## Coming in
own-open-title = Ihre Wiederherstellungsseite öffnen
own-open-lead = Drücken Sie den Knopf, um weiterzugehen. Vorher geschieht nichts.
own-open-link = Der Link, den Sie bekommen haben
own-open-link-hint = Fügen Sie ihn hier ganz ein.
own-open-go = Weiter
own-open-once = Ein Link öffnet einmal, einige Minuten lang, in diesem Browser.
own-sign-in-title = Wer sind Sie?
own-sign-in-lead = Wählen Sie, was Sie haben.
own-sign-in-provider = Bei Ihrer Organisation anmelden
own-sign-in-provider-more = Sie können sich noch anmelden, und sei es nur mit dem Passwort.
own-sign-in-link = Einen Link öffnen
own-sign-in-link-more = Eine Anwendung oder die Hilfe hat Ihnen einen gegeben.
own-sign-in-code = Einen Wiederherstellungscode verwenden
own-sign-in-code-more = Sie können sich nicht anmelden und haben Ihr Blatt mit Codes.
own-sign-in-none = Sie haben nichts davon? Hilfe gibt es hier: { $contact }.

## What I have
own-home-title = Ihre Wiederherstellungscodes
own-home-window = Sie kommen gerade wieder hinein: Sehen Sie, was noch zu tun ist und wie viel Zeit Sie haben.
own-home-rests = Die Wiederherstellung ruht für Ihr Konto: Codes gelten jetzt nicht. Warum, und wie es weitergeht, erfahren Sie hier: { $contact }.
own-home-confirm = Noch hat niemand bestätigt, dass diese Codes gesichert sind. Ohne Bestätigung gelten sie ab { $day } nicht mehr.
own-home-confirm-do = Neue Codes anlegen und bestätigen
own-home-replace = Legen Sie bis { $day } neue Codes an: Einer wurde verwendet, oder etwas hat sich geändert.
own-home-soon = Diese Codes laufen am { $day } ab. Legen Sie vorher neue an.
own-home-left = Übrige Codes
own-home-left-of = { $n ->
    [0] Keiner von { $all }
   *[other] { $n } von { $all }
}
own-home-made = Angelegt
own-home-expires = Gelten bis
own-home-kept = Wo Sie sie nach Ihrer Angabe aufbewahren
own-home-none = Sie haben keine gültigen Wiederherstellungscodes.
own-home-ended = Die letzten, angelegt am { $day }: { $state }.
own-home-none-more = Wenn Sie jetzt Ihr Telefon verlieren, kann nur die Hilfe Sie wieder hineinlassen. Legen Sie Codes an, solange Sie sich anmelden können.
own-home-make = Wiederherstellungscodes anlegen
own-home-new = Diese Codes ersetzen
own-home-report = Verlust oder Diebstahl melden
own-home-not-me = Das war ich nicht
own-home-until = Diese Seite schließt um { $time }, oder früher, wenn Sie nichts tun.
own-days-ago = { $n ->
    [0] heute
    [one] gestern
   *[other] vor { $n } Tagen
}
own-passkey-title = Besser als Codes
own-passkey = Ein zweiter Passkey, auf einem anderen Gerät oder einem Sicherheitsschlüssel, bringt Sie ohne Codes wieder hinein, und niemand kann ihn Ihnen abluchsen. Wenn Ihre Organisation das anbietet, fügen Sie ihn dort hinzu, wo Sie sich anmelden.
word-own-kind-saved = Ihr Blatt mit Codes
word-own-kind-break-glass = Notfallcodes
word-own-state-offered = Nicht bestätigt
word-own-state-active = Gültig
word-own-state-exhausted = Alle verwendet
word-own-state-expired = Abgelaufen
word-own-state-revoked = Widerrufen
word-own-state-superseded = Durch neuere ersetzt
word-own-state-disabled = Nach zu vielen falschen Codes abgeschaltet
word-own-state-lapsed = Nie bestätigt und nicht mehr gültig
word-own-custody-password-manager = In einem Passwortmanager
word-own-custody-sealed-offline-copy = Auf Papier, versiegelt, an einem sicheren Ort
word-own-custody-secrets-manager = In einem Secrets-Manager
word-own-custody-hardware = Auf einem Sicherheitsschlüssel oder in einem Hardwaremodul
own-custody-none = Sie haben nichts angegeben
own-kept-still = Sind Ihre Codes noch dort, wo Sie sie nach Ihrer Angabe aufbewahren: { $place }?
own-kept-said = Das haben Sie am { $day } angegeben. Sie werden ab und zu gefragt, damit Sie die Codes finden, wenn Sie sie brauchen.
own-kept-where = Wo bewahren Sie diese Codes auf?
own-kept-there = Ja, noch dort
own-kept-elsewhere = Angeben, wo sie sind
own-kept-choose = Wo sind sie?
own-kept-note = Diesen Ort vermerken
own-kept-lost = Ich finde sie nicht
own-kept-noted = Danke. Es ist vermerkt, wo Sie Ihre Codes aufbewahren.

## Reporting
own-report-title = Was ist geschehen?
own-report-lead = Melden Sie es jetzt, auch wenn Sie nicht sicher sind. Neue Codes sind in einer Minute angelegt.
own-report-live = { $n ->
    [0] Sie haben jetzt keine gültigen Codes.
    [one] Sie haben jetzt ein gültiges Blatt mit Codes.
   *[other] Sie haben jetzt { $n } gültige Blätter mit Codes.
}
own-report-what = Wählen Sie eines
own-report-phone = Mein Telefon, Computer oder Sicherheitsschlüssel ist verloren oder gestohlen
own-report-phone-does = Alle Ihre Wiederherstellungscodes gelten sofort nicht mehr, und eine laufende Wiederherstellung endet.
own-report-phone-next = Entfernen Sie das verlorene Gerät dort, wo Sie sich anmelden. Legen Sie dann neue Codes an.
own-report-codes = Mein Blatt mit Codes ist verloren oder gestohlen
own-report-codes-does = Alle Ihre Wiederherstellungscodes gelten sofort nicht mehr. Sonst ändert sich nichts.
own-report-codes-next = Legen Sie neue Codes an. Wenn das alte Blatt auftaucht, vernichten Sie es: Es ist jetzt wertlos.
own-report-seen = Jemand anderes könnte meine Codes gesehen haben, oder ich fand sie anderswo, als ich sie ließ
own-report-seen-does = Alle Ihre Wiederherstellungscodes gelten sofort nicht mehr, und die Sicherheitsleute sehen, dass sie bekannt wurden.
own-report-seen-next = Legen Sie neue Codes an und bewahren Sie sie anderswo auf. Wenn Sie wissen, wer sie haben könnte, sagen Sie es der Hilfe.
own-report-not-me = Mir wurde etwas mitgeteilt, das ich nicht getan habe
own-report-not-me-does = Alle Ihre Wiederherstellungscodes gelten nicht mehr, jede Wiederherstellung Ihres Kontos endet, und die Sicherheitsleute erfahren davon.
own-report-not-me-next = Melden Sie sich an, prüfen Sie Ihre Geräte und Adressen, und ändern Sie Ihr Passwort, falls jemand es kennen könnte.
own-report-send = Melden
own-report-back = Zurück zu Ihren Wiederherstellungscodes
own-report-account = Anmelden können Sie sich wie bisher: Es geht nur um die Wiederherstellung.
own-reported-title = Danke, es ist erledigt
own-reported-ended = { $n ->
    [0] Es gab keine Codes mehr zu beenden.
    [one] Ein Blatt mit Codes wurde beendet.
   *[other] { $n } Blätter mit Codes wurden beendet.
}
own-reported-live = { $n ->
    [0] Keiner Ihrer Wiederherstellungscodes gilt mehr.
    [one] Ein Blatt mit Codes gilt noch.
   *[other] { $n } Blätter mit Codes gelten noch.
}
own-reported-help = Stimmt noch etwas nicht? Hilfe gibt es hier: { $contact }.

## Using a code
own-recover-title = Einen Wiederherstellungscode verwenden
own-recover-lead = Geben Sie einen Code von Ihrem Blatt ein, irgendeinen, der nicht verwendet ist, oder den, der Ihnen geschickt wurde.
own-recover-off = Auf dieser Seite werden keine Codes verwendet.
own-recover-off-do = Gehen Sie dorthin, wo Sie sich anmelden, und wählen Sie dort den Wiederherstellungscode. Wenn Sie es nicht finden, fragen Sie hier: { $contact }.
own-recover-ways = Die anderen Wege ansehen
own-recover-account = Ihr Kontoname
own-recover-account-hint = Der Name, mit dem Sie sich anmelden.
own-recover-account-wrong = Das kann kein Kontoname sein. Prüfen Sie ihn auf fremde Zeichen.
own-recover-code = Wiederherstellungscode
own-recover-code-hint = Vom Blatt beginnt er mit { $prefix }-; ein geschickter hat nur Ziffern. Groß und klein, Leerzeichen und Striche sind gleichgültig.
own-recover-typo = Im Code ist ein Tippfehler. Vergleichen Sie ihn Gruppe für Gruppe mit Ihrem Blatt. Es hat Sie nichts gekostet.
own-recover-refused = Das hat nicht geklappt
own-recover-refused-do = Prüfen Sie den Kontonamen, und nehmen Sie einen anderen Code von Ihrem neuesten Blatt, oder den neuesten, der Ihnen geschickt wurde. Alte Blätter und verwendete Codes gelten nicht. Wenn nichts geht, gibt es hier Hilfe: { $contact }.
own-recover-wait = Bitte warten Sie vor dem nächsten Versuch
own-recover-wait-why = Mehrere Versuche haben nicht geklappt. Ihre Codes bleiben gültig.
own-recover-first-title = Sie wissen Ihr Passwort?
own-recover-first = Melden Sie sich zuerst damit an, auch wenn Ihr Telefon weg ist: Die meisten Konten verlangen es neben dem Code. Geben Sie dann hier den Code ein.
own-recover-lost = Ist Ihr Blatt verloren oder gestohlen?
own-recover-known = Sie sind angemeldet als { $who }. Ihre Anmeldung zählt zusammen mit dem Code.
own-recover-go = Wieder hineinkommen
own-recover-no-code = Sie haben keinen Code?
own-recover-no-code-do = Hier hilft man Ihnen auf anderem Weg: { $contact }. Halten Sie bereit, womit Sie sich ausweisen können.
word-code-incomplete = Bisher %count% Zeichen.
word-code-complete = Der Code ist vollständig und ohne Tippfehler.
word-code-code-checksum = Da ist ein Tippfehler. Vergleichen Sie den Code mit Ihrem Blatt.
word-code-code-checksum-group = Da ist ein Tippfehler, wahrscheinlich in Gruppe %group%.
word-code-code-checksum-groups = Da ist ein Tippfehler, wahrscheinlich in Gruppe %first% oder %second%.
word-code-code-bad-symbol = Zeichen %position% kommt in keinem Code vor.
word-code-code-other-prefix = Dieser Code gehört zu einem anderen Dienst.
word-code-code-too-long = Das ist länger als ein Code.

## More is needed
own-more-title = Noch ein Schritt
own-more-right = Ihr Code ist richtig. Er wurde nicht verbraucht.
own-more-lead = Für Ihr Konto genügt ein Code nicht: Wer Ihr Blatt fände, könnte ihn verwenden. Wählen Sie eines davon.
own-more-and = und außerdem:
own-more-sign-in = Bei Ihrer Organisation anmelden
own-more-keep = Behalten Sie den Code. Sie brauchen ihn nach diesem Schritt noch einmal.
own-more-lost = Wurde etwas gestohlen?
own-more-lost-do = Mit diesem Code können Sie es sofort melden.
word-own-need-password = Ihre gewohnte Anmeldung
word-own-need-do-password = Melden Sie sich an, wo Sie es immer tun: Ihr Passwort genügt, ein Telefon oder Schlüssel, der noch geht, auch. Sie kommen dann hierher zurück und verwenden den Code noch einmal.
word-own-need-authenticator = Ein Gerät, das noch geht
word-own-need-do-authenticator = Melden Sie sich mit einem Telefon, einer App oder einem Sicherheitsschlüssel an, der noch geht. Sie kommen dann hierher zurück und verwenden den Code noch einmal.
word-own-need-proofing = Sich ausweisen
word-own-need-do-proofing = Hier prüft man Ihre Identität noch einmal: { $contact }. Halten Sie Personalausweis oder Reisepass bereit.
word-own-need-biometric-proofing = Sich ausweisen, mit Ihrem Gesicht
word-own-need-do-biometric-proofing = Hier prüft man Ihre Identität noch einmal und vergleicht Ihr Gesicht mit Ihrem Ausweis: { $contact }.
word-own-need-saved-code = Ein Code von Ihrem Blatt
word-own-need-do-saved-code = Verwenden Sie auf dieser Seite einen Code von Ihrem neuesten Blatt.
word-own-need-issued-code = Ein Code, der Ihnen geschickt wird
word-own-need-do-issued-code = Hier eröffnet man einen Fall und schickt einen Code an eine Nummer oder Adresse, die Sie früher angegeben haben: { $contact }.
word-own-need-mailed-code = Ein Code, der per E-Mail kommt
word-own-need-do-mailed-code = Hier eröffnet man einen Fall und schickt einen Code an die E-Mail-Adresse, die Sie früher angegeben haben: { $contact }.
word-own-need-recovery-contact = Ihre Vertrauensperson
word-own-need-do-recovery-contact = Hier schickt man der Person, die Sie benannt haben, einen Code: { $contact }. Bitten Sie diese Person darum.
word-own-need-break-glass-code = Ein Notfallcode
word-own-need-do-break-glass-code = Wer Ihre Notfallcodes verwahrt, kann nach Freigabe einen geben.
word-own-need-second-verification = Eine zweite Prüfung, wer Sie sind
word-own-need-do-second-verification = Eine zweite Person bei der Hilfe prüft es. Fragen Sie hier: { $contact }.
word-own-need-approval = Eine Freigabe
word-own-need-do-approval = Jemand, der freigeben darf, sieht sich Ihren Fall an. Lassen Sie ihn hier eröffnen: { $contact }.
word-own-need-second-approval = Eine zweite Freigabe
word-own-need-do-second-approval = Eine zweite Person gibt Ihren Fall frei. Fragen Sie hier: { $contact }.

## Getting back in
own-more-elsewhere = Nicht auf dieser Seite: Melden Sie sich dort mit Ihrem Passwort an, wo Sie es immer tun, wählen Sie dort „Wiederherstellungscode verwenden“ und geben Sie denselben Code ein. Wenn Sie das nicht finden, fragen Sie { $contact }.
own-more-type = Ich habe ihn: hier eingeben
own-sign-in-there = Dorthin, wo Sie sich anmelden
own-recovery-not-yet = Noch nicht: Von dort, wo Sie sich anmelden, kam noch nicht die Nachricht, dass Ihr neues Telefon oder Ihr neuer Schlüssel eingerichtet ist.
own-recovery-look-again = Ich habe es getan: noch einmal nachsehen
own-recovery-codes-after = Das kommt, nachdem Ihr neues Telefon oder Ihr neuer Schlüssel eingerichtet ist.
own-recovery-codes-sign-in = Melden Sie sich vorher einmal mit Ihrem neuen Telefon oder Schlüssel an: Ihr Konto verlangt das.
own-recovery-back = Sehen, was noch zu tun ist
own-recovery-title = { $n ->
    [one] Sie sind drin: eins ist noch zu tun
   *[other] Sie sind drin: zwei Dinge sind zu tun
}
own-recovery-left = Verbleibende Zeit
own-recovery-until = bis { $time }
own-recovery-said = Noch { $time }.
own-recovery-ran-out = Die Zeit ist um. Laden Sie die Seite neu; dann sehen Sie, was zu tun ist.
own-recovery-step-code = Einen Code verwenden
own-recovery-step-code-done = Erledigt. Dieser Code gilt nicht mehr.
own-recovery-step-done = Erledigt.
own-recovery-step-enrol = Das neue Telefon oder den neuen Schlüssel einrichten
own-recovery-enrol = Sie gehen dorthin, wo Sie sich anmelden, und fügen hinzu, womit Sie sich künftig anmelden. Dort weiß man, dass Sie von hier kommen.
own-recovery-enrol-go = Jetzt einrichten
own-recovery-enrol-ask = Fügen Sie es dort hinzu, wo Sie sich anmelden. Dabei hilft man Ihnen hier: { $contact }.
own-recovery-step-codes = Neue Wiederherstellungscodes nehmen
own-recovery-codes = Das alte Blatt ist danach wertlos. Halten Sie einen Drucker oder Ihren Passwortmanager bereit.
own-recovery-codes-go = Neue Codes anlegen
own-recovery-or-else = Wenn die Zeit abläuft, ehe alles getan ist, schließt die Wiederherstellung, damit niemand anderes sie nutzt. Öffnen muss sie dann wieder: { $contact }.
own-recovery-open = Es fehlt noch etwas, ehe Sie hineinkommen. Wenn Sie es jetzt haben, verwenden Sie Ihren Code noch einmal; sonst fragen Sie hier: { $contact }.
own-recovery-completed = Sie sind wieder drin
own-recovery-completed-more = Alles ist erledigt. Melden Sie sich an wie immer.
own-over-title = Diese Wiederherstellung ist vorbei
own-over-lead = Ihre Zeit ist abgelaufen, oder etwas hat sie beendet. Niemand kann sie mehr nutzen.
own-over-do = Verwenden Sie einen anderen Code, oder fragen Sie hier: { $contact }.
own-over-again = Einen Code verwenden

## This was not me
own-repudiate-title = Das war ich nicht
own-repudiate-lead = Alle Ihre Wiederherstellungscodes gelten sofort nicht mehr, und jede laufende Wiederherstellung Ihres Kontos endet. Anmelden können Sie sich wie bisher, und neue Codes anlegen auch.
own-repudiate-nothing = Wenn Sie es doch selbst waren, schließen Sie diese Seite: Nichts hat sich geändert.
own-repudiate-link = Der Link aus der Nachricht
own-repudiate-link-hint = Fügen Sie ihn hier ein, wenn dieses Feld leer ist.
own-repudiate-go = Das war ich nicht: meine Wiederherstellungscodes widerrufen
own-repudiated-title = Ihre Wiederherstellungscodes sind widerrufen
own-repudiated-lead = Keiner Ihrer Wiederherstellungscodes gilt mehr, und keine Wiederherstellung Ihres Kontos läuft. Wer diesen Dienst betreut, wurde benachrichtigt.
own-repudiated-next = Melden Sie sich an, prüfen Sie Ihre Geräte und Ihre Adressen, und legen Sie neue Wiederherstellungscodes an. Wenn Sie sich nicht anmelden können, fragen Sie hier: { $contact }.
own-repudiate-refused = Dieser Link gilt nicht
own-repudiate-refused-do = Er ist nicht vollständig, oder seine Zeit ist um. Nichts hat sich geändert. Nehmen Sie den Link aus der neuesten Nachricht, oder fragen Sie hier: { $contact }.
own-repudiate-busy = Bitte versuchen Sie es noch einmal
own-repudiate-busy-do = Es ging gerade nicht, und wir können nicht sagen, ob sich etwas geändert hat. Versuchen Sie es gleich noch einmal: Zweimal schadet nicht.

## Refusals
problem-link-refused = Dieser Link gilt nicht mehr
problem-link-refused-do = Er wurde verwendet, oder seine Zeit ist um. Nichts hat sich geändert. Bitten Sie dort um einen neuen, wo Sie ihn bekommen haben.
problem-contained = Die Wiederherstellung ist vorerst abgeschaltet
problem-contained-do = Die Sicherheitsleute haben sie für Ihr Konto abgeschaltet. Fragen Sie die Hilfe, wie lange.
problem-sign-in-refused = Die Anmeldung hat nicht geklappt
problem-sign-in-refused-do = Beginnen Sie noch einmal. Wenn es wieder geschieht, fragen Sie die Hilfe.
problem-not-configured = Das wird hier nicht angeboten
