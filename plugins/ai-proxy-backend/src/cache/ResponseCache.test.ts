import { someAgent } from '@prompt-corner/backend-testing';
import { ResponseCache } from './ResponseCache';

const cache = new ResponseCache({
  ttlMs: 60_000,
  scope: 'everybody',
  models: ['*'],
  maxBytes: 1_000_000,
  maxAnswerBytes: 100_000,
});

function keysOf(headers: Record<string, string>) {
  return cache.keysOf({
    principal: someAgent(),
    path: 'one/chat/completions',
    model: 'm',
    headers,
    directives: undefined,
    json: Buffer.from('{}'),
  });
}

describe('ResponseCache', () => {
  it('keeps answers apart by all headers on which they may depend', () => {
    const keys = [
      {},
      { 'anthropic-beta': 'x' },
      { 'openai-alpha': 'x' },
      // That an administrator lets through.
      { 'x-tenant': 'blue' },
      { 'x-tenant': 'red' },
    ].map(headers => keysOf(headers as Record<string, string>)[0]);
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('finds an answer whatever trace the request belongs to', () => {
    expect(keysOf({ traceparent: '00-a-b-01', accept: '*/*' })).toEqual(
      keysOf({ accept: '*/*', traceparent: '00-c-d-01' }),
    );
  });
});
