import { describe, expect, it } from '@jest/globals';
import { Webhook } from 'standardwebhooks';
import { setup } from '../../../tests/support/cli.js';
import { eventually } from '../../../tests/support/eventually.js';

const SECRET = `whsec_${Buffer.alloc(24, 7).toString('base64')}`;

describe('hub alerts', () => {
  const alert = {
    alertId: 'a-1',
    at: '2026-11-22T10:00:00Z',
    severity: 'urgent',
    kind: 'parked',
    owner: 'ops',
    text: 'A thing needs you.',
  };

  it('shows each alert once, and comes back when the line breaks', async () => {
    let calls = 0;
    const second = { ...alert, alertId: 'a-2', text: 'Another thing.', severity: 'warning' };
    const event = (data: object) => `event: alert\ndata: ${JSON.stringify(data)}\n\n`;
    const { hub, said, stop } = await setup({
      'GET /v1/events?only=alerts': (response) => {
        response.write(`: hello\n\n${event(alert)}`);
        if (++calls === 1) response.end('event: alert\ndata: half');
        else response.write(event(second));
      },
    });
    const ended = hub('alerts', '--watch');
    await eventually(() => expect(said.out).toContain('WARNING  ops: Another thing. (parked)'));
    expect(said.out.split('URGENT  ops: A thing needs you. (parked)')).toHaveLength(2);
    stop.abort();
    expect(await ended).toBe(0);
  });

  it('shows every live event when asked to', async () => {
    const { hub, said, stop } = await setup({
      'GET /v1/events': (response) =>
        void response.write('event: station\ndata: {"station":"hub.accepted"}\n\n'),
    });
    const ended = hub('alerts', '--watch', '--all');
    await eventually(() => expect(said.out).toContain('station  {"station":"hub.accepted"}'));
    stop.abort();
    expect(await ended).toBe(0);
  });

  it('receives the signed webhook, shows each alert once and refuses a wrong signature', async () => {
    const { hub, said, stop } = await setup({}, { OPS_WEBHOOK_SECRET: SECRET });
    const ended = hub('alerts', '--listen', '0');
    const url = await eventually(
      () => /http:\S+/.exec(said.err)?.[0] ?? Promise.reject(new Error('not yet')),
    );
    const body = JSON.stringify({ type: 'hub.alert', data: alert });
    const send = async (secret: string) => {
      const now = new Date();
      const headers = {
        'webhook-id': 'a-1',
        'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
        'webhook-signature': new Webhook(secret).sign('a-1', now, body),
      };
      return (await fetch(url, { method: 'POST', headers, body })).status;
    };
    expect(await send(`whsec_${Buffer.alloc(24, 9).toString('base64')}`)).toBe(400);
    expect(said.out).toBe('');
    expect([await send(SECRET), await send(SECRET)]).toEqual([204, 204]);
    expect(said.out.split('A thing needs you.')).toHaveLength(2);
    stop.abort();
    expect(await ended).toBe(0);
  });
});

describe('hub doctor', () => {
  it('finds everything well', async () => {
    const { hub, said } = await setup({
      'GET /health/ready': [200, { ready: true, parts: { ledger: 'ok' } }],
      'GET /v1/partners': [200, [{ id: 'salus', gates: [{ stream: 'ordinary', state: 'open' }] }]],
    });
    await hub('doctor', '--json');
    const findings = JSON.parse(said.out) as { part: string; state: string }[];
    const states = Object.fromEntries(findings.map(({ part, state }) => [part.trim(), state]));
    expect(states).toMatchObject({
      HUB_DATA: 'well',
      ledger: 'well',
      'log in as ops': 'well',
      'partner salus': 'well',
    });
    expect(states).toMatchObject({ DATABASE_URL: 'off', KAFKA_BROKERS: 'off' });
  });

  it('says of each ill part what to do, and quotes no password', async () => {
    const env = {
      DATABASE_URL: 'postgres://hub:hunter2@127.0.0.1:1/hub',
      KAFKA_BROKERS: '127.0.0.1:1',
      OIDC_ISSUERS: 'http://127.0.0.1:1',
    };
    const { hub, said } = await setup(
      {
        'GET /health/ready': [503, { ready: false, parts: { ledger: 'not ready' } }],
        'GET /v1/partners': [200, [{ id: 'nelft', gates: [{ stream: 'ordinary', state: 'resting' }] }]],
      },
      env,
    );
    expect(await hub('doctor')).toBe(1);
    expect(said.err).toMatch(/Not well: .*DATABASE_URL, broker 127\.0\.0\.1:1, issuer .*, {3}ledger/);
    expect(said.out).toContain('hub partners resume nelft');
    expect(said.out).toContain('cannot be reached (ECONNREFUSED)');
    expect(said.out + said.err).not.toContain('hunter2');
  });
});
