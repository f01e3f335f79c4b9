import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '#contracts';

/** Partners beside those of the alliance, on whose lanes the seeded work waits. */
export const OTHERS = Array.from({ length: 20 }, (_, i) => `p${String(i + 1).padStart(2, '0')}`);

/** Enough under way at once for a partner that answers in a millisecond; the default of 8 would be the limit. */
const WINDOW = 64;

interface Named {
  [key: string]: unknown;
}

/**
 * The alliance's own configuration with three changes: twenty partners more, endpoints that are the bench's sinks, and
 * no rate limit, for here one partner sends what a country would.
 */
export async function writeBenchConfig(
  folder: string,
  endpoints: { nkm: string; salus: string; nelft: string; other: (id: string) => string },
): Promise<void> {
  await cp(join(projectRoot(), 'config'), folder, { recursive: true });
  await change(folder, 'partners.json', (file: { partners: Named[] }) => {
    const salus = file.partners.find(({ id }) => id === 'salus');
    for (const partner of file.partners) {
      partner['window'] = WINDOW;
      // Twenty alerts a second go to one clinical lead: two under way at once would have to be answered in a tenth of one.
      partner['urgentWindow'] = 8;
      const url = (endpoints as Record<string, unknown>)[String(partner['id'])];
      if (partner['channel'] !== 'inbox' && typeof url === 'string') partner['url'] = url;
    }
    for (const id of OTHERS)
      file.partners.push({
        ...salus,
        id,
        name: `Partner ${id}`,
        url: endpoints.other(id),
        window: 8,
        // No conformance report speaks for it.
        idempotent: false,
      });
  });
  await change(folder, 'roles.json', (file: { roles: Named[] }) => {
    for (const id of OTHERS) file.roles.push({ role: `service-${id}`, partner: id, from: '2026-04-01' });
  });
  await change(folder, 'agreements.json', (file: { agreements: Named[] }) => {
    const salus = file.agreements.find(({ partner }) => partner === 'salus');
    for (const id of OTHERS) file.agreements.push({ ...salus, id: `${id}-2026`, partner: id });
  });
  await change(folder, 'policy.json', (file: { rate: Named }) => {
    file.rate = { perSecond: 1_000_000, burst: 1_000_000 };
  });
}

async function change<T>(folder: string, name: string, how: (file: T) => void): Promise<void> {
  const path = join(folder, name);
  const file = JSON.parse(await readFile(path, 'utf8')) as T;
  how(file);
  await writeFile(path, JSON.stringify(file));
}
