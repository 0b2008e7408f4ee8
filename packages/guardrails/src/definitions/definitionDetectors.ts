import type { EngineDetector } from '../detectors/Detector';

/** What is wrong with a definition as such, beyond what any text can have in it. */
export const DEFINITION = {
  otherServer: {
    kind: 'engine',
    id: 'definition.other-server',
    category: 'prompt-injection',
    severity: 'high',
    description: "Finds mentions of other servers' tools.",
  },
  lookAlike: {
    kind: 'engine',
    id: 'definition.look-alike',
    category: 'prompt-injection',
    severity: 'high',
    description: 'Finds names that look like those of other tools.',
  },
  oddName: {
    kind: 'engine',
    id: 'definition.name',
    category: 'prompt-injection',
    severity: 'high',
    description:
      'Finds names with markup, spaces or characters outside of ASCII.',
  },
  oversized: {
    kind: 'engine',
    id: 'definition.oversized',
    category: 'prompt-injection',
    severity: 'medium',
    description: 'Finds descriptions too long to be read by an approver.',
  },
  asksForSecret: {
    kind: 'engine',
    id: 'definition.asks-for-secret',
    category: 'exfiltration',
    severity: 'medium',
    description: 'Finds parameters that ask for passwords, keys or tokens.',
  },
  oddParameter: {
    kind: 'engine',
    id: 'definition.odd-parameter',
    category: 'exfiltration',
    severity: 'high',
    description:
      'Finds parameters into which a model would put the conversation, other tools or its reasoning.',
  },
  sensitivePath: {
    kind: 'engine',
    id: 'definition.sensitive-path',
    category: 'exfiltration',
    severity: 'high',
    description: 'Finds mentions of files that hold secrets.',
  },
  urgent: {
    kind: 'engine',
    id: 'definition.commanding',
    category: 'prompt-injection',
    severity: 'medium',
    description: 'Finds descriptions that give orders in place of describing.',
  },
  hiddenMarkup: {
    kind: 'engine',
    id: 'definition.comment',
    category: 'prompt-injection',
    severity: 'medium',
    description:
      'Finds comments, which an approver who sees rendered text does not see.',
  },
} satisfies Record<string, EngineDetector>;

/** The same as a list. */
export const DEFINITION_DETECTORS: readonly EngineDetector[] =
  Object.values(DEFINITION);
