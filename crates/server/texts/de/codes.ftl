## Wie es um die Blätter steht
codes-title = Ihre Codeblätter
codes-none = Sie haben keine Wiederherstellungscodes. Mit einem Blatt davon kommen Sie wieder hinein, wenn Telefon oder Schlüssel weg ist.
codes-confirmed = Fertig. Ihre neuen Codes gelten jetzt. Haben Sie noch ein älteres Blatt, vernichten Sie es: Seine Codes sind wertlos.
codes-ended-meanwhile = Dieses Blatt lässt sich nicht mehr bestätigen: Seine Zeit war um, oder ein neueres hat es ersetzt.
codes-set = Blatt { $set }
codes-left = Noch { $n } von { $of ->
    [one] 1 Code
   *[other] { $of } Codes
}
codes-unconfirmed = Diese Codes gelten noch nicht: Sie haben nicht bestätigt, dass Sie sie haben.
codes-unconfirmed-more = Bestätigen Sie es bis { $at }. Danach ist dieses Blatt wertlos, und Sie erstellen ein neues. Bis dahin gilt ein älteres Blatt von Ihnen weiter.
codes-replace-by = Ein Code wurde benutzt. Erstellen Sie bis { $day } ein neues Blatt.
codes-made = Erstellt
codes-expire = Gilt bis
codes-kept = Wo Sie es aufbewahren
codes-kept-unsaid = Nicht angegeben
codes-unsaved = Nicht gesichert? Niemand kann die Codes noch einmal zeigen. Erstellen Sie ein neues Blatt; dieses endet damit.
codes-replace = Neues Blatt erstellen
codes-before = Frühere Blätter
codes-before-caption = Die letzten Blätter, die nicht mehr gelten. Finden Sie eines, vernichten Sie es.
codes-sheet = Blatt
codes-became = Was daraus wurde
word-codes-state-offered = Nicht bestätigt
word-codes-state-active = Gilt
word-codes-state-exhausted = Alle Codes benutzt
word-codes-state-expired = Abgelaufen
word-codes-state-revoked = Widerrufen
word-codes-state-superseded = Ersetzt
word-codes-state-disabled = Nach falschen Codes gesperrt
word-codes-state-lapsed = Nie bestätigt
codes-to-list = Ihre Blätter ansehen
codes-to-new = Neues Blatt erstellen

## Bevor ein Satz entsteht
codes-new-title = Neues Blatt mit Codes erstellen
codes-new-lead = Sie bekommen { $n ->
    [one] einen Code. Er bringt
   *[other] { $n } Codes. Jeder davon bringt
} Sie einmal wieder hinein, wenn Ihre gewohnte Anmeldung weg ist.
codes-new-after-recovery = Sie kommen gerade wieder hinein. Das neue Blatt ersetzt jedes alte.
codes-new-old-offered = Blatt { $set } vom { $at } wurde nie bestätigt. Es endet, wenn Sie das neue erstellen.
codes-new-old-stays = Blatt { $set } vom { $at } gilt weiter, bis Sie das neue bestätigt haben. Dann ist es wertlos, und Sie vernichten es.
codes-new-old-ends = Blatt { $set } vom { $at } gilt nicht mehr, sobald Sie das neue erstellen.
codes-new-what = Was geschehen wird
codes-step-place = Sie sagen, wo Sie sie aufbewahren
codes-step-place-more = Bevor Sie unten auf die Taste drücken, entsteht nichts.
codes-step-save = Sie sehen die Codes, ein einziges Mal
codes-step-save-more = Drucken, kopieren oder speichern Sie sie gleich dann. Niemand kann sie noch einmal zeigen, auch wir nicht.
codes-step-confirm = Sie tippen eine Gruppe eines Codes
codes-step-confirm-more = Vom Papier oder von dort, wo Sie sie gesichert haben. Erst dann gelten die Codes. Ist das bis { $at } nicht geschehen, ist das neue Blatt wertlos.
codes-expire-then = Die Codes gelten bis { $day }, benutzt oder nicht.
codes-place = Wo werden Sie sie aufbewahren?
codes-place-hint = Wählen Sie einen Ort, an den Sie auch kommen, wenn Ihr Telefon weg ist. Er wird notiert, damit man Sie erinnern kann.
codes-place-missing = Wählen Sie einen dieser Orte.
codes-place-sealed-offline-copy = Auf Papier, weggelegt
codes-place-sealed-offline-copy-hint = Im Tresor oder in einer verschlossenen Schublade, im Umschlag, nicht neben dem Rechner.
codes-place-sealed-offline-copy-how = Drucken Sie es jetzt, oder schreiben Sie die Codes von Hand ab. Dann legen Sie das Papier weg.
codes-place-password-manager = In einer Passwortverwaltung
codes-place-password-manager-hint = In einer, die Sie ohne die Anmeldung öffnen, für die diese Codes sind.
codes-place-password-manager-how = Kopieren Sie die Codes in einen eigenen Eintrag. Leeren Sie dann die Zwischenablage, indem Sie etwas anderes kopieren.
codes-place-hardware = Auf einem Hardware-Token
codes-place-hardware-hint = Auf einem verschlüsselten Stick oder einem Token, der Geheimnisse speichert.
codes-place-hardware-how = Speichern Sie die Datei direkt auf dem Token und nirgends sonst.
codes-place-secrets-manager = In einem Geheimnisspeicher
codes-place-secrets-manager-hint = In dem Ihrer Organisation, an einer Stelle, die Ihnen gehört.
codes-place-secrets-manager-how = Kopieren Sie die Codes in ein eigenes Geheimnis. Leeren Sie dann die Zwischenablage, indem Sie etwas anderes kopieren.
codes-not-here = Nicht dort
codes-not-mail = Nicht in einer E-Mail, einem Ticket oder einem Chat: Andere lesen mit, und es bleibt dort.
codes-not-share = Nicht auf einem gemeinsamen Laufwerk und nicht in einem Code-Repository.
codes-not-picture = Nicht als Bildschirmfoto oder Foto: Ihre Bilder werden an Orte kopiert, die Sie nicht sehen.
codes-not-browser = Nicht im Browser eines Geräts, das andere benutzen.
codes-make = { $n ->
    [one] Meinen Code zeigen
   *[other] Meine { $n } Codes zeigen
}
codes-not-now = Jetzt nicht
codes-make-alone = Drücken Sie erst, wenn Ihnen niemand über die Schulter sieht und Sie drucken oder speichern können.

## Das Blatt
codes-reveal-title = Ihre Wiederherstellungscodes
codes-reveal-lead = Sie sehen sie nur dieses eine Mal. Sichern Sie sie jetzt; niemand kann sie noch einmal zeigen.
codes-sheet-mark = Blatt { $set }, erstellt am { $day }
codes-sheet-title = Wiederherstellungscodes, Blatt { $set }
codes-list = Codes
codes-use-once = Jeder Code gilt einmal. Streichen Sie ihn durch, wenn Sie ihn benutzt haben, und erstellen Sie bald ein neues Blatt.
codes-use-where = Benutzen Sie einen Code nur auf den Anmeldeseiten Ihrer Organisation. Niemand, der Sie anruft oder Ihnen schreibt, braucht einen, auch nicht der Helpdesk.
codes-expires-on = Die Codes gelten bis { $day }.
codes-lost = Ist das Blatt verloren, oder hat es jemand gesehen? Melden Sie es sofort, und erstellen Sie ein neues.
codes-save = Sichern Sie sie jetzt
codes-save-there = Sie sagten: { $place }.
codes-pdf-a4 = Blatt als PDF, A4
codes-pdf-letter = Blatt als PDF, Letter
codes-text = Textdatei
codes-print = Diese Seite drucken
codes-copy = Alle Codes kopieren
codes-copied = Kopiert. Fügen Sie sie dort ein, wo Sie sie aufbewahren, und kopieren Sie dann etwas anderes.
codes-not-copied = Der Browser hat es nicht erlaubt. Die Codes sind markiert: Drücken Sie Strg+C.
codes-save-not = Eine heruntergeladene Datei bleibt bei Ihren Downloads: Löschen Sie sie, wenn Sie gedruckt haben. Schreiben Sie die Codes nie in eine E-Mail, einen Chat, ein Ticket, auf ein gemeinsames Laufwerk oder auf ein Foto.
codes-saved = Ich habe sie gesichert
codes-active-now = Diese Codes gelten jetzt.
codes-old-ended = Ihr früheres Blatt ist wertlos: Vernichten Sie es.
codes-leave-title = Wenn Sie gehen, ohne zu bestätigen
codes-leave = Die Seite kann nicht noch einmal gezeigt werden. Was Sie gesichert haben, können Sie bis { $at } mit einem beliebigen Code davon bestätigen; danach ist dieses Blatt wertlos.
codes-leave-old = Bis Sie bestätigen, gilt Ihr früheres Blatt weiter.
codes-leave-none = Bis Sie bestätigen, haben Sie keine Codes, die gelten.

## Bestätigen
codes-confirm-title = Zeigen Sie, dass Sie sie haben
codes-confirm-why = Sehen Sie auf das, was Sie gedruckt oder gesichert haben, nicht auf diese Seite, und tippen Sie die letzte Gruppe von Code { $n }. Er wird dadurch nicht verbraucht.
codes-confirm-underlined = In jedem Code oben ist das die Gruppe, die unterstrichen ist.
codes-check-title = Um sicher zu sein: Prüfen Sie, was Sie haben
codes-check = Prüfen
codes-confirm-label = Letzte Gruppe von Code { $n }
codes-confirm-hint = Die Zeichen hinter dem letzten Strich von Code { $n }.
codes-confirm-typo = Das ist nicht die letzte Gruppe von Code { $n }. Prüfen Sie Zeichen für Zeichen. Es wurde kein Versuch gezählt.
codes-confirm = Bestätigen
codes-confirm-from-paper = Sehen Sie auf Ihr Blatt { $set }, und tippen Sie die letzte Gruppe von Code { $n }.
codes-confirm-whole = Tippen Sie einen ganzen Code von Blatt { $set }.
codes-confirm-whole-label = Ein Code dieses Blatts, um es zu bestätigen
codes-confirm-whole-hint = Irgendeiner davon, wie er auf dem Papier steht. Er wird dadurch nicht verbraucht.
codes-confirm-whole-typo = Das ist nicht ganz ein Code: Da ist ein Tippfehler. Es wurde kein Versuch gezählt.
codes-confirm-other = Das ist ein Code, aber keiner dieses Blatts. Ist es ein älteres Blatt? Zu viele falsche Codes sperren alle für eine Weile.
codes-confirm-throttled = Es waren zu viele falsche Codes. Versuchen Sie es um { $at } wieder.
codes-typing-incomplete = Bisher { $count } Zeichen.
codes-typing-complete = Der Code ist richtig geschrieben.
codes-typing-checksum = Da ist ein Tippfehler. Prüfen Sie Zeichen für Zeichen.
codes-typing-group = Sehen Sie auf Gruppe { $group }: Da ist ein Tippfehler.
codes-typing-groups = Sehen Sie auf die Gruppen { $first } und { $second }: Da ist ein Tippfehler.
codes-typing-symbol = Zeichen { $position } kommt in Codes nicht vor.
codes-typing-prefix = Das ist ein Code von jemand anderem, nicht von diesem Dienst.
codes-typing-long = Das ist länger als ein Code.

## Schon gezeigt, oder zu spät
codes-shown-title = Diese Codes wurden schon gezeigt
codes-shown = Blatt { $set } wurde { $at } erstellt und gezeigt. Ein Blatt wird einmal gezeigt, damit es später niemand anders sieht. Jetzt wurde nichts geändert.
codes-shown-some = Wofür diese Seite da war, das ist geschehen. Ein Blatt wird einmal gezeigt, damit es später niemand anders sieht. Jetzt wurde nichts geändert.
codes-shown-ended = Dieses Blatt gilt inzwischen nicht mehr.
codes-shown-saved = Sie haben sie gesichert
codes-shown-saved-confirm = Dann bestätigen Sie es bis { $at } mit einem Code davon.
codes-shown-saved-nothing = Dann ist nichts zu tun.
codes-shown-lost = Sie haben sie nicht
codes-shown-lost-do = Die Verbindung brach ab, oder die Seite ist weg: Erstellen Sie ein neues Blatt. Das, das Sie nicht haben, endet damit. Ein Blatt, das Sie früher bestätigt haben, gilt weiter, bis Sie das neue bestätigen.
codes-changed-title = Es gibt ein neueres Blatt
codes-changed = Diese Seite ist älter als Ihr neuestes Blatt. Es wurde in einem anderen Fenster erstellt, oder von jemand anderem. Jetzt wurde nichts geändert.
codes-changed-do = Sehen Sie erst Ihre Blätter an. Haben Sie das neueste nicht erstellt, sagen Sie es sofort.
problem-code-sets-changed = Es gibt ein neueres Blatt
problem-code-sets-changed-do = Es wurde erstellt, seit die Seite geöffnet wurde. Sehen Sie Ihre Blätter an, und versuchen Sie es noch einmal.

## Abgelehnt
codes-refused-title = Jetzt kein neues Blatt
codes-refused-limit = Sie haben so viele Blätter erstellt, wie in einiger Zeit erstellt werden dürfen.
codes-refused-throttled = Für Ihr Konto wurden falsche Codes probiert. Bis sich das beruhigt hat, entsteht kein neues Blatt.
codes-refused-then = Das nächste kann { $at } erstellt werden.
codes-refused-step-up = Dafür müssen Sie stärker zeigen, wer Sie sind.
codes-step-up = Noch einmal stärker anmelden
codes-step-up-link = Bitten Sie dort, wo Sie den Link bekommen haben, um einen aus einer stärkeren Anmeldung, oder fragen Sie Ihren Helpdesk.
codes-refused-suspended = Für Ihr Konto ruht die Wiederherstellung. Ihr Helpdesk kann sagen, warum, und es beenden.
codes-refused-contained = Die Wiederherstellung ist wegen eines Vorfalls bis auf Weiteres abgeschaltet. Ihr Sicherheitsteam entscheidet, wann sie wieder da ist.
codes-refused-rule = Die Regeln Ihrer Organisation erlauben es nicht. Ihr Helpdesk kann sagen, was zu tun ist.
codes-refused-kept = Ihr jetziges Blatt ist, wie es war.
codes-refused-none = Es entstand nichts.
