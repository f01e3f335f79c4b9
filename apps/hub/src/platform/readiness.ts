const WITHIN_MS = 2_000;

/** What must answer before the hub may be sent work: every part adds its own check. */
export class Readiness {
  private readonly checks = new Map<string, () => void | Promise<void>>();

  /** `check` throws, or does not answer within 2 s, when the part is not ready. */
  add(name: string, check: () => void | Promise<void>): void {
    this.checks.set(name, check);
  }

  /** `ok` or `not ready` by name; no text of an error, for this page is open to all. */
  async ask(): Promise<{ ready: boolean; parts: Record<string, 'ok' | 'not ready'> }> {
    const parts = await Promise.all(
      [...this.checks].map(async ([name, check]) => [name, await answer(check)] as const),
    );
    return { ready: parts.every(([, state]) => state === 'ok'), parts: Object.fromEntries(parts) };
  }
}

async function answer(check: () => void | Promise<void>): Promise<'ok' | 'not ready'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, fail) => {
    timer = setTimeout(() => fail(new Error('late')), WITHIN_MS);
  });
  try {
    await Promise.race([Promise.resolve().then(check), late]);
    return 'ok';
  } catch {
    return 'not ready';
  } finally {
    clearTimeout(timer);
  }
}
