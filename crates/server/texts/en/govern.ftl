## Containment
containment-lead = Containment switches recovery off: no code is accepted, nothing is issued, no case goes on. It is in force the moment you press, for any number of people, and the codes that they have now end for good: each needs a new set afterwards. Two people lift it.
containment-none = Nothing is contained now.
containment-then = Whoever was covered by a containment that was lifted has no codes until they make new ones.
containment-then-who = See who has none
containment-live = { $n ->
    [one] One set of codes is live now, and would end.
   *[other] { $n } sets of codes are live now, and would end.
}
containment-in-force = In force
containment-lifted = Lifted
containment-in-force-list = In force now
containment-lifted-list = Lifted
containment-scope = Whom it covers
containment-reason = Why
containment-since = Since
containment-state = State
containment-approvals = Approvals to lift
containment-of-needed = { $n } of { $needed }
containment-look = Look at it
containment-waits-for-you = { $n ->
    [one] One containment is in force. You are one of those who can approve that it is lifted, once the incident is over.
   *[other] { $n } containments are in force. You are one of those who can approve that they are lifted, once the incident is over.
}
containment-all = Everyone
containment-group = The group { $name }
containment-subject = { $name }
containment-begin = Contain
containment-whom = Whom?
containment-whom-subject = One person or service
containment-whom-group = A group
containment-whom-all = Everyone
containment-subject-name = Name of the person or service
containment-subject-hint = As your programs name them. Only for “one person or service”.
containment-group-name = Name of the group
containment-group-hint = As it is registered. Only for “a group”.
containment-ticket = Ticket of the incident (if there is one)
containment-understood = I know that the codes of everybody it covers end for good
containment-understood-more = Lifting does not bring them back. Each of them needs a new set.
containment-now = Contain now
containment-who-may = You may not contain. Somebody who has the right “contain” does it.
containment-one = One containment
containment-back = All containments
containment-asked-by = Asked for by
containment-lifted-at = Lifted
containment-written = Written down
containment-finished = Everything that was live is written down as ended since { $at }.
containment-left = { $n ->
    [0] Nothing is left to write down.
    [one] 1 subject is still to be written down. It is refused all the same.
   *[other] { $n } subjects are still to be written down. They are refused all the same.
}
containment-digest = What approvers sign (SHA-256)
word-containment-primary-factor-compromised = Passwords, sessions or the identity provider are compromised
word-containment-codes-leaked = Codes were seen where they must not be
word-containment-insider-suspected = Somebody of our own may be behind it
word-containment-precaution = Precaution
word-containment-restored = The database is behind its anchor: an old backup was restored
lift-title = Lift it
lift-lead = { $needed ->
    [one] One person approves with a passkey, who neither asked for the containment nor gains by it.
   *[other] { $needed } people approve with their passkeys. None of them asked for the containment, or gains by it.
}
lift-approved-by = { $who } has approved
lift-approval-missing = An approval is missing
lift-when = Approve if the incident is over, and not before: from then on recovery works again.
lift-approve = Approve that it is lifted
lift-go = Lift it
lift-who = Somebody who may contain does it now: they find “Lift now” here.
lift-not-approver = You are no approver. Somebody with the duty “approve” signs in and opens this page.
lift-no-person = You are signed in with a key that is nobody's own. An approver signs in as themselves.
lift-asked-yourself = You asked for this containment. Somebody else approves.
lift-approved-already = You have approved. Somebody else gives the next approval.
lift-now = Lift now
lift-now-more = What was live before stays ended. Whoever was covered needs a new set.
lift-after = It was lifted. Whoever it covered has no recovery of their own until they have a new set.

## Reviews
reviews-lead = What somebody has to look at again.
reviews-recoveries = Recoveries under break-glass
reviews-none = No review is due.
reviews-late = Late
reviews-by = To be reviewed by { $at }.
reviews-sign = Sign with your passkey that you have looked at it
reviews-who-may = An approver who had no part in it signs in and reviews it.
reviews-sets = Code sets
reviews-overdue = are overdue: their replacement is due, or they have expired
reviews-unconfirmed = were never confirmed by their holder
reviews-see = See
reviews-used = those that are in use

## Settings
settings-lead = { $n ->
    [0] All settings are as they come.
    [one] 1 setting is not as it comes.
   *[other] { $n } settings are not as they come.
}
settings-operators = Operators and their passkeys
settings-keys = API keys
settings-key = Key
settings-scopes = May
settings-groups = Reaches
settings-everybody = everybody
settings-made = Made
settings-valid = Valid
settings-revoked = Revoked
settings-keys-how = Keys are made and revoked with
settings-signing = Keys of this server
settings-generation = { $n ->
   *[other] Generation { $n }
}
settings-verifier = To verify the log
word-key-pepper = Verifiers of codes
word-key-log-signing = The log's checkpoints
word-key-grant-signing = Grants
settings-destinations = Where the log is sent
settings-destinations-list = Destinations
settings-no-destination = Nowhere. Alerts stay here, where somebody has to look. See docs/EXPORT.md.
settings-destination = Destination
settings-to = To
settings-behind = Entries waiting
settings-dead = Not taken
word-destination-delivering = Delivering
word-destination-waiting = Waiting
word-destination-paused = Paused
settings-all = All settings
settings-where = They are in the configuration file. To see what each means and what bounds it:
settings-top = At the top
settings-name = Setting
settings-value = Value
settings-from = From
settings-bound = Bound
word-from-default = default
word-from-file = file
word-from-environment = environment

## Policy
policy-lead = These rules decide what is enough to get somebody back in. Each decision in the log names the rules that made it.
policy-version = Version
policy-digest = Digest
policy-loaded = In force since
policy-built-in = the first start: these are the rules that come along
policy-lint = What the check found
policy-no-findings = Nothing. No way of these rules is weaker than what standards ask.
policy-rules = Rules
policy-lines = { $n ->
    [one] 1 line
   *[other] { $n } lines
}
policy-try-this = Try a change

## Alerts and trials
alerts-lead = What rules found in the log, the newest first, each with the reasons it was raised for.
alerts-filter = Filter alerts
alerts-level = At least
alerts-any-level = Any level
alerts-rule = Rule
alerts-subject = Person or service
alerts-show = Show
alerts-none = No alert.
alerts-recovery = Recovery
alerts-why = Why
alerts-older = Older ones
word-alert-break-glass-requested = Break-glass was asked for
word-alert-break-glass-opened = Break-glass was opened
word-alert-break-glass-used = Break-glass was used
word-alert-window-lapsed = A recovery window ended unused
word-alert-routine-use = Codes become a routine sign-in
word-alert-owner-left = The owner of an account left
word-alert-bundle-opening = Somebody wants to open a bundle
word-alert-bundle-opened = A bundle was opened
word-alert-custodian-left = A custodian left
word-alert-privileged-lowered = A privileged account has less protection
word-alert-canary-used = A decoy code was presented
word-alert-repudiated = Somebody said: this was not me
word-alert-guessing-subject = Codes are guessed for one person or service
word-alert-guessing-source = Codes are guessed for many from one source
word-alert-set-disabled = Wrong codes ended a set
word-alert-routine-refused = A right code was refused because codes became routine
word-alert-use-without-loss = An account was recovered and nobody had reported a loss
word-alert-unseen-source = A code was used from a source not seen before
word-alert-dead-set = A code of a dead set was presented
word-alert-case-then-privileges = A support case was followed by more privileges
word-alert-many-cases = One agent opened many cases
word-alert-agent-throttled = An AI agent opens cases faster than it may
word-alert-case-declined = An approver said no
word-alert-lapsed-after-satisfied = A recovery was let in and never finished
word-alert-policy-loaded = Other policies came into force
word-alert-key-rotated = A key of Glassbreak got a new generation
word-alert-admin-key = An API key that may do everything was made
word-alert-exception-granted = A rule was set aside for one account
word-alert-containment-lifted = Recovery was switched on again after a containment
word-level-informational = For the record
word-level-low = Low
word-level-medium = Medium
word-level-high = High
word-level-critical = Critical
trial-title = Try a change
trial-lead = Change a file and see what the last decisions on record would have been. Nothing is put in force.
trial-unreadable = These rules cannot be read
trial-result = What came of it
trial-refused = The server would refuse to put these rules in force.
trial-would-be-taken = The server would take these rules.
trial-more = Older ones were not asked.
trial-otherwise = Decisions that would have been others
trial-when = When
trial-question = What was asked
trial-was = Was
trial-would-be = Would be
trial-change = The change
trial-file = File
trial-open = Open
trial-hint = Cedar. The other files stay as they are.
trial-try = Try it
word-outcome-permit = permitted
word-outcome-deny = refused
word-outcome-more-evidence = more evidence
alerts-entries = { $n ->
    [one] 1 entry in the log
   *[other] { $n } entries in the log
}
trial-asked = { $n ->
    [one] 1 decision was asked again.
   *[other] { $n } decisions were asked again.
}
trial-changed = { $n ->
    [0] None would have been another.
    [one] 1 would have been another.
   *[other] { $n } would have been others.
}
