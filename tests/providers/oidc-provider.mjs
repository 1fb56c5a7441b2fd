// A real OpenID provider that this project did not write (npm oidc-provider), for tests.
// Prints one line {"issuer": ...} when it answers, then nothing; ends when its standard input does.
//
//   PORT                       0 picks a free one
//   REDIRECT_URIS, POST_LOGOUT_REDIRECT_URIS   space-separated
//   BACKCHANNEL_LOGOUT_URI     told when the user signs out at the provider
//   CLIENT_ID, CLIENT_SECRET   gateway, gateway-secret-of-the-tests
//   EXTRA_CLIENTS              JSON array of more clients in the provider's own notation
//   ACCESS_TOKEN_TTL, ID_TOKEN_TTL, REFRESH_TOKEN_TTL, SESSION_TTL   seconds
//   JWT_ACCESS_TOKENS=1        JWT access tokens for the audience urn:test:api; they are not good for userinfo
//   CLIENT_JWKS                JSON array of the client's public keys: it then authenticates with private_key_jwt (PS256)
//   STRICT=1                   pushed authorization requests only; DPoP-bound tokens only, with nonces of the provider
//   NO_REFRESH_TOKENS=1        no refresh token is issued
//
// GET /_stats                  the counters
// GET /_settings?accessTokenTtl=5&tokenDelay=200   changes the lifetime (s) and how long each token call is held (ms)
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import http from 'node:http';

// The library announces each of its development defaults; a test that reads this output wants the ready line alone.
console.info = console.warn = () => {};
const { Provider } = await import('oidc-provider');

const env = (name, fallback = '') => process.env[name] || fallback;
const list = (name) => env(name).split(/\s+/).filter(Boolean);
const seconds = (name, fallback) => Number(env(name, fallback));

const orgs = {
  acme: { id: 'org_acme', slug: 'acme', name: 'Acme Ltd' },
  globex: { id: 'org_globex', slug: 'globex', name: 'Globex GmbH' },
  initech: { id: 'org_initech', slug: 'initech', name: 'Initech Inc' },
};
const memberOf = (roles) => Object.fromEntries(Object.entries(roles).map(([slug, role]) =>
  [orgs[slug].id, { slug, name: orgs[slug].name, roles: [role], permissions: [] }]));
const users = [
  { sub: 'alice', email: 'alice@acme.test', name: 'Alice Archer', organizations: memberOf({ acme: 'admin', globex: 'viewer' }) },
  { sub: 'bob', email: 'bob@globex.test', name: 'Bob Breuer', organizations: memberOf({ globex: 'member' }) },
  { sub: 'carol', email: 'carol@initech.test', name: 'Carol Čapková', organizations: memberOf({ initech: 'member', acme: 'member', globex: 'member' }) },
  { sub: 'dave', email: 'dave@nowhere.test', name: 'Dave Doe', organizations: {} },
].map((user) => ({ ...user, email_verified: true }));

const settings = { accessTokenTtl: seconds('ACCESS_TOKEN_TTL', 3600), tokenDelay: 0 };
const stats = { authorizations: 0, signIns: 0, tokenCalls: 0, codesRedeemed: 0, refreshes: 0, refreshErrors: 0, tokenErrors: {}, grantsRevoked: 0, userInfoCalls: 0, signOuts: 0, backchannelLogouts: 0 };

const signingKey = (type, options, alg) =>
  ({ ...generateKeyPairSync(type, options).privateKey.export({ format: 'jwk' }), alg, use: 'sig', kid: `${alg}-${randomBytes(4).toString('hex')}` });

const server = http.createServer();
await new Promise((ready) => server.listen(Number(env('PORT', '0')), '127.0.0.1', ready));
const issuer = `http://localhost:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [{
    client_id: env('CLIENT_ID', 'gateway'),
    ...(env('CLIENT_JWKS')
      ? { jwks: { keys: JSON.parse(env('CLIENT_JWKS')) }, token_endpoint_auth_method: 'private_key_jwt', token_endpoint_auth_signing_alg: 'PS256' }
      : { client_secret: env('CLIENT_SECRET', 'gateway-secret-of-the-tests'), token_endpoint_auth_method: 'client_secret_basic' }),
    ...(env('STRICT') && { require_pushed_authorization_requests: true, dpop_bound_access_tokens: true }),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    redirect_uris: list('REDIRECT_URIS'),
    post_logout_redirect_uris: list('POST_LOGOUT_REDIRECT_URIS'),
    ...(env('BACKCHANNEL_LOGOUT_URI') && { backchannel_logout_uri: env('BACKCHANNEL_LOGOUT_URI'), backchannel_logout_session_required: true }),
  }, ...JSON.parse(env('EXTRA_CLIENTS', '[]'))],
  jwks: { keys: [signingKey('rsa', { modulusLength: 2048 }, 'RS256'), signingKey('ec', { namedCurve: 'P-256' }, 'ES256')] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub', 'organizations'], email: ['email', 'email_verified'], profile: ['name'] },
  scopes: ['openid', 'offline_access', 'api'],
  conformIdTokenClaims: false, // the claims are in the ID token too, not at userinfo alone
  findAccount: (ctx, sub) => {
    const user = users.find((candidate) => candidate.sub === sub);
    return user && { accountId: sub, claims: () => user };
  },
  interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
  loadExistingGrant: grantEverything,
  pkce: { required: () => true },
  rotateRefreshToken: true, // a consumed refresh token presented again revokes the grant
  issueRefreshToken: (ctx, client) => !env('NO_REFRESH_TOKENS') && client.grantTypeAllowed('refresh_token'),
  expiresWithSession: () => false,
  ttl: {
    AccessToken: () => settings.accessTokenTtl,
    IdToken: seconds('ID_TOKEN_TTL', 3600),
    RefreshToken: seconds('REFRESH_TOKEN_TTL', 86400),
    Session: seconds('SESSION_TTL', 86400),
    Grant: 86400, Interaction: 600, AuthorizationCode: 60,
  },
  features: {
    devInteractions: { enabled: false },
    userinfo: { enabled: true },
    revocation: { enabled: true },
    ...(env('STRICT') && {
      pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
      dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true },
    }),
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: { enabled: true, logoutSource: signOutPage, postLogoutSuccessSource: (ctx) => { ctx.body = page('Signed out', '<p>You are signed out.</p>'); } },
    resourceIndicators: env('JWT_ACCESS_TOKENS') ? {
      enabled: true,
      defaultResource: () => 'urn:test:api',
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'openid api', audience: 'urn:test:api', accessTokenTTL: settings.accessTokenTtl, accessTokenFormat: 'jwt', jwt: { sign: { alg: 'RS256' } } }),
    } : { enabled: false },
  },
  renderError: (ctx, out) => { ctx.body = page('Error', `<pre>${text(JSON.stringify(out))}</pre>`); },
  // The library refuses to call loopback addresses, where every party of a test lives.
  fetch: (url, { dispatcher, ...options }) => fetch(url, options),
});

// Consent is not what the tests are about: whoever signs in has agreed.
async function grantEverything(ctx) {
  const { client, session } = ctx.oidc;
  const known = session.grantIdFor(client.clientId);
  const grant = (known && await provider.Grant.find(known)) || new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope('openid email profile offline_access api');
  grant.addOIDCClaims(['sub', 'email', 'email_verified', 'name', 'organizations']);
  grant.addResourceScope('urn:test:api', 'openid api');
  await grant.save();
  return grant;
}

const text = (value) => String(value ?? '').replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const page = (title, body) => `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title><body><h1>${title}</h1>${body}</body></html>`;

function signOutPage(ctx, form) {
  ctx.body = page('Sign out', `${form}<button form="op.logoutForm" name="logout" value="yes">Sign out</button>
<script>document.querySelector('button').click()</script>`);
}

function signInPage(res, hint, fault) {
  res.writeHead(fault ? 401 : 200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
  res.end(page('Sign in', `${fault ? `<p role="alert">${fault}</p>` : ''}<form method="post">
<label>E-mail <input name="email" type="email" value="${text(hint)}" required autofocus></label>
<label>Password <input name="password" type="password" required></label><button>Sign in</button></form>`));
}

async function interact(req, res) {
  const { prompt, params } = await provider.interactionDetails(req, res);
  if (prompt.name === 'consent') return provider.interactionFinished(req, res, { consent: {} }, { mergeWithLastSubmission: true });
  if (req.method !== 'POST') return signInPage(res, params.login_hint);
  let body = '';
  for await (const chunk of req) body += chunk;
  const form = new URLSearchParams(body);
  const user = users.find((candidate) => candidate.email === form.get('email'));
  if (!user || form.get('password') !== 'demo') return signInPage(res, form.get('email'), 'Unknown e-mail or wrong password.');
  stats.signIns++;
  return provider.interactionFinished(req, res, { login: { accountId: user.sub } }, { mergeWithLastSubmission: false });
}

// One token call after the other: the in-memory store has no atomic "consume", so that two calls at once could both
// redeem the same one-time refresh token. The delay is waited side by side.
let turn = Promise.resolve();
provider.use(async (ctx, next) => {
  if (ctx.path === '/me') stats.userInfoCalls++;
  if (ctx.path !== '/token') return next();
  stats.tokenCalls++;
  if (settings.tokenDelay) await new Promise((passed) => setTimeout(passed, settings.tokenDelay));
  const mine = turn.then(next);
  turn = mine.catch(() => {});
  return mine;
});
const isRefresh = (ctx) => ctx.oidc?.params?.grant_type === 'refresh_token';
provider.on('authorization.success', () => { stats.authorizations++; });
provider.on('grant.success', (ctx) => { stats[isRefresh(ctx) ? 'refreshes' : 'codesRedeemed']++; });
provider.on('grant.error', (ctx, { error }) => {
  if (isRefresh(ctx)) stats.refreshErrors++;
  stats.tokenErrors[error] = (stats.tokenErrors[error] ?? 0) + 1;
});
provider.on('grant.revoked', () => { stats.grantsRevoked++; });
provider.on('end_session.success', () => { stats.signOuts++; });
provider.on('backchannel.success', () => { stats.backchannelLogouts++; });
provider.on('server_error', (ctx, error) => console.error(error));

const respond = (res, value) => res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
const oidc = provider.callback();
server.on('request', (req, res) => {
  const url = new URL(req.url, issuer);
  if (url.pathname === '/_stats') return respond(res, stats);
  if (url.pathname === '/_settings') {
    for (const [name, value] of url.searchParams) if (name in settings) settings[name] = Number(value);
    return respond(res, settings);
  }
  if (!url.pathname.startsWith('/interaction/')) return oidc(req, res);
  interact(req, res).catch((error) => res.writeHead(400, { 'content-type': 'text/html' }).end(page('Error', `<p>${text(error.message)}</p>`)));
});

process.stdin.resume().on('end', () => process.exit()).on('error', () => process.exit());
console.log(JSON.stringify({ issuer }));
