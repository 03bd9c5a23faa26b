## The queue
nav-passkeys = My passkeys
desk-waits-for-you = { $n ->
    [one] One case waits for your approval.
   *[other] { $n } cases wait for your approval.
}
desk-show-open = Open cases
desk-show-closed = Closed cases
desk-queue-empty = No case is open.
desk-queue-none-closed = No case was closed yet.
desk-queue-caption = Cases, and what each waits for
desk-column-waits = Waits for
desk-column-who = Who can give it
desk-column-age = For how long
desk-column-agent = Opened by
desk-wants-you = You can approve
desk-mine = Yours
desk-age-now = less than a minute
desk-age-minutes = { $n ->
    [one] 1 minute
   *[other] { $n } minutes
}
desk-age-hours = { $n ->
    [one] 1 hour
   *[other] { $n } hours
}
desk-age-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
word-desk-waits-proofing = Proof of identity
word-desk-waits-second = A second verification
word-desk-waits-approvals = Approval
word-desk-waits-release = A code to be sent
word-desk-waits-use = The person, to use the code
word-desk-waits-reenrolment = The person, to enrol again
word-desk-waits-closed = Nothing
word-desk-gives-proofing = Any support agent
word-desk-gives-second = Any support agent
word-desk-gives-approvals = An approver without a part in it
word-desk-gives-release = Any support agent
word-desk-gives-use = The person
word-desk-gives-reenrolment = The person
word-desk-gives-closed = Nobody

## Opening a case
desk-new-lead = For somebody who cannot get in and has no code that works.
desk-hint = Ask first
desk-hint-passkey = Is there a second passkey or a security key? With it they get in without a case, and nobody can be talked into giving it away.
desk-hint-codes = Is there a sheet with recovery codes? One of them and the password is enough for most people, at /recover.
desk-new-subject = Who cannot get in?
desk-new-subject-hint = Their name in your systems, as it was registered.
desk-new-cause = What do they say?
desk-new-requester = Who asks for it, if it is somebody else?
desk-new-requester-hint = A registered person. Needed for a service, an AI agent and an emergency.
desk-new-reference = Ticket (if there is one)
desk-reference-hint = The number of your own record: letters, digits and ._/#:- without spaces. Never a code.
desk-new-open = Open the case
desk-nobody = This sign-in belongs to nobody in particular, and a case is worked on by people with names. Sign in as yourself; an administrator gives you a key of your own or a duty.
word-desk-says-phone-lost = My phone is lost, stolen or broken
word-desk-says-authenticator-deleted = I deleted the app
word-desk-says-device-migrated = I have a new device and the app did not come along
word-desk-says-codes-lost = I lost my recovery codes
word-desk-says-emergency = It is an emergency and nothing else works
word-desk-says-unstated = Something else
word-desk-cause-phone-lost = Phone lost, stolen or broken
word-desk-cause-authenticator-deleted = App deleted
word-desk-cause-device-migrated = New device
word-desk-cause-codes-lost = Codes lost
word-desk-cause-emergency = Emergency
word-desk-cause-unstated = Not said

## A case
desk-case = Case: { $subject }
desk-back = All cases
desk-dual-control = Two approvals
desk-fact-subject = Who
desk-fact-cause = Why
desk-fact-opened = Opened
desk-fact-requester = Asked for by
desk-fact-reference = Ticket
desk-fact-until = Time left
desk-fact-places = Where codes may go
desk-by-subject = The person
desk-time-left = %time% left
desk-time-over = The time is up
desk-choose = Choose
desk-yourself = This case is about you. A colleague works on it.
desk-time-is-up = Its time was up before enough was brought. Open a new case.
word-desk-state-open = Open
word-desk-state-window = Enrolling again
word-desk-state-completed = Completed
word-desk-state-lapsed = Time was up
word-desk-state-refused = Declined
word-desk-state-cancelled = Cancelled
desk-stage-done = Done
desk-stage-now = Now
desk-stage-later = Later
desk-stage-not-asked = Not needed
desk-stage-wrong = Ended
desk-stage-ended = Not reached
word-desk-step-proofing = Proof of identity
word-desk-step-second = Second verification
word-desk-step-approvals = Approval
word-desk-step-release = Send the code
word-desk-step-use = The person uses the code
word-desk-step-reenrolment = The person enrols again
word-desk-step-closed = Closed
word-desk-told-opened = The case is open.
word-desk-told-proofing = The proof of identity is recorded.
word-desk-told-second = The second verification is recorded.
word-desk-told-sent = The code is on its way. Nobody but the person sees it.
word-desk-told-approved = Your approval counts.
word-desk-told-declined = You declined. The case is closed.
word-desk-told-cancelled = The case is cancelled.

## Its steps
desk-proofing-missing = Missing: identity proofed again, at { $level } at least. Any support agent can do it, but not the person themselves.
desk-proofing-biometric = Missing: the person's face or fingerprint, compared with the one on record. Any support agent can do it.
desk-proofing-never = This person was never proofed, so there is nothing to repeat.
desk-proofing-below = { $item } — below the level that counts
desk-proofing-level = Level reached
desk-proofing-checks = What did you look at?
desk-proofing-save = Record the proof
desk-record = Where is your record of it?
desk-second-missing = Missing: identity verified once more, in another way than before. Any support agent can do it.
desk-second-check = How did you verify this time?
desk-second-save = Record the second verification
desk-approved = Approved by { $who } · { $at }
desk-approved-before = Approved by { $who } · { $at } — does not count: the case has changed since, or the approver is none any more
desk-declined = Declined by { $who } · { $at }
desk-approvals-missing = { $given } of { $needed ->
    [one] 1 approval
   *[other] { $needed } approvals
} given.
desk-approvals-who = Who can approve: an appointed approver who has no part in the case. Not the person, not who asked for it, not an agent who worked on it.
desk-approvals-no-passkey = These could, if they had a passkey: { $who }. An administrator gives them an enrolment link.
desk-look-again = Look again
desk-contained = Recovery is switched off for everybody: no case goes on, and no code works, until two people lift that.
desk-approvals-names = These can: { $who }
desk-sent = Sent: { $way } · { $at } · good until { $until }
desk-sent-not = Not delivered: { $way } · { $at } · was good until { $until }
desk-codes-disabled = Too many wrong codes came in. No other code is sent in this case. Open a new one.
desk-release-may = Everything is there. A code may be sent. Any support agent can do it.
desk-release-not-yet = Not before the steps above are done.
desk-release-to = Where should the code go?
desk-release-unseen = You do not see the code, and nobody should read it to you. Never write one into a ticket.
desk-release-now = Send the code
desk-release-again = Send another code
desk-no-way = There is no verified address to send a code to. It can be verified, and then a new case is needed.
desk-no-delivery = No delivery is set up for this way. An administrator can set it up.
desk-way-of-contact = Recovery contact “{ $label }”
desk-use-waiting = The person enters the code at { $where }, until { $until }.
desk-use-enough = It was enough: { $at }
desk-window-until = Until { $until } the person has to do this:
desk-window-over = The time ran out before the person had enrolled again. Recovery rests for them until that is lifted.
word-desk-obligation-bind-authenticator = Enrol a new authenticator
word-desk-obligation-replace-codes = Take new recovery codes
word-desk-way-email = Mail
word-desk-way-sms = Text message
word-desk-way-voice = Telephone call
word-desk-way-postal = Letter
word-desk-way-push = Push message
word-desk-way-contact = Recovery contact
word-desk-check-document = Identity document
word-desk-check-biometric = Face or fingerprint
word-desk-check-call-back = Call back
word-desk-check-video = Video call
word-desk-check-in-person = In person
word-desk-check-manager = Manager
word-desk-check-how-document = You saw it and checked it. Keep no picture of it.
word-desk-check-how-biometric = You compared it with the one on record.
word-desk-check-how-call-back = You called a number that was on record before the case, and not that of the phone that is gone.
word-desk-check-how-video = You spoke on video.
word-desk-check-how-in-person = You met.
word-desk-check-how-manager = The manager on record vouched, reached in a way that was on record.
word-desk-method-password = password
word-desk-method-authenticator = another authenticator
word-desk-method-proofing = proof of identity
word-desk-method-biometric-proofing = proof of identity with a biometric
word-desk-method-saved-code = a saved recovery code
word-desk-method-issued-code = a code by text message, telephone or letter
word-desk-method-mailed-code = a code by mail
word-desk-method-recovery-contact = a code by a recovery contact
word-desk-method-break-glass-code = a break-glass code
word-desk-method-second-verification = second verification
word-desk-method-approval = an approval
word-desk-method-second-approval = a second approval
desk-alternatives = What would be enough?
desk-alternatives-more = The policy in force says: beside what is there already, all of any one of these lines lets the person in.
desk-alternatives-release = And before a code may be sent, all of one of these:

## Signing
desk-sign = What you sign
desk-sign-early = Not all is verified yet. If an agent records something more, the case is another one and needs your approval again.
desk-sign-digest = Digest
desk-signed-places = { $addresses ->
    [one] 1 verified address
   *[other] { $addresses } verified addresses
}, { $contacts ->
    [one] 1 recovery contact
   *[other] { $contacts } recovery contacts
}, as they were when the case was opened
desk-approve = Approve with passkey
desk-decline = Decline
desk-decline-reason = Why do you decline?
desk-decline-now = Decline with passkey
desk-stake-subject = You cannot approve: the case is about you.
desk-stake-owner = You cannot approve: you own this account.
desk-stake-requester = You cannot approve: you asked for it.
desk-stake-opener = You cannot approve: you opened the case or worked on it.
desk-stake-approver = You have approved. If one more approval is needed, another person gives it.
desk-not-approver = You cannot approve: you are not appointed an approver. An administrator appoints them.
desk-no-passkey = You have no passkey to sign with. Ask an administrator for an enrolment link.
desk-cancel = Cancel the case
desk-cancel-reason = Why?
desk-cancel-now = Cancel the case
word-desk-end-no-need = Not needed any more
word-desk-end-not-verified = The person could not be verified
word-desk-end-suspicious = It looks like somebody else's doing
word-desk-end-mistake = Opened by mistake
desk-timeline = What happened
word-desk-happened-recovery-opened = Opened
word-desk-happened-recovery-evidence-added = Evidence recorded
word-desk-happened-recovery-code-sent = A code was sent
word-desk-happened-recovery-code-undelivered = The code did not go out
word-desk-happened-recovery-codes-disabled = Too many wrong codes
word-desk-happened-recovery-approved = Approved
word-desk-happened-recovery-declined = Declined
word-desk-happened-recovery-satisfied = Enough was there
word-desk-happened-recovery-obligation-met = One thing done of what had to be
word-desk-happened-recovery-completed = Completed
word-desk-happened-recovery-lapsed = Time was up
word-desk-happened-recovery-cancelled = Cancelled
word-desk-happened-recovery-review-due = A review is due
word-desk-happened-recovery-reviewed = Reviewed
word-desk-happened-recovery-request-refused = Something was refused
word-desk-happened-code-refused = A wrong code came in
word-desk-happened-code-accepted = A saved code was accepted
word-desk-happened-sent-code-accepted = The code was accepted

## Refusals
desk-refused = That was not done
desk-refused-other = The server refused. What it said is below.
desk-refused-field-name = The name is missing, or longer than 256 characters.
desk-refused-field-cause = Choose what the person says.
desk-refused-field-agent = There are no cases for this kind of account: nobody has written down a risk analysis of recovery by agents for its tier. An administrator sets it in the configuration.
desk-refused-field-subject = Two cases of this person are open already. Work on one of them, or have its agent cancel it.
desk-refused-field-requester = Say who asks for it and name a ticket: a service, an AI agent and an emergency need both. The person has to be registered, and somebody else.
desk-refused-field-check = That was looked at before. Verify in another way.
desk-refused-field-checks = Choose at least one thing that you looked at, and none that was the second verification.
desk-refused-field-level = Choose a level.
desk-refused-field-reference = That reads as a recovery code. A code belongs nowhere but where the person uses it. Name your ticket, and tell the person that this code is seen.
desk-refused-field-reference-form = A reference is 1 to 64 letters, digits and ._/#:- without spaces.
desk-refused-field-channel = The person has no verified address there, or it has changed since the case was opened.
desk-refused-field-contact = This contact was not confirmed when the case was opened.
desk-refused-field-to = Choose where the code should go.
desk-refused-field-recovery = This case has had all the codes or records that a case takes. Open a new one.
desk-refused-field-reason = Choose a reason.
desk-refused-field-assertion = An approval needs your passkey, and that needs JavaScript. Switch it on for this page.
desk-refused-subject-unknown = Nobody of that name is registered. Check the spelling.
desk-refused-subject-suspended = Recovery rests for this person: the account is disabled, under suspicion, or a recovery was not finished. Who lifted that cause reports it first.
desk-refused-subject-departed = This person has left.
desk-refused-contained = Recovery is switched off. Two people lift that in the console.
desk-refused-operator-unknown = You may not work on this: you are not appointed, or it is about you, or it is another AI agent's case. An administrator appoints operators.
desk-refused-not-appointed = This sign-in belongs to nobody in particular. Sign in as yourself.
desk-refused-not-your-name = This is a colleague's. Ask who opened the case.
desk-refused-not-a-case = The person opened this themselves. It is not worked on here; open a case of your own.
desk-refused-not-allowed = The policy does not allow it yet, or not to you. The steps show what is missing and who can give it.
desk-refused-recovery-state = Somebody was faster: the case has changed since you looked. Look at it again.
desk-refused-passkey-refused = The signature was not taken. The case may have changed since the page was opened. Look at it again and sign what it says now.
desk-refused-throttled = Too many cases were opened within the hour.
desk-refused-send-limit-reached = Too many codes were sent to this person.
desk-refused-sent-codes-disabled = Too many wrong codes came in. Open a new case.
desk-refused-channel-not-configured = No delivery is set up for this way. Choose another one.
desk-refused-contact-unknown = There is no such contact any more.
desk-refused-idempotency-key-reused = This form was sent before with something else in it. Open the page again.

## Figures
desk-burden-lead = What it costs people to get back in, and where they wait.
desk-burden-days = { $n ->
    [one] 1 day
   *[other] { $n } days
}
desk-burden-opened = Recoveries opened
desk-burden-cases = Of these, support cases
desk-burden-waiting = Waiting now
desk-burden-median = Half are back in after
desk-figure-what = What
desk-figure-cases = How many
desk-figure-time = How long
desk-figure-restore = Time until people are back in
desk-figure-waiting = Time that open ones have waited
desk-figure-causes = Why people could not get in
desk-figure-outcomes = How it ended
desk-figure-median = Half of them
desk-figure-p90 = Nine of ten
desk-figure-longest = The longest
desk-figure-none = Nothing in this time.

## Passkeys and operators
desk-passkeys-lead = With these you sign approvals. They stay on your devices.
desk-passkeys-duties = Your duties: { $duties }
desk-passkeys-none = You have none yet.
desk-passkeys-id = Passkey
desk-passkeys-kind = Kind
desk-passkeys-more = For a new one, ask an administrator for an enrolment link. It is good once and for 15 minutes. If a device is lost, ask them to take its passkey away.
word-desk-backup-device-bound = Stays on one device
word-desk-backup-eligible = Could be copied to other devices
word-desk-backup-backed-up = Copied to other devices
word-desk-duty-support = Support
word-desk-duty-approve = Approve
word-desk-duty-audit = Audit
word-desk-duty-respond = Respond
word-desk-duty-administer = Administer
operators-title = Operators
operators-lead = Who works at the desk, who approves and who administers, and the passkeys that they sign with.
operators-caption = Operators
operators-who = Who
operators-duties = Duties
operators-passkeys = Passkeys
operators-no-passkey = None yet
operators-do = What to do
operators-none = Nobody is appointed yet.
operators-appoint = Appoint somebody
operators-appoint-hint = A registered person, by their name in your systems. Approving and administering is for people only.
operators-appoint-now = Appoint
operators-change = Change the duties of { $who }
operators-change-now = Save
operators-change-hint = No duty is a dismissal, at once.
operators-link = Enrolment link for { $who }
operators-remove = Take { $passkey } away from { $who }
operators-link-title = Enrolment link
operators-link-lead = Give this link to { $who } and to nobody else, by a way on which you know them. It is shown once, is good once, and until { $until }.
operators-link-copy = Copy the link
operators-link-copied = Copied.
operators-link-not-copied = It could not be copied; it is selected.
operators-link-back = Back to the operators
operators-done = Done.
enrol-title = Enrol your passkey
enrol-lead = With it you sign approvals. Use a device of your own that only you unlock.
enrol-button = Enrol a passkey on this device
enrol-no-link = There is no link here. Open the one you were given, all of it.
enrol-for = For { $who }
enrol-done-title = Passkey enrolled
enrol-done = Your passkey is enrolled. From now on you approve with it; this link is used up.
enrol-next-more = To approve something, sign in at the support desk. Otherwise you can close this page.
enrol-next = Go to the support desk
enrol-refused = This link is not good any more. Ask an administrator for a new one.
enrol-script = A passkey needs JavaScript in the browser. Switch it on for this page.
