## What is on every page
skip = Go to the content
navigation = Pages
language = Language
ask = Questions? Ask { $contact }.
contact-unnamed = the support desk
signed-in-as = Signed in: { $who }
sign-out = Sign out
sign-in = Sign in
nav-console = Security
nav-overview = Overview
nav-inventory = Inventory
nav-subjects = Subjects
nav-recoveries = Recoveries
nav-alerts = Alerts
nav-containment = Containment
nav-policy = Policy
nav-log = Log
nav-reviews = Reviews
nav-operators = Operators
nav-settings = Settings
nav-desk = Support desk
nav-queue = Queue
nav-new-case = New case
nav-burden = Figures
date = { $day } { $month } { $year }
month-1 = January
month-2 = February
month-3 = March
month-4 = April
month-5 = May
month-6 = June
month-7 = July
month-8 = August
month-9 = September
month-10 = October
month-11 = November
month-12 = December
codes-count = { $n ->
    [one] 1 code
   *[other] { $n } codes
}
retry-after = { $n ->
    [one] Try again in one second.
   *[other] Try again in { $n } seconds.
}
reasons = The rules that said no
problem-code = If you ask for help, say this code:
go-home = Go to the start

## The first page
welcome-title = Get back in
welcome-lead = For when the phone is lost, the app is gone or the key is broken.
welcome-recover = Use a recovery code
welcome-recover-more = You have a sheet with codes, or somebody sent you one.
welcome-self = See your recovery codes
welcome-self-more = What you have, a new sheet, or report one that is lost.
welcome-console = I work here
welcome-console-more = Support desk and security console.

## Signing in
sign-in-title = Sign in
sign-in-provider = Sign in with your organisation
sign-in-key = API key
sign-in-key-hint = An administrator makes one for you. The first of a new server is in its data directory, in the file admin-key.
sign-in-refused = This key is not known, or it was revoked. Check that you copied all of it.
signed-out = You are signed out.

## Refusals
problem-scope-missing = You may not do this
problem-cross-site = This form is too old
problem-cross-site-do = The page it was on belongs to another sign-in, or came from elsewhere. Open the page again and send it once more.
problem-not-found = There is no such page
problem-not-found-do = Check the address, or go to the start.
problem-internal = Something is wrong on our side
problem-internal-do = It was written down. Try again in a moment.

## Passkeys
passkey-needs-script = A passkey needs JavaScript in the browser. Switch it on for this page, or approve with the command line.
script-passkey-waiting = Follow your browser: it asks for your passkey.
script-passkey-cancelled = Nothing was signed. Press again when you are ready.
script-passkey-already = This device has a passkey here already.
script-passkey-unsupported = This browser cannot use passkeys. Use another one.
script-passkey-site = Passkeys are not of this address. Open the page under the name that your administrator gave you.
script-passkey-offline = The server could not be reached. Try again.
script-passkey-failed = It was not taken: %title% (%code%)
