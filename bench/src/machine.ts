import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';

/** Milliseconds of one tick of /proc: USER_HZ is 100 on every Linux. */
const TICK_MS = 10;

/** CPU that a process and the children it has buried have used, in milliseconds. Linux only. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name in brackets may hold spaces; utime, stime, cutime and cstime are fields 14 to 17.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0) * TICK_MS;
}

/** CPU of a postmaster and all its backends, in milliseconds. */
function postgresCpuMs(postmaster: number): number {
  const backends = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number);
  return [postmaster, ...backends].reduce((sum, pid) => {
    try {
      return sum + cpuMsOf(pid);
    } catch {
      // A backend ended between the list and the look; the postmaster has buried it.
      return sum;
    }
  }, 0);
}

export interface CpuMs {
  hub: number;
  postgres: number;
}

/** A stopwatch of CPU: answers what hub and PostgreSQL have used since it was made. */
export function cpuSince(hub: number, postmaster: number): () => CpuMs {
  const before = { hub: cpuMsOf(hub), postgres: postgresCpuMs(postmaster) };
  return () => ({
    hub: cpuMsOf(hub) - before.hub,
    postgres: postgresCpuMs(postmaster) - before.postgres,
  });
}

/** Resident memory of a process in megabytes. */
export function rssMb(pid: number): number {
  const kb = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kb) / 1024;
}

/** Processes other than ours that run now would show in every figure: the load average says how busy the machine is. */
export function loadAverage(): string {
  return readFileSync('/proc/loadavg', 'utf8').split(' ').slice(0, 3).join(' ');
}

/** What the figures were taken on, in one line. */
export function machine(postgresVersion: string): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  const gib = Math.round(totalmem() / 2 ** 30);
  return `${cpus().length} cores (${model}), ${gib} GiB, Node ${process.version}, PostgreSQL ${postgresVersion}`;
}

/** The commit that was measured, with a mark where files differ from it. */
export function revision(): string {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
