// An OpenID Connect provider for tests: node provider.mjs <port> <redirect URI>
// Anybody signs in as the login they type; `<name>@verified` has a verified e-mail address.
import { Provider } from 'oidc-provider';

const [port, redirectUri] = process.argv.slice(2);
const client = {
  client_id: 'qayidis',
  client_secret: 'only:for/tests%',
  redirect_uris: [redirectUri],
  grant_types: ['authorization_code'],
  response_types: ['code'],
};

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [client, { ...client, client_id: 'another' }],
  pkce: { required: () => true },
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['preferred_username'] },
  async findAccount(_, id) {
    const [name, kind] = id.split('@');
    const claims = {
      sub: `person-${name}`,
      preferred_username: name,
      email: `${name}@example.com`,
      email_verified: kind === 'verified',
    };
    return { accountId: id, claims: async () => claims };
  },
});

provider.listen(Number(port), '127.0.0.1', () => console.log('ready'));
