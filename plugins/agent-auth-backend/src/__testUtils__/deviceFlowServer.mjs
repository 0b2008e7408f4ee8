// An authorization server with the device flow, for tests of the login scripts: a process of its
// own, as Jest runs no ECMAScript modules. Prints its URL on the first line of standard output.
//
// POST /test/decide {userCode, error?} approves or refuses a sign-in; GET /test/requests tells
// what was asked for at the token endpoint, and how it was answered.
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

const accessTokenSeconds = Number(process.argv[2] ?? 3600);
const requests = [];
const server = createServer();
await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;
const resource = `${url}/proxy`;

const provider = new Provider(url, {
  clients: [
    {
      client_id: 'prompt-corner-login',
      token_endpoint_auth_method: 'none',
      grant_types: [
        'urn:ietf:params:oauth:grant-type:device_code',
        'refresh_token',
      ],
      response_types: [],
      redirect_uris: [],
    },
  ],
  routes: {
    device_authorization: '/oauth/device_authorization',
    token: '/oauth/token',
    revocation: '/oauth/revoke',
  },
  features: {
    devInteractions: { enabled: false },
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => resource,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({
        scope: 'models:use tools:read',
        accessTokenTTL: accessTokenSeconds,
      }),
    },
  },
  issueRefreshToken: () => true,
  rotateRefreshToken: () => true,
  expiresWithSession: () => false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
  ttl: { DeviceCode: 60, RefreshToken: 3600, Grant: 3600 },
  cookies: { keys: ['only for tests'] },
});
provider.use(async (ctx, next) => {
  await next();
  if (ctx.path === '/oauth/token') {
    requests.push({
      grantType: ctx.oidc?.params?.grant_type,
      resource: ctx.oidc?.params?.resource,
      status: ctx.status,
      error: ctx.body?.error,
    });
  }
});
const handle = provider.callback();

async function decide({ userCode, error }) {
  const code = await provider.DeviceCode.findByUserCode(
    userCode.replaceAll('-', ''),
  );
  if (error) {
    code.error = error;
  } else {
    const grant = new provider.Grant({
      accountId: 'ada',
      clientId: code.clientId,
    });
    const wanted = code.params.resource ?? resource;
    grant.addResourceScope(wanted, code.params.scope);
    Object.assign(code, {
      accountId: 'ada',
      grantId: await grant.save(),
      authTime: Math.floor(Date.now() / 1000),
      claims: {},
      scope: code.params.scope,
      resource: wanted,
    });
  }
  await code.save(60);
}

server.on('request', async (request, response) => {
  if (request.url === '/test/requests') {
    response.end(JSON.stringify(requests));
  } else if (request.url === '/test/decide') {
    let body = '';
    for await (const chunk of request) {
      body += chunk;
    }
    await decide(JSON.parse(body));
    response.end('{}');
  } else {
    handle(request, response);
  }
});
process.stdout.write(`${url}\n`);
