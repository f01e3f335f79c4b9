import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import { readEvents } from '../event-stream.js';
import { HubClient } from '../hub-client.js';
import { CommandFailure, type Io } from '../io.js';
import { listenForAlerts, type Alert } from '../listen-for-alerts.js';

const AGAIN_AFTER_MS = 2_000;

export function addAlerts(program: Command, io: Io): void {
  program
    .command('alerts')
    .description('tell a person at this screen: --watch the hub, or --listen for its signed webhook')
    .option('--watch', 'show alerts as the hub raises them; reconnects by itself')
    .option('--all', 'with --watch: every live event, not only alerts')
    .option('--listen <port>', 'receive the ops webhook here (OPS_WEBHOOK_SECRET proves who sends)')
    .action(async (options: { watch?: boolean; all?: boolean; listen?: string; json?: boolean }) => {
      if (options.listen) return listenForAlerts(io, options.listen, once(show(io, options.json)));
      if (options.watch) return watch(io, options);
      throw new CommandFailure('Say how.', 'hub alerts --watch, or hub alerts --listen 8190.');
    });
}

/** Goes on until the user ends it. Every connection begins with the latest alerts, so none is missed between two. */
async function watch(io: Io, options: { all?: boolean; json?: boolean }): Promise<void> {
  const client = new HubClient(io);
  const path = options.all ? '/v1/events' : '/v1/events?only=alerts';
  const tell = once(show(io, options.json));
  let everConnected = false;
  while (!io.stop.aborted) {
    try {
      const response = await client.stream(path, { accept: 'text/event-stream' }, io.stop);
      if (!everConnected && !options.json) io.err(`watching ${client.url}\n`);
      everConnected = true;
      for await (const event of readEvents(response)) {
        if (event.event === 'alert') tell(JSON.parse(event.data) as Alert);
        else if (options.all) io.out(options.json ? `${event.data}\n` : `${event.event}  ${event.data}\n`);
      }
    } catch (error) {
      if (io.stop.aborted) return;
      if (!everConnected) throw error;
      client.forgetTokens();
    }
    await pause(AGAIN_AFTER_MS, undefined, { signal: io.stop }).catch(() => undefined);
  }
}

/** One line an alert; the bell rings for an urgent one. */
function show(io: Io, asJson?: boolean): (alert: Alert) => void {
  return (alert) => {
    if (asJson) return io.out(`${JSON.stringify(alert)}\n`);
    const bell = alert.severity === 'urgent' ? '\u0007' : '';
    const about = [alert.partner, alert.deliveryId ?? alert.messageId].filter(Boolean).join(' ');
    io.out(
      `${bell}${alert.at}  ${alert.severity.toUpperCase()}  ${alert.owner}: ${alert.text} (${alert.kind}) ${about}\n`,
    );
  };
}

/** An alert may come again: the hub tells until somebody took it. */
function once(show: (alert: Alert) => void): (alert: Alert) => void {
  const seen = new Set<string>();
  return (alert) => {
    if (!seen.has(alert.alertId)) show(alert);
    seen.add(alert.alertId);
  };
}
