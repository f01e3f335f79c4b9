import type { MinimisedMessage } from '#contracts';

/** The copy as a file. Its name says which delivery it is and nothing else: names are seen by more people than files. */
export function toFile(message: MinimisedMessage): { name: string; body: Buffer } {
  return {
    name: `${message.deliveryid}.json`,
    body: Buffer.from(`${JSON.stringify(message, null, 2)}\n`, 'utf8'),
  };
}
