// express-openid-connect and http-proxy-middleware as their READMEs put them together: signed in for everything, the user's token and
// claims in headers to the upstream.
//   PORT  ISSUER  CLIENT_ID  CLIENT_SECRET  UPSTREAM   REDIS: sessions there, not in the cookie   WORKERS: processes
import cluster from 'node:cluster';
import http from 'node:http';
import express from 'express';
import eoc from 'express-openid-connect';
import { createProxyMiddleware } from 'http-proxy-middleware';

const { PORT, ISSUER, CLIENT_ID, CLIENT_SECRET, UPSTREAM, REDIS, WORKERS } = process.env;
if (cluster.isPrimary && Number(WORKERS) > 1) {
  for (let i = 0; i < Number(WORKERS); i++) cluster.fork();
} else {
  const app = express();
  app.disable('x-powered-by');
  app.use(eoc.auth({
    issuerBaseURL: ISSUER, baseURL: `http://127.0.0.1:${PORT}`, clientID: CLIENT_ID, clientSecret: CLIENT_SECRET,
    secret: 'secret-of-the-benchmark-0123456789', clientAuthMethod: 'client_secret_basic', authRequired: true, idpLogout: false,
    authorizationParams: { response_type: 'code', scope: 'openid profile email' },
    ...(REDIS && { session: { store: await redisStore() } }),
  }));
  app.use((req, res, next) => {
    const claims = req.oidc.idTokenClaims;
    req.headers['x-auth-user-id'] = claims.sub;
    req.headers['x-auth-name'] = encodeURIComponent(claims.name);
    req.headers['x-auth-email'] = claims.email;
    req.headers['x-auth-roles'] = Object.values(claims.organizations).flatMap((org) => org.roles).join(',');
    req.headers.authorization = `Bearer ${req.oidc.accessToken.access_token}`;
    delete req.headers.cookie;
    next();
  });
  app.use(createProxyMiddleware({ target: UPSTREAM, agent: new http.Agent({ keepAlive: true, maxSockets: 256 }) }));
  app.listen(Number(PORT), '127.0.0.1').keepAliveTimeout = 300_000;
}

async function redisStore() {
  const { createClient } = await import('redis');
  const { RedisStore } = await import('connect-redis');
  return new RedisStore({ client: await createClient({ url: REDIS }).connect() });
}
