## How the sets stand
codes-title = Your sheets of codes
codes-none = You have no recovery codes. With a sheet of them you get back in when your phone or your key is gone.
codes-confirmed = Done. Your new codes work now. If you still have an older sheet, destroy it: its codes are dead.
codes-ended-meanwhile = That sheet cannot be confirmed any more: its time was up, or a newer one took its place.
codes-set = Sheet { $set }
codes-left = { $n } of { $of ->
    [one] 1 code
   *[other] { $of } codes
} left
codes-unconfirmed = These codes do not work yet: you have not confirmed that you have them.
codes-unconfirmed-more = Confirm it until { $at }. After that this sheet is worthless, and you make another one. Until then an older sheet of yours goes on working.
codes-replace-by = A code was used. Make a new sheet until { $day }.
codes-made = Made
codes-expire = Works until
codes-kept = Where you keep it
codes-kept-unsaid = Not said
codes-unsaved = Did you not save them? Nobody can show them again. Make a new sheet; this one ends with it.
codes-replace = Make a new sheet
codes-before = Earlier sheets
codes-before-caption = The last sheets that have ended. If you find one of them, destroy it.
codes-sheet = Sheet
codes-became = What became of it
word-codes-state-offered = Not confirmed
word-codes-state-active = Works
word-codes-state-exhausted = All codes used
word-codes-state-expired = Expired
word-codes-state-revoked = Revoked
word-codes-state-superseded = Replaced
word-codes-state-disabled = Locked after wrong codes
word-codes-state-lapsed = Never confirmed
codes-to-list = See your sheets
codes-to-new = Make a new sheet

## Before a set is made
codes-new-title = Make a new sheet of codes
codes-new-lead = You get { $n ->
    [one] one code. It lets
   *[other] { $n } codes. Each of them lets
} you back in once, when your everyday sign-in is gone.
codes-new-after-recovery = You are getting back in. The new sheet takes the place of any old one.
codes-new-old-offered = Sheet { $set } of { $at } was never confirmed. It ends when you make the new one.
codes-new-old-stays = Sheet { $set } of { $at } goes on working until you have confirmed the new one. Then it is dead, and you destroy it.
codes-new-old-ends = Sheet { $set } of { $at } stops working as soon as you make the new one.
codes-new-what = What will happen
codes-step-place = You say where you will keep them
codes-step-place-more = Nothing is made before you press the button below.
codes-step-save = You see the codes, once
codes-step-save-more = Print them, copy them or save the file, right then. Nobody can show them again, not even we.
codes-step-confirm = You type one group of one code
codes-step-confirm-more = From the paper or from where you saved it. Only then do the codes work. If you have not done that until { $at }, the new sheet is worthless.
codes-expire-then = The codes work until { $day }, used or not.
codes-place = Where will you keep them?
codes-place-hint = Choose a place that you still reach when your phone is gone. It is written down, so that you can be reminded.
codes-place-missing = Choose one of these places.
codes-place-sealed-offline-copy = On paper, put away
codes-place-sealed-offline-copy-hint = In a safe or a locked drawer, in an envelope, not beside the computer.
codes-place-sealed-offline-copy-how = Print it now, or write the codes down by hand. Then put the paper away.
codes-place-password-manager = In a password manager
codes-place-password-manager-hint = One that you open without the sign-in that these codes are for.
codes-place-password-manager-how = Copy the codes into an entry of their own. Then empty the clipboard by copying something else.
codes-place-hardware = On a hardware token
codes-place-hardware-hint = An encrypted stick or a token that stores secrets.
codes-place-hardware-how = Save the file straight to the token, and nowhere else.
codes-place-secrets-manager = In a secrets manager
codes-place-secrets-manager-hint = The one that your organisation runs, in a place that is yours.
codes-place-secrets-manager-how = Copy the codes into a secret of your own. Then empty the clipboard by copying something else.
codes-not-here = Not there
codes-not-mail = Not in a mail, a ticket or a chat: others read along, and it stays there.
codes-not-share = Not on a shared drive and not in a code repository.
codes-not-picture = Not as a screenshot or a photo: your pictures are copied to places that you do not see.
codes-not-browser = Not in the browser of a device that others use.
codes-make = { $n ->
    [one] Show me my code
   *[other] Show me my { $n } codes
}
codes-not-now = Not now
codes-make-alone = Press it when nobody looks over your shoulder and you can print or save.

## The sheet
codes-reveal-title = Your recovery codes
codes-reveal-lead = You see them this one time. Save them now; nobody can show them again.
codes-sheet-mark = Sheet { $set }, made on { $day }
codes-sheet-title = Recovery codes, sheet { $set }
codes-list = Codes
codes-use-once = Each code works once. Cross it out when you have used it, and make a new sheet soon.
codes-use-where = Use a code only on the sign-in pages of your organisation. Nobody who calls or writes to you needs one, not even the help desk.
codes-expires-on = The codes work until { $day }.
codes-lost = Is the sheet lost, or has somebody seen it? Report it at once and make a new one.
codes-save = Save them now
codes-save-there = You said: { $place }.
codes-pdf-a4 = Sheet as PDF, A4
codes-pdf-letter = Sheet as PDF, Letter
codes-text = Text file
codes-print = Print this page
codes-copy = Copy all codes
codes-copied = Copied. Paste them where you keep them, then copy something else.
codes-not-copied = The browser did not allow it. The codes are selected: press Ctrl+C.
codes-save-not = A file that was downloaded stays in your downloads: delete it when you have printed it. Never put the codes into a mail, a chat, a ticket, a shared drive or a photo.
codes-saved = I have saved them
codes-active-now = These codes work now.
codes-old-ended = Your earlier sheet is dead: destroy it.
codes-leave-title = If you leave without confirming
codes-leave = The page cannot be shown again. What you saved can still be confirmed until { $at }, with any code of it; after that this sheet is worthless.
codes-leave-old = Until you confirm, your earlier sheet goes on working.
codes-leave-none = Until you confirm, you have no codes that work.

## Confirming
codes-confirm-title = Show that you have them
codes-confirm-why = Look at what you printed or saved, not at this page, and type the last group of code { $n }. It is not used up.
codes-confirm-underlined = In each code above, that is the group that is underlined.
codes-check-title = To be sure: check your copy
codes-check = Check my copy
codes-confirm-label = Last group of code { $n }
codes-confirm-hint = The characters behind the last dash of code { $n }.
codes-confirm-typo = That is not the last group of code { $n }. Check it character by character. No attempt was counted.
codes-confirm = Confirm
codes-confirm-from-paper = Look at your sheet { $set }, and type the last group of code { $n }.
codes-confirm-whole = Type one whole code of sheet { $set }.
codes-confirm-whole-label = One code of this sheet, to confirm it
codes-confirm-whole-hint = Any one of them, as it stands on the paper. It is not used up.
codes-confirm-whole-typo = That is not quite a code: something was mistyped. No attempt was counted.
codes-confirm-other = That is a code, but none of this sheet. Is it an older sheet? Too many wrong codes lock all of them for a while.
codes-confirm-throttled = There were too many wrong codes. Try again at { $at }.
codes-typing-incomplete = Characters so far: { $count }.
codes-typing-complete = The code is well formed.
codes-typing-checksum = Something was mistyped. Check it character by character.
codes-typing-group = Look at group { $group }: something is mistyped there.
codes-typing-groups = Look at groups { $first } and { $second }: something is mistyped there.
codes-typing-symbol = Character { $position } is none that codes have.
codes-typing-prefix = This is a code of somebody else, not of this service.
codes-typing-long = That is longer than a code.

## Shown before, or too late
codes-shown-title = These codes were shown already
codes-shown = Sheet { $set } was made and shown at { $at }. A sheet is shown once, so that nobody else sees it later. Nothing was changed now.
codes-shown-some = What this page was for is done. A sheet is shown once, so that nobody else sees it later. Nothing was changed now.
codes-shown-ended = That sheet has ended since.
codes-shown-saved = You have saved them
codes-shown-saved-confirm = Then confirm it with one code of the sheet, until { $at }.
codes-shown-saved-nothing = Then there is nothing to do.
codes-shown-lost = You do not have them
codes-shown-lost-do = The connection broke, or the page is gone: make a new sheet. The one that you do not have ends with it. A sheet that you confirmed before goes on working until you confirm the new one.
codes-changed-title = There is a newer sheet
codes-changed = This page is older than your newest sheet. It was made in another window, or somebody made it. Nothing was changed now.
codes-changed-do = See your sheets first. If you did not make the newest one, say so at once.
problem-code-sets-changed = There is a newer sheet
problem-code-sets-changed-do = It was made since the page was opened. See your sheets, and try again.

## Refused
codes-refused-title = No new sheet now
codes-refused-limit = You made as many sheets as may be made in a while.
codes-refused-throttled = Wrong codes were tried for your account. Until that has calmed down, no new sheet is made.
codes-refused-then = The next one can be made at { $at }.
codes-refused-step-up = For this you have to show more strongly who you are.
codes-step-up = Sign in again, more strongly
codes-step-up-link = Ask where you got the link for one from a stronger sign-in, or ask your help desk.
codes-refused-suspended = Recovery rests for your account. Your help desk can say why, and end it.
codes-refused-contained = Recovery is switched off for the time being, because of an incident. Your security team decides when it is back.
codes-refused-rule = The rules of your organisation do not allow it. Your help desk can say what to do.
codes-refused-kept = Your present sheet is as it was.
codes-refused-none = Nothing was made.
