import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { aMeasure, aRequest, aStepUp, type Message } from '../support/builders.js';
import { eventually } from '../support/eventually.js';
import { startHubUnderTest, type HubUnderTest } from '../support/hub-under-test.js';
import { untilStates, untilStation } from '../support/party.js';
import { opensshIsHere, startOpenssh, startSftpPeer, type SftpPeer } from '../support/sftp-peers.js';

jest.setTimeout(60_000);

const PEERS: [string, () => Promise<SftpPeer>][] = [
  ['ssh2', startSftpPeer],
  ...(opensshIsHere() ? ([['OpenSSH', startOpenssh]] as [string, () => Promise<SftpPeer>][]) : []),
];

describe.each(PEERS)('when files are exchanged with CHUMS, whose server is %s', (_name, start) => {
  let hub: HubUnderTest;
  let chums: SftpPeer;

  beforeAll(async () => {
    chums = await start();
    for (const folder of ['drop', 'outgoing']) mkdirSync(join(chums.root, folder));
    const { user, password, privateKey, hostKeys } = chums.access;
    hub = await startHubUnderTest({
      wire: 'local',
      endpoints: { chums: { url: chums.url('drop') } },
      credentials: {
        chums: {
          sftp: {
            user,
            hostKey: hostKeys.join(' '),
            ...(password && { password }),
            ...(privateKey && { privateKey }),
          },
        },
      },
      configure: ({ partners }) => {
        const partner = partners.find(({ id }) => id === 'chums');
        Object.assign(partner ?? {}, {
          url: chums.url('drop'),
          pickup: { kind: 'sftp', url: chums.url('outgoing'), everyMs: 100 },
        });
      },
    });
  });
  afterAll(async () => {
    await hub?.stop();
    await chums?.close();
  });

  const lying = (folder: string): string[] => {
    const path = join(chums.root, folder);
    return existsSync(path) ? readdirSync(path) : [];
  };
  /** As CHUMS writes: under a name that nobody reads, then renamed. */
  const leave = (name: string, text: string): void => {
    writeFileSync(join(chums.root, 'outgoing', `${name}.part`), text);
    renameSync(join(chums.root, 'outgoing', `${name}.part`), join(chums.root, 'outgoing', name));
  };
  const untilLies = (path: string, name: string): Promise<void> =>
    eventually(() => expect(lying(path)).toContain(name), { within: 20_000 });
  const dropped = async (messageId: string): Promise<{ name: string; copy: Message }> => {
    await untilStates(hub.as('nkm'), messageId, { chums: 'handed-over' });
    const { deliveries } = await hub.as('nkm').follow(messageId);
    const name = `${deliveries.find(({ partner }) => partner === 'chums')?.deliveryId}.json`;
    return { name, copy: JSON.parse(readFileSync(join(chums.root, 'drop', name), 'utf8')) as Message };
  };
  const sent = (message: Message): Promise<{ messageId: string }> =>
    eventually(async () => {
      const query = new URLSearchParams({ source: message.source, id: message.id });
      return hub.as('chums').get<{ messageId: string }>(`/v1/messages?${query.toString()}`);
    });

  it('finds a request in its drop folder, and its receipt file acknowledges it', async () => {
    const request = aRequest({ data: { to: 'bereavement', serviceCode: 'bereavement' } });
    const { messageId } = await hub.as('nkm').send(request);
    const { name, copy } = await dropped(messageId);
    expect(lying('drop').filter((file) => file.endsWith('.part'))).toEqual([]);
    expect(copy).toMatchObject({ id: messageId, data: { needSummary: request.data.needSummary } });
    expect(name).toBe(`${(copy as { deliveryid?: string }).deliveryid}.json`);

    leave(name.replace('.json', '.receipt'), 'received');
    await untilStates(hub.as('nkm'), messageId, { chums: 'acknowledged' });
    await untilLies('outgoing/taken', name.replace('.json', '.receipt'));
  });

  it('answers by a file, and the front door hears it', async () => {
    const { messageId, caseRef } = await hub
      .as('nkm')
      .send(aRequest({ data: { to: 'bereavement', serviceCode: 'bereavement' } }));
    await dropped(messageId);
    const decision = {
      ...aMeasure({ from: 'chums', caseref: caseRef ?? '' }),
      type: 'mta.request.decision.v1',
      causationid: messageId,
      data: {
        decision: 'accepted',
        decidedAt: new Date().toISOString(),
        decidedBy: 'team lead',
        earliestStart: '2027-01-04',
      },
    } as Message;
    delete (decision as Partial<Message>).dataschema;
    leave('decision-1.json', JSON.stringify(decision));
    const { messageId: answer } = await sent(decision);
    await untilStation(hub.as('nkm'), messageId, 'origin.informed');
    // The answer itself is proof that the request has arrived, without a receipt file.
    await untilStates(hub.as('nkm'), messageId, { chums: 'acknowledged' });
    await untilStates(hub.as('chums'), answer, { nkm: 'acknowledged' });
    await untilLies('outgoing/taken', 'decision-1.json');
  });

  it('is one message, however often its file comes', async () => {
    const stepUp = aStepUp({ from: 'chums' });
    for (const name of ['a.json', 'b.json', 'a.json']) {
      leave(name, JSON.stringify(stepUp));
      await eventually(() => expect(lying('outgoing')).not.toContain(name), { within: 20_000 });
    }
    const { messageId } = await sent(stepUp);
    const { rows } = await hub.db.query('select 1 from message where external_id = $1', [stepUp.id]);
    expect(rows).toHaveLength(1);
    await untilStates(hub.as('chums'), messageId, { nkm: 'acknowledged', salus: 'acknowledged' });
  });

  it('gets a file that is no message back, with what is wrong and without its values', async () => {
    leave(
      'bad.json',
      '{"specversion":"1.0","type":"mta.outcome.measure.v1","data":{"name":"Robin Example"}}',
    );
    leave('half.json', '{"specversion":"1.0","ty');
    await untilLies('outgoing/refused', 'bad.json');
    await untilLies('outgoing/refused', 'half.json');
    const problem = (name: string): string =>
      readFileSync(join(chums.root, 'outgoing/refused', `${name}.problem.json`), 'utf8');
    expect(JSON.parse(problem('bad.json'))).toMatchObject({ code: 'contract/envelope' });
    expect(JSON.parse(problem('half.json'))).toMatchObject({ code: 'contract/not-json' });
    expect(problem('bad.json')).not.toContain('Robin');
    expect(hub.log.join('')).not.toContain('Robin');
  });

  it('keeps a file that is still being written', async () => {
    writeFileSync(join(chums.root, 'outgoing', 'c.json.part'), '{"specver');
    const measure = aMeasure({ from: 'chums' });
    leave('d.json', JSON.stringify(measure));
    await untilLies('outgoing/taken', 'd.json');
    expect(lying('outgoing')).toContain('c.json.part');
  });

  it('waits while its drop folder is not there, and loses nothing', async () => {
    renameSync(join(chums.root, 'drop'), join(chums.root, 'elsewhere'));
    const { messageId } = await hub
      .as('nkm')
      .send(aRequest({ data: { to: 'bereavement', serviceCode: 'bereavement' } }));
    await untilStation(hub.as('nkm'), messageId, 'delivery.retrying');
    renameSync(join(chums.root, 'elsewhere'), join(chums.root, 'drop'));
    await dropped(messageId);
  });
});
