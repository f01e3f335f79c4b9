/** One server-sent event. */
export interface ServerEvent {
  id?: string;
  event: string;
  data: string;
}

/** Reads server-sent events from an open answer until it ends. Comments and half events at the end are dropped. */
export async function* readEvents(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  let rest = '';
  for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
    rest += chunk;
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block: string): ServerEvent | undefined {
  const fields = block.split(/\r?\n/).flatMap((line) => {
    const match = /^(id|event|data):? ?(.*)$/.exec(line);
    return match ? [[match[1], match[2] ?? ''] as const] : [];
  });
  const data = fields.filter(([name]) => name === 'data').map(([, value]) => value);
  if (data.length === 0) return undefined;
  const last = (wanted: string) => fields.findLast(([name]) => name === wanted)?.[1];
  return { id: last('id'), event: last('event') ?? 'message', data: data.join('\n') };
}
