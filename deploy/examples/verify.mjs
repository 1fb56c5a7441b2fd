// Node.js: what an app does with X-Auth-Assertion. npm install jose
// node verify.mjs JWKS_URL ISSUER CLUSTER ROUTE METHOD ASSERTION prints the claims, or exits with 1.
import { createRemoteJWKSet, jwtVerify } from 'jose';

const [jwksUrl, issuer, cluster, route, method, assertion] = process.argv.slice(2);
const keys = createRemoteJWKSet(new URL(jwksUrl)); // once a process: it caches, and fetches again for an unknown kid
try {
  const { payload } = await jwtVerify(assertion, keys, { issuer, audience: cluster, algorithms: ['ES256'], requiredClaims: ['sub', 'exp', 'jti'] });
  if (payload.route !== route || payload.method !== method) throw new Error('made for another route or method');
  console.log(JSON.stringify(payload));
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
