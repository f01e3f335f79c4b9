import { CommanderError } from 'commander';
import { HubProblem } from './hub-client.js';
import { CommandFailure, json, type Io } from './io.js';

/** Says what went wrong and what to do about it; answers the exit code, which is never 0 but for help. */
export function explain(error: unknown, io: Io, asJson: boolean): number {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode;
  if (io.stop.aborted) return 130;
  io.err(asJson ? json(asObject(error)) : asText(error));
  return 1;
}

function asObject(error: unknown): unknown {
  if (error instanceof HubProblem) return { status: error.status, ...error.problem };
  if (error instanceof CommandFailure) return { title: error.message, remedy: error.remedy };
  return { title: String(error) };
}

function asText(error: unknown): string {
  if (error instanceof CommandFailure) return `${error.message}\n  What to do: ${error.remedy}\n`;
  if (!(error instanceof HubProblem))
    return `${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`;
  const { status, problem } = error;
  const lines = [
    `${status} ${problem.code ?? ''} ${problem.title ?? ''}`.trim(),
    problem.detail !== problem.title && problem.detail,
    ...(problem.errors ?? []).map(
      ({ pointer, keyword, detail }) => `${pointer || '/'}  ${detail} (${keyword})`,
    ),
    problem.remedy && `What to do: ${problem.remedy}`,
    problem.telephone,
    problem.instance && `Request ${problem.instance}`,
  ];
  const [first, ...rest] = lines.filter(Boolean);
  return `${first}\n${rest.map((line) => `  ${line}\n`).join('')}`;
}
