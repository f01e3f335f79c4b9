import { randomUUID } from 'node:crypto';
import { sourceOfPartner, type DeliveredEnvelope, type Envelope } from '#contracts';
import { answersOwed, answerTo } from './answers.js';
import { Decisions } from './decisions.js';
import type { Knobs } from './knobs.js';
import type { SimulatorName } from './roster.js';

/** An envelope of which the simulator puts in what it lacks: id, source, time. */
export type Said = Omit<Envelope, 'id' | 'source'> & Partial<Envelope>;

/** What a partner says to the hub: of itself, and in answer to the copies that it has processed. */
export class Voice {
  readonly decisions = new Decisions();
  #closed = false;

  constructor(
    private readonly parts: {
      name: SimulatorName;
      /** The partner's own way to the hub; resolves when the hub, or whoever hands on to it, has the message. */
      carry: (envelope: Envelope) => Promise<void>;
      knobs: Knobs;
      log: (line: string) => void;
    },
  ) {}

  /** Sends, and resolves with the message's id when it is on its way for good. */
  async send(message: Said): Promise<string> {
    const { name, carry } = this.parts;
    const time = new Date().toISOString();
    const envelope = { id: randomUUID(), source: sourceOfPartner(name), time, ...message };
    await carry(envelope);
    return envelope.id;
  }

  /** Gives the answers that a copy is owed, one after another, each in its own time. */
  answer(copy: DeliveredEnvelope, place = 0): void {
    const { name, knobs } = this.parts;
    if (place >= answersOwed(name, copy)) return;
    this.decisions.plan(knobs.decideAfterMs, async () => {
      await this.#say(answerTo(name, copy, new Date(), { decision: knobs.decision, place }));
      if (knobs.decidesTwice)
        await this.#say(answerTo(name, copy, new Date(), { decision: 'declined', place }));
      if (!this.#closed) this.answer(copy, place + 1);
    });
  }

  /** Says no more. */
  close(): void {
    this.#closed = true;
    this.decisions.close();
  }

  async #say(answer: Envelope | undefined): Promise<void> {
    const { name, log } = this.parts;
    try {
      if (answer) await this.send(answer);
    } catch (error) {
      if (!this.#closed) log(`${name}: its answer was not taken: ${(error as Error).message}`);
    }
  }
}
