## Coming in
own-open-title = Open your recovery page
own-open-lead = Press the button to go on. Nothing happens before that.
own-open-link = The link you were given
own-open-link-hint = Paste all of it here.
own-open-go = Go on
own-open-once = A link opens once, for a few minutes, in this browser.
own-sign-in-title = Who are you?
own-sign-in-lead = Choose what you have.
own-sign-in-provider = Sign in with your organisation
own-sign-in-provider-more = You can still sign in, if only with your password.
own-sign-in-link = Open a link
own-sign-in-link-more = An application or the help desk gave you one.
own-sign-in-code = Use a recovery code
own-sign-in-code-more = You cannot sign in, and have your sheet of codes.
own-sign-in-none = You have none of these? Ask { $contact }.

## What I have
own-home-title = Your recovery codes
own-home-window = You are getting back in: see what is left to do, and how long you have.
own-home-rests = Recovery rests for your account: codes do not work now. To know why, and to end it, ask { $contact }.
own-home-confirm = Nobody has confirmed yet that these codes were saved. They stop working on { $day } unless you do.
own-home-confirm-do = Make a new set and confirm it
own-home-replace = Make a new set by { $day }: one of these was used, or something changed.
own-home-soon = These codes expire on { $day }. Make a new set before then.
own-home-left = Codes left
own-home-left-of = { $n ->
    [0] None of { $all }
   *[other] { $n } of { $all }
}
own-home-made = Made
own-home-expires = Expire
own-home-kept = Where you said you keep them
own-home-none = You have no recovery codes that work.
own-home-ended = The last ones, made on { $day }: { $state }.
own-home-none-more = If you lose your phone now, only the help desk can let you back in. Make a set while you can sign in.
own-home-make = Make recovery codes
own-home-new = Replace these codes
own-home-report = Report something lost or stolen
own-home-not-me = This was not me
own-home-until = This page closes at { $time }, or earlier if you do nothing.
own-days-ago = { $n ->
    [0] today
    [one] yesterday
   *[other] { $n } days ago
}
own-passkey-title = Better than codes
own-passkey = A second passkey, on another device or a security key, gets you back in without codes, and nobody can trick you out of it. If your organisation offers it, add one where you sign in.
word-own-kind-saved = Your sheet of codes
word-own-kind-break-glass = Emergency codes
word-own-state-offered = Not confirmed
word-own-state-active = Works
word-own-state-exhausted = All used
word-own-state-expired = Expired
word-own-state-revoked = Revoked
word-own-state-superseded = Replaced by a newer set
word-own-state-disabled = Switched off after too many wrong codes
word-own-state-lapsed = Never confirmed, and no longer good
word-own-custody-password-manager = In a password manager
word-own-custody-sealed-offline-copy = On paper, sealed, in a safe place
word-own-custody-secrets-manager = In a secrets manager
word-own-custody-hardware = On a security key or in a hardware module
own-custody-none = You did not say
own-kept-still = Are your codes still where you said you keep them: { $place }?
own-kept-said = You said so on { $day }. You are asked now and then, so that you find them when you need them.
own-kept-where = Where do you keep these codes?
own-kept-there = Yes, still there
own-kept-elsewhere = Say where they are
own-kept-choose = Where are they?
own-kept-note = Note this place
own-kept-lost = I cannot find them
own-kept-noted = Thank you. It is noted where you keep your codes.

## Reporting
own-report-title = What happened?
own-report-lead = Report it now, even if you are not sure. New codes are made in a minute.
own-report-live = { $n ->
    [0] You have no codes that work now.
    [one] You have one set of codes that works now.
   *[other] You have { $n } sets of codes that work now.
}
own-report-what = Choose one
own-report-phone = My phone, computer or security key is lost or stolen
own-report-phone-does = All your recovery codes stop working at once, and a recovery that is under way ends.
own-report-phone-next = Take the lost device out of your account where you sign in. Then make new codes.
own-report-codes = My sheet of codes is lost or stolen
own-report-codes-does = All your recovery codes stop working at once. Nothing else changes.
own-report-codes-next = Make new codes. If the old sheet turns up, shred it: it is worth nothing now.
own-report-seen = Somebody else may have seen my codes, or I found them where I did not leave them
own-report-seen-does = All your recovery codes stop working at once, and the people who look after security see that they leaked.
own-report-seen-next = Make new codes, and keep them somewhere else. If you know who may have them, tell the help desk.
own-report-not-me = I was told of something that I did not do
own-report-not-me-does = All your recovery codes stop working, every recovery of your account ends, and the people who look after security are told.
own-report-not-me-next = Sign in, look at your devices and addresses, and change your password if somebody may know it.
own-report-send = Report it
own-report-back = Back to your recovery codes
own-report-account = You can go on signing in as before: only recovery is affected.
own-reported-title = Thank you, it is done
own-reported-ended = { $n ->
    [0] There were no codes left to end.
    [one] One set of codes was ended.
   *[other] { $n } sets of codes were ended.
}
own-reported-live = { $n ->
    [0] None of your recovery codes works any more.
    [one] One set of codes still works.
   *[other] { $n } sets of codes still work.
}
own-reported-help = Is something still wrong? Ask { $contact }.

## Using a code
own-recover-title = Use a recovery code
own-recover-lead = Type a code from your sheet, any that you have not used, or the one that was sent to you.
own-recover-off = Codes are not used on this page.
own-recover-off-do = Go to where you sign in, and choose to use a recovery code there. If you cannot find it, ask { $contact }.
own-recover-ways = See the other ways in
own-recover-account = Your account name
own-recover-account-hint = The name with which you sign in.
own-recover-account-wrong = This cannot be an account name. Check it for stray characters.
own-recover-code = Recovery code
own-recover-code-hint = From a sheet it begins with { $prefix }-; one that was sent is digits. Capital or small letters, blanks and dashes make no difference.
own-recover-typo = There is a typing error in the code. Compare it with your sheet, group by group. This cost you nothing.
own-recover-refused = This did not work
own-recover-refused-do = Check the account name, and take another code from your newest sheet, or the newest one that was sent to you. Old sheets and used codes do not work. If nothing works, { $contact } can help.
own-recover-wait = Please wait before you try again
own-recover-wait-why = There were several attempts that did not work. Your codes stay good.
own-recover-first-title = You know your password?
own-recover-first = Sign in with it first, also if your phone is gone: most accounts ask for it beside the code. Then type the code here.
own-recover-lost = Is your sheet lost or stolen?
own-recover-known = You are signed in as { $who }. Your sign-in counts together with the code.
own-recover-go = Get back in
own-recover-no-code = You have no code?
own-recover-no-code-do = There is another way: ask { $contact }. Have something ready that shows who you are.
word-code-incomplete = Characters so far: %count%.
word-code-complete = The code is complete and has no typing error.
word-code-code-checksum = There is a typing error. Compare the code with your sheet.
word-code-code-checksum-group = There is a typing error, probably in group %group%.
word-code-code-checksum-groups = There is a typing error, probably in group %first% or %second%.
word-code-code-bad-symbol = Character %position% cannot be in a code.
word-code-code-other-prefix = This code belongs to another service.
word-code-code-too-long = This is longer than a code.

## More is needed
own-more-title = One more step
own-more-right = Your code is right. It was not used up.
own-more-lead = For your account one code is not enough: somebody who found your sheet could use it. Choose one of these.
own-more-and = and also:
own-more-sign-in = Sign in with your organisation
own-more-keep = Keep the code. You will need it again after this step.
own-more-lost = Something was stolen?
own-more-lost-do = With this code you can report it right now.
word-own-need-password = Your everyday sign-in
word-own-need-do-password = Sign in where you always do: your password is enough, and a phone or key that still works is, too. You come back here then, and use the code again.
word-own-need-authenticator = A device that still works
word-own-need-do-authenticator = Sign in with a phone, app or security key that still works. You come back here then, and use the code again.
word-own-need-proofing = Showing who you are
word-own-need-do-proofing = Your identity is checked again. Ask { $contact }, and have your identity card or passport ready.
word-own-need-biometric-proofing = Showing who you are, with your face
word-own-need-do-biometric-proofing = Your identity is checked again, and your face is compared with your document. Ask { $contact }.
word-own-need-saved-code = A code from your sheet
word-own-need-do-saved-code = Use a code from your newest sheet on this page.
word-own-need-issued-code = A code that is sent to you
word-own-need-do-issued-code = A code goes to a telephone number or address that you gave before. Ask { $contact } to open a case.
word-own-need-mailed-code = A code that comes by e-mail
word-own-need-do-mailed-code = A code goes to the e-mail address that you gave before. Ask { $contact } to open a case.
word-own-need-recovery-contact = Your recovery contact
word-own-need-do-recovery-contact = A code goes to the person whom you named as your recovery contact. Ask { $contact } to send it, and that person for it.
word-own-need-break-glass-code = An emergency code
word-own-need-do-break-glass-code = Whoever keeps your emergency codes can give one, after approval.
word-own-need-second-verification = A second check of who you are
word-own-need-do-second-verification = A second person at the help desk checks it. Ask { $contact }.
word-own-need-approval = Approval
word-own-need-do-approval = Somebody who may approve it looks at your case. Ask { $contact } to open one.
word-own-need-second-approval = A second approval
word-own-need-do-second-approval = A second person approves your case. Ask { $contact }.

## Getting back in
own-more-elsewhere = Not on this page: sign in with your password where you always do, choose to use a recovery code there, and type the same code. If you cannot find it, ask { $contact }.
own-more-type = I have it: type it here
own-sign-in-there = Go to where you sign in
own-recovery-not-yet = Not yet: where you sign in has not told us that your new phone or key is set up.
own-recovery-look-again = I have done it: look again
own-recovery-codes-after = This comes after your new phone or key is set up.
own-recovery-codes-sign-in = Sign in once with your new phone or key before you take them: your account asks for that.
own-recovery-back = See what is left to do
own-recovery-title = { $n ->
    [one] You are in: one thing to do
   *[other] You are in: two things to do
}
own-recovery-left = Time left
own-recovery-until = until { $time }
own-recovery-said = { $time } left.
own-recovery-ran-out = The time is up. Load the page again to see what to do.
own-recovery-step-code = Use a code
own-recovery-step-code-done = Done. That code does not work any more.
own-recovery-step-done = Done.
own-recovery-step-enrol = Set up your new phone or key
own-recovery-enrol = You go to where you sign in, and add what you will sign in with from now on. It knows that you come from here.
own-recovery-enrol-go = Set it up now
own-recovery-enrol-ask = Add it where you sign in. If you need help with it, ask { $contact }.
own-recovery-step-codes = Take new recovery codes
own-recovery-codes = The old sheet is worth nothing after this. Have a printer or your password manager at hand.
own-recovery-codes-go = Make new codes
own-recovery-or-else = If the time runs out before everything is done, recovery closes, so that nobody else can use it, and { $contact } has to open it again.
own-recovery-open = Something is still missing before you are let in. If you have it now, use your code again; otherwise ask { $contact }.
own-recovery-completed = You are back in
own-recovery-completed-more = Everything is done. Sign in as always.
own-over-title = This recovery is over
own-over-lead = Its time ran out, or something ended it. Nobody can use it any more.
own-over-do = Use another code, or ask { $contact }.
own-over-again = Use a code

## This was not me
own-repudiate-title = This was not me
own-repudiate-lead = All your recovery codes stop working at once, and every recovery of your account that is under way ends. You can still sign in as before, and make new codes.
own-repudiate-nothing = If you did it yourself after all, close this page: nothing has changed.
own-repudiate-link = The link from the message
own-repudiate-link-hint = Paste it here if this field is empty.
own-repudiate-go = This was not me: revoke my recovery codes
own-repudiated-title = Your recovery codes are revoked
own-repudiated-lead = None of your recovery codes works any more, and no recovery of your account is under way. The people who look after this service were told.
own-repudiated-next = Sign in, look at your devices and your addresses, and make new recovery codes. If you cannot sign in, ask { $contact }.
own-repudiate-refused = This link does not work
own-repudiate-refused-do = It is not complete, or its time is up. Nothing has changed. Take the link from the newest message, or ask { $contact }.
own-repudiate-busy = Please try again
own-repudiate-busy-do = We could not do it just now, and cannot say whether anything has changed. Try again in a moment: to do it twice does no harm.

## Refusals
problem-link-refused = This link does not work any more
problem-link-refused-do = It was used, or its time is up. Nothing has changed. Ask for another one where you got it.
problem-contained = Recovery is switched off for now
problem-contained-do = The people who look after security have switched it off for your account. Ask the help desk how long.
problem-sign-in-refused = The sign-in did not work
problem-sign-in-refused-do = Begin again. If it happens twice, ask the help desk.
problem-not-configured = This is not offered here
