import { WIRE_FORMATS } from '@prompt-corner/plugin-ai-proxy-common';
import fc from 'fast-check';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { answerBytes, meter } from './__testUtils__/answers';
import { createMeter } from './createMeter';

const FILES = ['anthropic', 'openai', 'google'].flatMap(provider =>
  readdirSync(path.join(__dirname, '__fixtures__', provider)).map(
    name => `${provider}/${name}`,
  ),
);

const format = fc.constantFrom(...WIRE_FORMATS);
const how = fc.constantFrom('complete' as const, 'cut' as const);

/** Cuts bytes at any places. */
function cutAt(bytes: Buffer, places: number[]): Buffer[] {
  const ends = [
    ...places.map(place => place % (bytes.length + 1)),
    bytes.length,
  ];
  ends.sort((one, other) => one - other);
  return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
}

describe('a meter', () => {
  it('tells the same wherever the answer is cut into pieces', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...FILES),
        format,
        how,
        fc.array(fc.nat(), { maxLength: 40 }),
        (file, wire, ending, places) => {
          const bytes = answerBytes(file);

          expect(meter(wire, cutAt(bytes, places), ending)).toEqual(
            meter(wire, [bytes], ending),
          );
        },
      ),
      { numRuns: 600 },
    );
  });

  it.each(FILES)('tells the same of %s byte by byte', file => {
    const bytes = answerBytes(file);
    const single = Array.from(bytes, byte => Buffer.from([byte]));
    for (const wire of WIRE_FORMATS) {
      expect(meter(wire, single)).toEqual(meter(wire, [bytes]));
    }
  });

  it.each([
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ])('tells the same of events whose lines end with %s', (_, ending) => {
    for (const file of FILES.filter(name => name.endsWith('.sse'))) {
      const text = answerBytes(file).toString().replace(/\r\n/g, '\n');
      const rewritten = Buffer.from(text.replace(/\n/g, ending));
      for (const wire of WIRE_FORMATS) {
        const whole = meter(wire, [Buffer.from(text)]);
        expect(meter(wire, [rewritten])).toEqual(whole);
        expect(
          meter(
            wire,
            Array.from(rewritten, byte => Buffer.from([byte])),
          ),
        ).toEqual(whole);
      }
    }
  });

  it('never throws, and always counts whole tokens', () => {
    const token = fc.constantFrom(
      'data:',
      'data: ',
      '\n',
      '\n\n',
      '\r\n',
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '\\',
      '\\u',
      '"usage":',
      '"usageMetadata":',
      '"message":',
      '"choices":',
      '"delta":',
      '"content":',
      '"error":',
      'null',
      '[DONE]',
      '-1e9',
      '1e999',
      'é',
    );
    const noise = fc.oneof(
      fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
      fc
        .array(token, { maxLength: 60 })
        .map(parts => Buffer.from(parts.join(''))),
      fc.json().map(json => Buffer.from(`data: ${json}\n\n`)),
      fc.constantFrom(...FILES).map(answerBytes),
    );
    fc.assert(
      fc.property(
        format,
        how,
        fc.array(noise, { maxLength: 8 }),
        (wire, ending, pieces) => {
          const usage = meter(wire, pieces, ending);

          for (const count of Object.values(usage.tokens)) {
            expect(Number.isSafeInteger(count) && count >= 0).toBe(true);
          }
        },
      ),
      { numRuns: 600 },
    );
  });

  it('finds the usage of an event after broken ones', () => {
    const broken = 'data: {"choices":[{"delta":{"content":"never closed\n\n';
    const whole =
      'data: {"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4}}\n\n';

    expect(
      meter('openai-chat', [Buffer.from(broken + whole)]).tokens,
    ).toMatchObject({ inputTokens: 3, outputTokens: 4 });
  });

  it.each(['\n', '\r\n', '\r'])(
    'puts an event of several data lines together, with %j after each',
    ending => {
      const event = [
        'data: {"usage":',
        'data: {"prompt_tokens":3,',
        'data:"completion_tokens":4}}',
      ];
      const bytes = Buffer.from(`${event.join(ending)}${ending}${ending}`);
      const single = Array.from(bytes, byte => Buffer.from([byte]));

      for (const pieces of [[bytes], single]) {
        expect(meter('openai-chat', pieces).tokens).toMatchObject({
          inputTokens: 3,
          outputTokens: 4,
        });
      }
    },
  );

  it.each([
    ['a string that never ends', '{"usage":"', 'a'],
    ['brackets that never close', '{"usage":', '['],
    ['a usage without an end', '{"usage":{', '"prompt_tokens":1,'],
    [
      'a line without an end',
      'data: {"choices":[{"delta":{"content":"',
      'a\\"',
    ],
    ['a line of no event', 'event: ', 'a'],
    ['values without an end', '{"error":[', '{"message":"no"},'],
  ])('holds a bounded part of %s', (_, start, repeated) => {
    const answer = createMeter({ format: 'openai-chat' });
    const piece = Buffer.from(repeated.repeat(1_000_000 / repeated.length));
    answer.feed(Buffer.from(start));
    answer.feed(piece);
    const before = process.memoryUsage();
    for (let round = 0; round < 64; round += 1) {
      answer.feed(piece);
    }
    const after = process.memoryUsage();

    expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(1_000_000);
    expect(answer.end('cut').source).not.toBe('provider');
  });
});
