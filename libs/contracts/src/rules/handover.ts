import type { HandoverCompletedV1 } from '../generated/handover.completed.v1.js';
import type { HandoverConversationHeldV1 } from '../generated/handover.conversation-held.v1.js';
import { happened, note, refuse } from './happened.js';
import type { Rule, RuleFinding } from './rule.js';

type Told = Pick<HandoverCompletedV1, 'checklist' | 'gaps'>;

/** What the template asks for and was not passed on, with no gap that says so. */
function unstated(
  { checklist, gaps }: Told,
  find: (pointer: string, message: string) => RuleFinding,
): RuleFinding[] {
  const stated = new Set(gaps.map(({ item }) => item));
  return checklist.flatMap(({ item, state }, index) =>
    state === 'passed-on' || state === 'not-applicable' || stated.has(item)
      ? []
      : [find(`/checklist/${index}`, 'was not passed on, and no gap says what is missing of it')],
  );
}

export const handoverConversationHeld: readonly Rule<HandoverConversationHeldV1>[] = [
  happened('handover-conversation-has-happened', 'handover.conversation-held', ({ heldOn }) => [
    ['/heldOn', heldOn],
  ]),
  {
    id: 'handover-conversation-gaps-stated',
    type: 'handover.conversation-held',
    check: (data) => unstated(data, note),
  },
];

export const handoverCompleted: readonly Rule<HandoverCompletedV1>[] = [
  happened('handover-has-happened', 'handover.completed', ({ conversationOn, firstContactOn }) => [
    ['/conversationOn', conversationOn],
    ['/firstContactOn', firstContactOn],
  ]),
  {
    id: 'handover-order',
    type: 'handover.completed',
    check: ({ conversationOn, firstContactOn }) =>
      conversationOn > firstContactOn
        ? [refuse('/conversationOn', 'lies after the first contact; the workers speak before it')]
        : [],
  },
  {
    id: 'handover-gaps-stated',
    type: 'handover.completed',
    check: (data) => unstated(data, refuse),
  },
];
