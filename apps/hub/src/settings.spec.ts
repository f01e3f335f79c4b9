import { describe, expect, it } from '@jest/globals';
import { newHubKeys } from './platform/sealing.js';
import type { WrongSettings } from './settings.js';
import { readSettings } from './settings.js';

const problemsOf = (env: Record<string, string>): string[] => {
  try {
    readSettings(env);
    return [];
  } catch (error) {
    return (error as WrongSettings).problems;
  }
};

describe('the settings', () => {
  it('have defaults that need nothing', () => {
    const { dataDir, configDir, ...rest } = readSettings({ PATH: '/bin' });
    expect(rest).toEqual({
      host: '127.0.0.1',
      port: 8080,
      publicUrl: 'http://127.0.0.1:8080',
      databaseUrl: undefined,
      databasePool: 10,
      kafka: undefined,
      keys: undefined,
      oidcIssuers: [],
      demo: false,
      logLevel: 'info',
      opsWebhook: undefined,
    });
    expect([dataDir, configDir]).toEqual([
      expect.stringMatching(/^\/.*\/\.data$/),
      expect.stringMatching(/\/config$/),
    ]);
  });

  it('are read from the environment', () => {
    const settings = readSettings({
      HUB_PORT: '0',
      HUB_URL: 'https://hub.example/',
      DATABASE_URL: 'postgres://hub@db.example/hub',
      KAFKA_BROKERS: 'one:9092, two:9093',
      KAFKA_SSL: '1',
      KAFKA_SASL_MECHANISM: 'plain',
      KAFKA_SASL_USERNAME: 'hub',
      KAFKA_SASL_PASSWORD: 'secret',
      OIDC_ISSUERS: 'https://idp.example/realms/nkm/',
      HUB_KEYS: newHubKeys(),
      HUB_DEMO: '1',
    });
    expect(settings).toMatchObject({
      port: 0,
      publicUrl: 'https://hub.example',
      kafka: {
        brokers: ['one:9092', 'two:9093'],
        ssl: true,
        sasl: { mechanism: 'plain', username: 'hub', password: 'secret' },
      },
      oidcIssuers: ['https://idp.example/realms/nkm'],
      demo: true,
    });
  });

  it('name every wrong one at once, with what would be right, and repeat no secret', () => {
    const problems = problemsOf({
      HUB_PORT: '80800',
      DATABASE_URL: 'mysql://root:hunter2@db/hub',
      DATABASE_POOL: 'ten',
      KAFKA_BROKERS: 'http://one:9092',
      KAFKA_SASL_USERNAME: 'hub',
      HUB_KEYS: '{"keys":[]}',
      HUB_DEMO: 'yes',
      LOG_LEVEL: 'loud',
      OPS_WEBHOOK_URL: 'https://ops.example',
      HUB_PROT: '8080',
    });
    expect(problems).toEqual([
      'HUB_PORT must be a whole number from 0 to 65535, not "80800".',
      'DATABASE_URL must be a URL that begins with postgres:// or postgresql://.',
      'DATABASE_POOL must be a whole number from 2 to 200, not "ten".',
      'KAFKA_BROKERS must be host:port, separated by commas; "http://one:9092" is not.',
      'KAFKA_SASL_MECHANISM, KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD must be given together, or none of them.',
      'HUB_KEYS: the set needs at least one key with alg A256GCMKW; the last one seals.',
      'HUB_DEMO must be 0 or 1, not "yes".',
      'LOG_LEVEL must be one of trace, debug, info, warn, error, fatal, silent, not "loud".',
      'OPS_WEBHOOK_URL needs OPS_WEBHOOK_SECRET, for every alert is signed.',
      expect.stringContaining('HUB_PROT is not a setting'),
    ]);
    expect(problems.join()).not.toContain('hunter2');
  });

  it('want Kafka credentials only with brokers', () => {
    expect(problemsOf({ KAFKA_SSL: '1' })).toEqual(['KAFKA_SSL and KAFKA_SASL_* need KAFKA_BROKERS.']);
  });
});
