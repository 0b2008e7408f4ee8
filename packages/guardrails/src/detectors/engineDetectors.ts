import type { EngineDetector } from './Detector';

/** What the engine itself notices. */
export const ENGINE_DETECTORS = {
  encodedSecret: {
    kind: 'engine',
    id: 'secret.encoded',
    category: 'secret',
    severity: 'critical',
    description: 'Finds base64 and hexadecimal text that holds a secret.',
  },
  encodedInjection: {
    kind: 'engine',
    id: 'injection.encoded',
    category: 'prompt-injection',
    severity: 'critical',
    description:
      'Finds base64 and hexadecimal text, and invisible characters, that hold orders to a model.',
  },
  spelledOut: {
    kind: 'engine',
    id: 'injection.spelled-out',
    category: 'prompt-injection',
    severity: 'high',
    description:
      'Finds orders to ignore instructions that are written letter by letter.',
  },
  encodedText: {
    kind: 'engine',
    id: 'exfiltration.encoded-text',
    category: 'exfiltration',
    severity: 'medium',
    description:
      'Finds long readable text in base64 or hexadecimal form in arguments, which usually are plain.',
    directions: ['argument'],
  },
  tooDeep: {
    kind: 'engine',
    id: 'limit.depth',
    category: 'limit',
    severity: 'high',
    description: 'Fires for JSON that is nested deeper than the limit.',
  },
  tooMany: {
    kind: 'engine',
    id: 'limit.nodes',
    category: 'limit',
    severity: 'high',
    description: 'Fires for JSON with more values than the limit.',
  },
  tooLong: {
    kind: 'engine',
    id: 'limit.length',
    category: 'limit',
    severity: 'high',
    description: 'Fires for text that is longer than the limit.',
  },
  tooManyFindings: {
    kind: 'engine',
    id: 'limit.findings',
    category: 'limit',
    severity: 'high',
    description: 'Fires when more is found than is listed.',
  },
} satisfies Record<string, EngineDetector>;
