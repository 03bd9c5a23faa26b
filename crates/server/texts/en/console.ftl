## console
thousands = ,
every = All
none = None
choose = Choose
and = and
until = until { $when }
erased = Erased
filters = Filters
filters-set = Filters that are set
filter-do = Show
filter-none = Without filters
filter-drop = : remove this filter
search-do = Search
page-first = First page
page-next = Next page
left-of = { $left } of { $all }
ago-moment = just now
ago-minutes = { $n ->
    [one] 1 minute ago
   *[other] { $n } minutes ago
}
ago-hours = { $n ->
    [one] 1 hour ago
   *[other] { $n } hours ago
}
ago-days = { $n ->
    [one] 1 day ago
   *[other] { $n } days ago
}
ahead-moment = in a moment
ahead-minutes = { $n ->
    [one] in 1 minute
   *[other] in { $n } minutes
}
ahead-hours = { $n ->
    [one] in 1 hour
   *[other] in { $n } hours
}
ahead-days = { $n ->
    [one] in 1 day
   *[other] in { $n } days
}
actor-key = API key “{ $name }”
actor-machine = Machine “{ $name }”
actor-embedder = The application itself
actor-system = Glassbreak
actor-visitor = somebody on a page

## Whoever reaches some groups
bound-title = The overview concerns everybody
bound-why = Your sign-in is bound to some groups. Figures, alerts, containments, the policy and the log are about all subjects, so they are not shown to you. What concerns your groups is here:
bound-ask = If you need the whole, ask { $contact }.
bound-some = You see the subjects of your groups and nobody else.
bound-inventory = The sets of your groups
bound-subjects = Who is in your groups
bound-recoveries = Who of them tried to get back in

## Overview
overview-lead = What needs somebody now, and how recovery stands.
overview-now = Needs somebody now
overview-calm = Nothing needs anybody right now.
overview-windows = Windows that close next
overview-window = Recovery
overview-ends = closes { $when }
overview-else = To keep in mind
overview-plots = In pictures
overview-counting = The figures are being counted for the first time. Look again in a moment.
overview-as-of = As of { $now }.
overview-counted = Subjects and sets were counted { $when }.
figure-week = { $n } in seven days
figure-closing = { $n ->
    [one] 1 closes within the hour
   *[other] { $n } close within the hour
}
figure-alerts = Grave alerts in 24 hours
figure-containments = Containments in force
figure-windows = Open windows
figure-cases = Open cases
figure-reviews = Reviews due
figure-throttled = Have to wait after wrong codes
figure-overdue = Sets overdue
figure-uncovered = Without recovery codes
figure-expiring = Sets that expire in 30 days
figure-unconfirmed = Sets never confirmed
figure-own = Recoveries under way by themselves
figure-minor = Other alerts in 24 hours
plot-figures = Figures
plot-share = { $part } of { $whole }, { $percent } %
plot-covered = { $percent } % of subjects have recovery codes: { $part } of { $whole }. Hatched: without.
plot-tiers = Coverage by tier
plot-levels = Coverage by assurance level
plot-ages = How old live sets are
plot-ages-said = Live sets older than a year: { $older } of { $live }.
plot-days = The last 30 days
plot-days-said = Sets issued: { $issued }. Codes accepted: { $accepted }. Attempts refused: { $refused }.
band-30 = to 30 d
band-90 = to 90 d
band-180 = to 180 d
band-365 = to 1 y
band-older = over 1 y
line-issued = Sets issued
line-accepted = Codes accepted
line-refused = Attempts refused
head-covered = With codes
head-uncovered = Without
head-subjects = Subjects
head-tier = Tier
head-assurance = Assurance
head-age = Age
head-sets = Sets
head-day = Day

## Inventory
inventory-lead = Every set of recovery codes: who has it, how old it is, where it is kept. Never a code.
inventory-presets = Often wanted
inventory-table = Sets
inventory-all = { $n ->
    [0] No set matches.
    [one] 1 set matches.
   *[other] { $n } sets match.
}
inventory-first = The first { $n } sets that match. There are more.
inventory-further = { $n ->
    [one] 1 further set.
   *[other] { $n } further sets.
}
inventory-none = No set matches. Remove a filter to see more.
inventory-none-yet = None of the sets that were looked at matches. There are more: go on with the next page.
preset-year = Older than a year
preset-overdue = Overdue
preset-expiring = Expire in 30 days
preset-unconfirmed = Never confirmed
preset-used = Used, and not replaced
preset-break-glass = Break-glass
chip-subject = Subject: { $value }
chip-tier = Tier: { $value }
chip-state = State: { $value }
chip-kind = Kind: { $value }
chip-custody = Kept: { $value }
chip-overdue = Overdue
chip-never-confirmed = Never confirmed
chip-used = Used
chip-expires-before = Expires before { $value }
chip-issued-before = Issued before { $value }
chip-issued-after = Issued since { $value }
field-subject = Subject
field-tier = Tier
field-state = State
field-kind = Kind
field-custody = Kept
field-issued-after = Issued since
field-issued-before = Issued before
field-expires-before = Expires before
field-only = Only
field-overdue = Overdue
field-never-confirmed = Never confirmed
field-used = With a used code
field-prefix = Name begins with
field-group = Group
field-uncovered = Without recovery codes
field-opened-by = Opened by
field-opened-after = Opened since
field-opened-before = Opened before
field-needs = Waits for
field-agent = Agent
field-review-due = Review due
head-choose = Choose
head-subject = Subject
head-set = Set
head-state = State
head-left = Codes left
head-issued = Issued
head-expires = Expires
head-custody = Kept
head-standing = Standing
head-opened = Opened
head-cause = Cause
head-ends = Time is up
head-why = Why
choose-set = Choose the set { $set }
mark-overdue = Overdue
mark-replace = To be replaced
mark-expired = Expired
custody-said = Said on { $day }
custody-unknown = Not declared
export-csv = Export as CSV
export-jsonl = Export as JSON Lines
revoke-chosen = Revoke the chosen…
revoke-all = Revoke all that match…
revoke-hint = Nothing is revoked yet. The next page says what would happen, and asks.

## Revoking many
revocations = Revocations of many sets
revocations-lead = What was revoked by filter or by choice from here. Each set has its own entry in the log.
revocations-none = None yet.
revocations-caption = The newest first
revoke-confirm-title = Revoke these sets?
revoke-confirm-lead = { $n ->
    [one] 1 live set is about to be revoked. Nothing has happened yet.
   *[other] { $n } live sets are about to be revoked. Nothing has happened yet.
}
revoke-fact-sets = Live sets
revoke-fact-tiers = By tier
revoke-fact-holders = Holders
revoke-fact-which = Which
revoke-which-chosen = Chosen one by one
revoke-which-filter = All that this filter found
revoke-ended = { $n ->
    [one] 1 more had ended already.
   *[other] { $n } more had ended already.
}
revoke-holders = { $n ->
    [one] 1 holder
   *[other] { $n } holders
}
paths-none = Every holder has another live set. Looked up: { $looked }.
paths-none-of = Of { $looked } holders that were looked up, every one has another live set. The others were not looked up.
paths-bare = { $n ->
    [one] 1 holder has no other live set, of { $looked }. If the phone is lost, only a support case is left.
   *[other] { $n } holders have no other live set, of { $looked }. If the phone is lost, only a support case is left.
}
paths-bare-of = { $n ->
    [one] Of { $looked } holders that were looked up, 1 has no other live set. If the phone is lost, only a support case is left.
   *[other] Of { $looked } holders that were looked up, { $n } have no other live set. If the phone is lost, only a support case is left.
}
paths-more = And others.
paths-do = Have new sets issued first where that cannot wait.
revoke-what-happens = What happens
revoke-happens-codes = No code of these sets works any more.
revoke-happens-told = The holder of each set is told.
revoke-happens-account = The accounts stay as they are: nobody is signed out.
revoke-happens-changed = A set that changes before its turn is left as it is, and that is said.
revoke-happens-never-back = A revoked set never comes back.
revoke-why = Why
revoke-why-missing = Choose a reason.
revoke-requested-more = Or the sets are too old. The rules in force may refuse it.
revoke-lost-more = Somebody else may have them. No rule stops it.
revoke-leaked-more = They were seen where they must not be. No rule stops it.
revoke-type = Type { $number } to confirm
revoke-mistyped = This is not the number of sets.
revoke-do = { $n ->
    [one] Revoke 1 set
   *[other] Revoke { $n } sets
}
revoke-dont = Do not revoke
revoke-within = This page holds for an hour.
revoke-not-you = You may look at this. Whoever has the scope “revoke” may confirm it.
revoke-title-running = Sets are being revoked
revoke-title-done = Sets were revoked
revoke-title-stopped = The revocation was stopped
revoke-progress-name = Progress
revoke-progress = Sets looked at: { $done } of { $all }.
revoke-revoked = Revoked
revoke-changed = Left as they are
revoke-changed-more = Changed meanwhile, or ended by themselves
revoke-refused = Refused
revoke-refused-more = By the rules in force
revoke-lost-right = It was stopped because the one who confirmed it may not revoke any more.
revoke-lost-sets = It was stopped because the list of what was to be revoked is gone. Find the sets again, and begin anew.
revoke-goes-on = It goes on by itself, after a restart too. You may leave this page.
revoke-look-again = Look again
revoke-stop = Stop here
revoke-left = Not revoked
revoke-left-caption = Sets that were left, each with why
revoke-left-more = There are more.
revoke-by = Confirmed by
revoke-asked = Asked for
revoke-over = Over

## A set
set-title = Set …{ $set }
set-none = None
set-revoked = The set is revoked.
set-failures = Wrong codes in a row
set-seen-by = Seen by
set-seen-by-whom = Handed to: { $who }.
set-seen-once = The codes were in one answer, once. Glassbreak keeps none that could be read.
set-confirm-by = To be confirmed by
set-replace-by = To be replaced by
set-ended = Ended
set-id = Id
set-revoke = Revoke this set
set-revoke-do = Revoke
set-timeline = What happened to it
set-timeline-cut = Only the newest 500 entries of the subject were looked through. Older ones are in the subject's timeline.

## Subjects
subjects-lead = Everybody who is registered. Search by how the name begins.
subjects-search = Search subjects
subjects-caption = In the order of names
subjects-none = Nobody matches. Case counts, and the name is the one your systems use.
throttled-link = Who has to wait after wrong codes
throttled-title = Waiting after wrong codes
throttled-lead = Their next attempt is not looked at before the time is up. Many at once is a sign of guessing.
throttled-caption = Who has to wait
throttled-none = Nobody has to wait.
throttled-until = Until
subject-who = Who
subject-ial = Identity proofed
subject-owner = Owner
subject-groups = Groups
subject-registered = Registered
subject-id = Id in the log
subject-addresses = Told at
subject-no-address = No address is known: nobody is told.
subject-contacts = Recovery contacts
subject-exceptions = Exceptions
subject-contained = Recovery is off.
subject-waits = Has to wait after wrong codes: the next attempt is looked at { $when }.
subject-sets = Sets
subject-sets-caption = Sets, the newest first
subject-no-set = No set was ever issued.
subject-recoveries = Recoveries
subject-no-recovery = Never tried to get back in.
subject-act = What you can do
subject-report = Report what happened
subject-report-what = What happened
subject-report-hint = In brackets: what it does here.
subject-report-do = Report
subject-reported = Reported: { $what }.
subject-contain = Switch recovery off…
subject-timeline = Timeline
address-confirmed = Confirmed
address-unconfirmed = Not confirmed
timeline-export = Download the timeline with proofs
timeline-export-hint = A receipt a line. Each can be checked with the log's verifier key alone.
timeline-bound = Receipts prove entries in the log, and the log concerns everybody. Your sign-in is bound to some groups, so you see the entries without their proofs.
timeline-none = The log says nothing here.
timeline-newest = Newest
timeline-older = Older
done-by = by { $who }
entry-number = Entry { $n }
entry-receipt = Receipt
ruled-by = by
ruled-policy = under policy
ruled-exception = with exception

## Recoveries
recoveries-lead = Who tried to get back in, how far they came, and what it waits for.
recoveries-caption = The newest first
recoveries-none = No recovery matches.
recoveries-open-cases = Open cases
recoveries-windows = Open windows
recoveries-reviews = Reviews due
recoveries-refused = Declined
by-subject = The subject
opened-by-agent = { $who }, support
waits-long = Waits for long
review-due = Review due
review-done = Reviewed
review-due-by = Due by { $when }
review-done-by = By { $who }, { $when }
recovery-title = Recovery …{ $id }
recovery-waits = Waits for: { $for }
recovery-at-desk = Work on it at the desk
recovery-requester = Asked for by
recovery-bundle = Bundle to be opened
recovery-expires = Lapses
recovery-evidence = Evidence, in order
recovery-no-evidence = Nothing was presented yet.
recovery-missing = Still missing: one of these
recovery-sent = Codes sent
recovery-sent-caption = Neither the code nor the address is kept where it can be read
recovery-failures = { $n ->
    [0] No wrong codes.
    [one] 1 wrong code.
   *[other] { $n } wrong codes.
}
recovery-codes-disabled = Too many wrong codes: no sent code counts any more since { $when }.
recovery-approvals = Approvals
recovery-no-approval = Nobody approved it.
recovery-case = The case as it stands, by its digest:
recovery-outcome = Outcome
recovery-satisfied = Enough evidence
recovery-grant = Grant
recovery-obligations = Still to be done
recovery-end = How it ended
recovery-not-ended = It has not ended.
recovery-review = Review
recovery-log = What the log says
recovery-log-hint = Each decision names the rules that decided it and the digest of the policy in force.
piece-vouched = The calling program vouches for it
piece-proofed = Identity proofed
piece-again = Verified a second time
piece-code = A code was accepted
piece-who = by { $who }
piece-record = Record:
sent-at = Sent
sent-until = Valid until
sent-used = Used
sent-unused = Not used
sent-undelivered = Did not go out
approval-stands = Of the case as it stands
approval-earlier = Of an earlier state of the case
approval-key = Passkey
ended-completed = Completed, { $when }
ended-lapsed = Its time was up, { $when }
ended-lapsed-window = Its window closed with things undone, { $when }. The recovery path is closed.
ended-cancelled = Given up, { $when }
ended-refused = Declined by { $who }, { $when }

## Facts of entries
fact-set = Set
fact-recovery = Recovery
fact-person = Who
fact-case = Signed case
fact-level = Level
fact-alert = Alert
fact-codes = Codes
fact-custody = Kept
fact-reason = Reason
fact-method = As
fact-presented = Besides the code
fact-remaining = Codes left
fact-why = Why
fact-failures = Wrong codes in a row
fact-retry = Next attempt
fact-due = Due
fact-lifecycle = Reported
fact-cause = Cause
fact-reference = Reference
fact-channel = Channel
fact-window = Window until
fact-obligation = Done

## Words
word-set-state-offered = Offered
word-set-state-active = Active
word-set-state-exhausted = All used
word-set-state-expired = Expired
word-set-state-revoked = Revoked
word-set-state-superseded = Replaced
word-set-state-disabled = Disabled
word-set-state-lapsed = Never confirmed
word-set-kind-saved = Saved
word-set-kind-break-glass = Break-glass
word-set-kind-canary = Decoys
word-profile-strong = long codes
word-profile-compact = short codes
word-custody-password-manager = Password manager
word-custody-sealed-offline-copy = Sealed on paper
word-custody-secrets-manager = Secrets manager
word-custody-hardware = Hardware
word-issue-reason-enrolment = at enrolment
word-issue-reason-replacement = in place of another
word-issue-reason-reissue-after-recovery = after a recovery
word-issue-reason-break-glass-provisioning = for break-glass
word-issue-reason-support-case = for a support case
word-revoke-reason-requested = Asked for
word-revoke-reason-lost = Lost or stolen
word-revoke-reason-leaked = Leaked
word-revoke-reason-lifecycle = What it depended on changed
word-revoke-reason-recovery = After a recovery
word-revoke-reason-rotated = Keys rotated
word-revoke-reason-containment = Containment
word-revocation-finding = Being found
word-revocation-asked = To be confirmed
word-revocation-running = Under way
word-revocation-done = Done
word-revocation-stopped = Stopped
word-left-changed = It changed meanwhile
word-left-ended = It had ended
word-left-gone = It is not within reach any more
word-left-not-allowed = The rules in force refuse it
word-left-subject-departed = The holder has left
word-standing-active = Active
word-standing-suspended = Suspended
word-standing-departed = Left
word-subject-kind-person = Person
word-subject-kind-service = Service
word-subject-kind-agent = Agent
word-ial-none = Never proofed
word-ial-ial1 = IAL1
word-ial-ial2 = IAL2
word-ial-ial3 = IAL3
word-channel-email = Mail
word-channel-sms = Text message
word-channel-voice = Call
word-channel-postal = Letter
word-channel-push = Push message
word-effect-resume = opens recovery again
word-effect-record = is written down
word-effect-replace = sets are to be replaced
word-effect-suspend = suspends recovery
word-effect-revoke = revokes the sets
word-effect-depart = revokes the sets, for good
word-contain-reason-primary-factor-compromised = Primary factor compromised
word-contain-reason-codes-leaked = Codes leaked
word-contain-reason-insider-suspected = Insider suspected
word-contain-reason-precaution = Precaution
word-contain-reason-restored = The database was restored
word-contain-scope-subject = This subject
word-contain-scope-group = A group
word-contain-scope-all = Everybody
word-exception-over-issue-limit = More sets than the limit
word-exception-routine-use = Routine use of codes
word-exception-state-pending = waits for approval
word-exception-state-granted = granted
word-exception-state-ended = ended
word-recovery-state-open = Open
word-recovery-state-window = Window open
word-recovery-state-completed = Completed
word-recovery-state-lapsed = Lapsed
word-recovery-state-refused = Declined
word-recovery-state-cancelled = Cancelled
word-recovery-kind-case = Support
word-recovery-kind-own = The subject
word-needs-evidence = Evidence
word-needs-approval = Approval
word-needs-release = Release of a code
word-needs-enrolment = Enrolment
word-cause-phone-lost = Phone lost or broken
word-cause-authenticator-deleted = Authenticator deleted
word-cause-device-migrated = New device
word-cause-codes-lost = Codes lost
word-cause-emergency = Emergency
word-cause-unstated = Not said
word-check-document = Document
word-check-biometric = Biometric
word-check-call-back = Call back
word-check-video = Video
word-check-in-person = In person
word-check-manager = Word of the manager
word-method-password = Password
word-method-authenticator = Authenticator
word-method-proofing = Identity proofing
word-method-biometric-proofing = Identity proofing with a biometric
word-method-saved-code = Saved code
word-method-issued-code = Sent code
word-method-mailed-code = Mailed code
word-method-recovery-contact = Code of a recovery contact
word-method-break-glass-code = Break-glass code
word-method-second-verification = Second verification
word-method-approval = Approval
word-method-second-approval = Second approval
word-obligation-bind-authenticator = Enrol an authenticator
word-obligation-replace-codes = Replace the codes
word-ruling-permit = Permitted
word-ruling-deny = Refused
word-ruling-more-evidence = More evidence needed
word-alert-level-informational = For the record
word-alert-level-low = Low
word-alert-level-medium = Medium
word-alert-level-high = High
word-alert-level-critical = Critical
word-refused-subject-unknown = Nobody of that name
word-refused-subject-suspended = Suspended
word-refused-subject-departed = Has left
word-refused-no-match = Wrong code
word-refused-code-spent = Used before
word-refused-set-unconfirmed = Set not confirmed
word-refused-set-expired = Set expired
word-refused-set-revoked = Set revoked
word-refused-set-superseded = Set replaced
word-refused-set-disabled = Set disabled
word-refused-policy = The rules in force
word-refused-routine-use = Used too often
word-refused-recovery-closed = The recovery is closed
word-refused-contained = Recovery is off
word-refused-canary = A decoy
word-lifecycle-mfa-changed = MFA changed
word-lifecycle-reenrolled = Enrolled again
word-lifecycle-device-replaced = Device replaced
word-lifecycle-device-lost = Device lost
word-lifecycle-device-wiped = Device wiped
word-lifecycle-account-reset = Account reset
word-lifecycle-role-changed = Role changed
word-lifecycle-privileges-changed = Privileges changed
word-lifecycle-risk-raised = Risk raised
word-lifecycle-risk-cleared = Risk cleared
word-lifecycle-support-recovery = Recovered by support
word-lifecycle-subject-left = Left the organisation
word-lifecycle-account-disabled = Account disabled
word-lifecycle-account-enabled = Account enabled
word-lifecycle-owner-changed = Owner changed
word-lifecycle-primary-factor-compromised = Primary factor compromised
word-lifecycle-recovery-reopened = Recovery opened again
word-lifecycle-owner-left = Owner left
word-lifecycle-repudiated = “That was not me”
word-event-kind-subject = Subject
word-event-kind-lifecycle = Lifecycle
word-event-kind-address = Address
word-event-kind-contact = Contact
word-event-kind-contacts = Contacts
word-event-kind-code-set = Set
word-event-kind-code = Code
word-event-kind-sent-code = Sent code
word-event-kind-recovery = Recovery
word-event-kind-bundle = Bundle
word-event-kind-exception = Exception
word-event-kind-containment = Containment
word-event-kind-alert = Alert
word-event-kind-operator = Operator
word-event-kind-policy = Policy
word-event-kind-api-key = API key
word-event-kind-key = Key

## Events
event-subject-registered = Registered
event-subject-updated = Updated
event-subject-suspended = Recovery suspended
event-subject-resumed = Recovery open again
event-subject-departed = Left
event-subject-contained = Ended by a containment
event-lifecycle-reported = Something was reported
event-address-confirmation-sent = Confirmation sent
event-address-confirmation-undelivered = Confirmation did not go out
event-address-confirmed = Address confirmed
event-address-confirm-refused = Confirmation refused
event-address-removed = Address removed
event-contact-added = Recovery contact added
event-contact-removed = Recovery contact removed
event-contacts-reviewed = Recovery contacts reviewed
event-contacts-review-due = Recovery contacts to be reviewed
event-code-set-issued = Set issued
event-code-set-issue-refused = No set was issued
event-code-set-confirmed = Set confirmed
event-code-set-confirm-refused = Confirmation refused
event-code-set-superseded = Set replaced
event-code-set-revoked = Set revoked
event-code-set-expired = Set expired
event-code-set-lapsed = Set was never confirmed
event-code-set-disabled = Set disabled after wrong codes
event-code-set-declared = Where a set is kept was declared
event-code-set-replacement-due = Set to be replaced
event-code-accepted = Code accepted
event-code-deferred = Code right, more evidence needed
event-code-refused = Code refused
event-code-throttled = Attempt came too early
event-sent-code-accepted = Sent code accepted
event-recovery-opened = Recovery opened
event-recovery-open-throttled = Too many cases opened
event-recovery-evidence-added = Evidence added
event-recovery-code-sent = Code sent
event-recovery-code-undelivered = Code did not go out
event-recovery-codes-disabled = Sent codes count no more
event-recovery-approved = Approved
event-recovery-declined = Declined
event-recovery-satisfied = Enough evidence: window opened
event-recovery-obligation-met = Something was done
event-recovery-completed = Completed
event-recovery-lapsed = Time was up
event-recovery-cancelled = Given up
event-recovery-review-due = Review due
event-recovery-reviewed = Reviewed
event-bundle-created = Bundle created
event-bundle-share-proven = Share proven
event-bundle-effective = Bundle in effect
event-bundle-superseded = Bundle replaced
event-bundle-opening-allowed = Opening allowed
event-bundle-opening-lapsed = Opening lapsed
event-bundle-open-refused = Opening refused
event-bundle-opened = Bundle opened
event-bundle-rotation-due = Bundle to be renewed
event-bundle-custodian-left = A custodian left
event-bundle-revoked = Bundle revoked
event-recovery-request-refused = Request refused
event-exception-request-refused = Exception refused
event-bundle-request-refused = Request about a bundle refused
event-containment-request-refused = Request about a containment refused
event-exception-requested = Exception asked for
event-exception-approved = Exception approved
event-exception-granted = Exception granted
event-exception-ended = Exception ended
event-containment-begun = Recovery switched off
event-containment-approved = Lifting approved
event-containment-lifted = Recovery on again
event-containment-finished = Containment written down for all
event-alert-raised = Alert raised
event-operator-appointed = Operator appointed
event-operator-enrolment-offered = Link to enrol a passkey handed out
event-self-service-link-made = Link to self-service made
event-self-service-entered = Came into self-service
word-event-kind-self-service = Self-service
event-operator-passkey-added = Passkey added
event-operator-passkey-removed = Passkey removed
event-policy-loaded = Policy loaded
event-api-key-created = API key created
event-api-key-revoked = API key revoked
event-key-rotated = Key rotated

## Refusals
problem-key-bound = This concerns everybody
problem-key-bound-do = Your sign-in is bound to some groups, and this page is about all subjects. Somebody who reaches everybody can look at it.
problem-nothing-to-revoke = There is nothing to revoke
problem-nothing-to-revoke-do = None of these sets is live. Go back and choose others, or another filter.
problem-too-many-sets = These are too many at once
problem-too-many-sets-do = Narrow the filter. To stop all recovery at once, use containment.
problem-code-set-unknown = There is no such set
problem-code-set-unknown-do = Check the address, or look in the inventory. It may belong to somebody you do not reach.
problem-recovery-unknown = There is no such recovery
problem-recovery-unknown-do = Check the address, or look in the list. It may belong to somebody you do not reach.
problem-subject-unknown = There is nobody of that name
problem-subject-unknown-do = Check the name: case counts. It may be somebody you do not reach.
problem-not-allowed = The rules in force refuse this
problem-not-allowed-do = The rules below said no. Whoever looks after the policy can tell you why.
