// The identity provider of the tests: `oidc-provider`, with its own pages to sign in and to agree.
// Beside it a door for the tests alone: change keys, name clients, and sign what no provider would.
import http from "node:http";
import crypto from "node:crypto";
import {
  createRemoteJWKSet, exportJWK, exportSPKI, generateKeyPair, jwtVerify, SignJWT,
} from "jose";
import * as oidc from "oidc-provider";

let generation = 0;
let keys = {};
let settings = { base: "http://127.0.0.1:1", groups: {} };
let answer = (_, response) => response.writeHead(503).end();
let issuer;

async function newKeys() {
  generation += 1;
  const made = {};
  for (const alg of ["RS256", "ES256", "EdDSA"]) {
    const pair = await generateKeyPair(alg, { extractable: true });
    const kid = `${alg}-${generation}`;
    const jwk = { ...(await exportJWK(pair.privateKey)), kid, use: "sig", alg };
    made[alg] = { ...pair, kid, jwk };
  }
  return made;
}

function rebuild() {
  const claims = (id) => ({ sub: id, groups: settings.groups[id] ?? [] });
  const client = (more) => ({ grant_types: ["authorization_code"], response_types: ["code"], ...more });
  const provider = new oidc.Provider(issuer, {
    clients: [
      client({
        client_id: "glassbreak",
        client_secret: "a secret with / and + and a space in it",
        redirect_uris: [`${settings.base}/auth/callback`],
        post_logout_redirect_uris: [`${settings.base}/`],
      }),
      client({
        client_id: "glassbreak-self",
        token_endpoint_auth_method: "none",
        redirect_uris: [`${settings.base}/self/callback`],
      }),
      client({
        client_id: "desk-app",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1:1/desk"],
      }),
      client({
        client_id: "terminal",
        application_type: "native",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1/callback"],
      }),
      client({
        client_id: "other-app",
        token_endpoint_auth_method: "none",
        redirect_uris: ["http://127.0.0.1:1/desk"],
      }),
    ],
    jwks: { keys: Object.values(keys).map((key) => key.jwk) },
    cookies: { keys: ["of the tests"] },
    acrValues: ["mfa", "phr"],
    claims: { openid: ["sub", "groups"] },
    conformIdTokenClaims: false,
    findAccount: (_, id) => ({ accountId: id, claims: () => claims(id) }),
    extraTokenClaims: (_, token) => ({ groups: settings.groups[token.accountId] ?? [] }),
    features: {
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => undefined,
        useGrantedResource: () => false,
        getResourceServerInfo: (_, audience) => ({
          scope: "api",
          audience,
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "RS256" } },
        }),
      },
    },
    ttl: { Session: 600, Grant: 600, Interaction: 600, AuthorizationCode: 60, IdToken: 600 },
  });
  // How somebody signed in is what the test says.
  const { loginAccount } = provider.Session.prototype;
  provider.Session.prototype.loginAccount = function login(details) {
    return loginAccount.call(this, { ...details, acr: settings.acr ?? undefined });
  };
  answer = provider.callback();
}

const base64 = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");

// Signs whatever is asked for.
async function sign({ alg, header = {}, claims }) {
  if (alg === "none") {
    return `${base64({ alg: "none", ...header })}.${base64(claims)}.`;
  }
  if (alg === "HS256") {
    // The mistake of the ages: the public key, which everybody has, taken for a shared secret.
    const secret = await exportSPKI(keys.RS256.publicKey);
    const signed = `${base64({ alg, kid: keys.RS256.kid, ...header })}.${base64(claims)}`;
    return `${signed}.${crypto.createHmac("sha256", secret).update(signed).digest("base64url")}`;
  }
  const key = keys[alg];
  const token = new SignJWT(claims).setProtectedHeader({ alg, kid: key.kid, ...header });
  return token.sign(key.privateKey);
}

const doors = {
  "/configure": async (asked) => { settings = { ...settings, ...asked }; rebuild(); return {}; },
  "/rotate": async () => { keys = await newKeys(); rebuild(); return {}; },
  "/sign": async (asked) => ({ token: await sign(asked) }),
};

async function door(request, response) {
  let body = "";
  for await (const part of request) body += part;
  try {
    const answered = await doors[request.url](JSON.parse(body || "{}"));
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answered));
  } catch (error) {
    response.writeHead(500).end(String(error?.stack ?? error));
  }
}

// The page that a window's grant is posted to. What follows at a real provider, the new passkey, is
// not what is tried here: this one takes the grant, says that it is bound, and leads back.
async function enrol(request, response) {
  let body = "";
  for await (const part of request) body += part;
  try {
    const grant = new URLSearchParams(body).get("grant");
    const keys = createRemoteJWKSet(new URL(`${settings.base}/.well-known/jwks.json`));
    const { payload } = await jwtVerify(grant, keys, { algorithms: ["EdDSA"] });
    if (payload.purpose !== "reenrol") throw new Error(`this is for ${payload.purpose}`);
    const done = await fetch(`${settings.base}/v1/recoveries/${payload.recovery_id}/complete`, {
      method: "POST",
      headers: { authorization: `Bearer ${settings.key}`, "content-type": "application/json" },
      body: JSON.stringify({ authenticator_bound: true }),
    });
    if (!done.ok) throw new Error(await done.text());
    response.writeHead(303, { location: `${settings.base}/self/recovery` }).end();
  } catch (error) {
    response.writeHead(400).end(String(error?.stack ?? error));
  }
}

const server = http.createServer((request, response) => {
  const isGrant = request.method === "POST" && request.url === "/enrol";
  return isGrant ? enrol(request, response) : answer(request, response);
});
const control = http.createServer(door);
server.listen(0, "127.0.0.1", () => control.listen(0, "127.0.0.1", async () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  keys = await newKeys();
  rebuild();
  console.log(`ready ${server.address().port} ${control.address().port}`);
}));
// It ends with the test, whose end of this pipe closes.
process.stdin.resume().on("end", () => process.exit(0));
