// Drives the `ceremony` example in headless Chromium with its virtual authenticator, and fails if an
// outcome is not the one expected. Needs Debian's `chromium`, and `playwright-core` from npm:
//
//   cargo run -p glassbreak-approval --example ceremony -- 8787 /tmp &
//   node drive.mjs 8787

import { createRequire } from "node:module";

// From where it is run, so that this folder needs no `node_modules`.
const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");
const port = Number(process.argv[2] ?? 8787);

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
let failed = 0;
const expect = (what, found, wanted) => {
  const good = found === wanted;
  failed += good ? 0 : 1;
  console.log(`${good ? "ok  " : "FAIL"} ${what}: ${found}${good ? "" : `, not ${wanted}`}`);
};

try {
  const page = await browser.newPage();
  await page.goto(`http://localhost:${port}/`);
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("WebAuthn.enable");
  const options = {
    protocol: "ctap2", transport: "usb", hasResidentKey: true, hasUserVerification: true,
    isUserVerified: true, automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await devtools.send("WebAuthn.addVirtualAuthenticator", { options });
  expect("a passkey is enrolled", await page.evaluate(() => enrol()), "accepted");

  const signed = await page.evaluate(() => sign());
  expect("the case is approved", await page.evaluate((s) => approve(s), signed), "accepted");
  expect("the same again", await page.evaluate((s) => approve(s), signed), "counter_backwards");
  const early = await page.evaluate(() => sign());
  await page.evaluate(() => change());
  expect("the case has changed", await page.evaluate((s) => approve(s), early), "wrong_case");
  expect("and is approved again", await page.evaluate(() => approve()), "accepted");

  await page.goto(`http://localhost:${port + 1}/`);
  expect("on a page of another origin", await page.evaluate(() => approve()), "foreign_origin");
  await page.goto(`http://localhost:${port}/`);

  await devtools.send("WebAuthn.setUserVerified", { authenticatorId, isUserVerified: false });
  const unverified = await page.evaluate(() => approve().catch((error) => error.name));
  expect("a person who is not verified", unverified, "NotAllowedError");
} finally {
  await browser.close();
}
process.exit(failed === 0 ? 0 : 1);
