import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { AgentPrincipal } from '@prompt-corner/plugin-agent-auth-node';
import { globs } from '../providers';

/** An answer that was kept. */
export interface CachedAnswer {
  status: number;
  headers: Record<string, string | string[]>;
  body: Buffer;
  provider: string;
  model: string;
  /** What it cost when a model was asked, in 10^-9 US dollars; null without a price. */
  undiscountedNanoUsd: number | null;
}

/** Who gets an answer that somebody else was given: nobody; whoever has a team in common; or everybody. */
export type CacheScope = 'user' | 'team' | 'everybody';

/** The section `aiProxy.cache`. */
export interface CacheSettings {
  ttlMs: number;
  scope: CacheScope;
  /** Names of models, `*` as a wildcard. */
  models: string[];
  /** Of all answers that are kept. */
  maxBytes: number;
  /** Of one of them. */
  maxAnswerBytes: number;
}

/** On what no answer depends, and what differs each time. */
const INDIFFERENT = new Set([
  'user-agent',
  'accept-encoding',
  'content-type',
  'traceparent',
]);

/**
 * Answers to the very same requests, in the memory of each replica. It is looked
 * into after policy has been asked, so that nobody gets from it what a model
 * would not have answered.
 */
export class ResponseCache {
  readonly #settings: CacheSettings;
  readonly #isKept: (model: string) => boolean;
  readonly #answers: LRUCache<string, CachedAnswer>;

  constructor(settings: CacheSettings) {
    this.#settings = settings;
    this.#isKept = globs(settings.models);
    this.#answers = new LRUCache({
      maxSize: settings.maxBytes,
      maxEntrySize: settings.maxAnswerBytes,
      ttl: settings.ttlMs,
      sizeCalculation: ({ body }) => body.length + 1_024,
    });
  }

  /** How much of an answer may be kept. */
  get maxAnswerBytes(): number {
    return this.#settings.maxAnswerBytes;
  }

  /**
   * Keys under which an answer is looked for; it is kept under all of them.
   *
   * @param request.json - what was asked, without anything of the caller's
   * @returns none when it is not to be looked for
   */
  keysOf(request: {
    principal: AgentPrincipal;
    path: string;
    model: string;
    /** That the provider gets from the client. */
    headers: Record<string, string>;
    /** `Cache-Control` of the client. */
    directives: string | undefined;
    json: Buffer;
  }): string[] {
    const { principal, path, model, headers, json } = request;
    if (
      !this.#isKept(model) ||
      /\bno-(?:cache|store)\b/i.test(request.directives ?? '')
    ) {
      return [];
    }
    const asked = createHash('sha256')
      .update(
        JSON.stringify([
          path,
          model,
          Object.entries(headers)
            .filter(([name]) => !INDIFFERENT.has(name))
            .sort(),
        ]),
      )
      .update('\n')
      .update(json)
      .digest('base64');
    return this.#owners(principal).map(owner => `${owner}\n${asked}`);
  }

  /** The answer that was kept, if there is one. */
  find(keys: string[]): CachedAnswer | undefined {
    for (const key of keys) {
      const answer = this.#answers.get(key);
      if (answer) {
        return answer;
      }
    }
    return undefined;
  }

  /** Keeps an answer. */
  keep(keys: string[], answer: CachedAnswer): void {
    keys.forEach(key => this.#answers.set(key, answer));
  }

  #owners({ uuid, teams }: AgentPrincipal): string[] {
    switch (this.#settings.scope) {
      case 'everybody':
        return ['*'];
      case 'team':
        return [uuid, ...teams];
      default:
        return [uuid];
    }
  }
}
