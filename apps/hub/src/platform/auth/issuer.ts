import { join } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { createLocalJWKSet, exportJWK, generateKeyPair, type JWK, type JWTVerifyGetKey } from 'jose';
import { errors, Provider, type Adapter, type AdapterPayload, type Configuration } from 'oidc-provider';
import { keepFile } from '../keep-file.js';
import type { Logger } from '../log.js';
import type { CredentialStore } from './credentials.js';
import { AUDIENCE } from './verifier.js';

/** The embedded OAuth 2.0 token endpoint. */
export interface Issuer {
  provider: Provider;
  /** Its public keys, for the verifier in the same process. */
  keys: JWTVerifyGetKey;
}

/** How long an access token is good, in seconds. */
export const TOKEN_TTL_S = 900;
const ALG = 'ES256';

/**
 * Client credentials only; tokens are JWTs for this hub. The signing key is kept in `dataDir`, so that all processes
 * that share the folder, and the next start, know each other's tokens.
 */
export async function createIssuer(options: {
  publicUrl: string;
  dataDir: string;
  credentials: CredentialStore;
  logger: Logger;
}): Promise<Issuer> {
  const { credentials, logger } = options;
  const text = await keepFile(join(options.dataDir, 'token-keys.json'), newSigningKeys);
  const jwks = JSON.parse(text) as { keys: (JWK & { kty: string })[] };
  const provider = new Provider(options.publicUrl, configuration(credentials, jwks));
  // The one place where oidc-provider compares a secret: ours are kept as digests, and two may be valid at once.
  Object.assign(provider.Client.prototype, {
    compareClientSecret(this: { clientId: string }, secret: string) {
      return credentials.matches(this.clientId, secret);
    },
  });
  provider.on('server_error', (_context, error) => logger.error({ err: error }, 'token endpoint failed'));
  return { provider, keys: createLocalJWKSet({ keys: jwks.keys.map(publicPart) }) };
}

/** Serves `POST /oauth2/token` and `GET /oauth2/jwks`; the provider reads the request's body itself. */
export function mountIssuer(fastify: FastifyInstance, { provider }: Issuer): void {
  const serve = provider.callback();
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    const handler = { handler: hand, url: '' };
    scope.route({ ...handler, method: 'POST', url: '/oauth2/token' });
    scope.route({ ...handler, method: 'GET', url: '/oauth2/jwks' });
    done();
  });
  function hand(
    request: { raw: Parameters<typeof serve>[0] },
    reply: { hijack(): unknown; raw: Parameters<typeof serve>[1] },
  ) {
    reply.hijack();
    void serve(request.raw, reply.raw);
  }
}

async function newSigningKeys(): Promise<string> {
  const { privateKey } = await generateKeyPair(ALG, { extractable: true });
  const kid = `token-${new Date().toISOString().slice(0, 10)}`;
  return `${JSON.stringify({ keys: [{ ...(await exportJWK(privateKey)), kid, alg: ALG, use: 'sig' }] }, null, 2)}\n`;
}

function publicPart({ d: _private, ...rest }: JWK & { kty: string }): JWK & { kty: string } {
  return rest;
}

function configuration(credentials: CredentialStore, jwks: Configuration['jwks']): Configuration {
  return {
    jwks,
    adapter: (model) => new ClientsFromFile(model, credentials),
    routes: { token: '/oauth2/token', jwks: '/oauth2/jwks' },
    clientAuthMethods: ['client_secret_basic', 'client_secret_post'],
    clientDefaults: { id_token_signed_response_alg: ALG },
    enabledJWA: { idTokenSigningAlgValues: [ALG] },
    responseTypes: [],
    scopes: [],
    ttl: { ClientCredentials: TOKEN_TTL_S },
    extraTokenClaims: (_context, token) => claimsFor(credentials, token.clientId ?? ''),
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => AUDIENCE,
        useGrantedResource: () => true,
        getResourceServerInfo: (_context, resource) => {
          if (resource !== AUDIENCE)
            throw new errors.InvalidTarget(`This hub issues tokens for ${AUDIENCE} only.`);
          return {
            scope: '',
            audience: AUDIENCE,
            accessTokenTTL: TOKEN_TTL_S,
            accessTokenFormat: 'jwt',
            jwt: { sign: { alg: ALG } },
          };
        },
      },
    },
  };
}

function claimsFor(credentials: CredentialStore, clientId: string): Record<string, unknown> {
  const client = credentials.find(clientId);
  if (!client) throw new errors.InvalidClient('client was removed');
  return client.roles ? { roles: client.roles } : { partner: client.id };
}

/** oidc-provider's store: clients come from the credentials file; JWT tokens need no keeping. */
class ClientsFromFile implements Adapter {
  constructor(
    private readonly model: string,
    private readonly credentials: CredentialStore,
  ) {}

  async find(id: string): Promise<AdapterPayload | undefined> {
    if (this.model !== 'Client' || !this.credentials.find(id)) return undefined;
    return {
      client_id: id,
      // Never compared: see compareClientSecret above.
      client_secret: 'kept-as-a-digest',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    };
  }
  async upsert(): Promise<void> {}
  async findByUserCode(): Promise<undefined> {}
  async findByUid(): Promise<undefined> {}
  async consume(): Promise<void> {}
  async destroy(): Promise<void> {}
  async revokeByGrantId(): Promise<void> {}
}
