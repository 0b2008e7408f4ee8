import fc from 'fast-check';
import { encodeFrame, FrameReader, ProtocolError } from './frames';
import type { Frame } from './frames';
import { parseSandboxMessage } from './parseSandboxMessage';

const MAX = 100_000;

function read(chunks: Buffer[], max = MAX): Frame[] {
  const frames: Frame[] = [];
  const reader = new FrameReader(max, frame => frames.push(frame));
  chunks.forEach(chunk => reader.push(chunk));
  return frames;
}

function cut(bytes: Buffer, size: number): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(bytes.subarray(at, at + size));
  }
  return pieces;
}

/** What else it throws than a ProtocolError. */
function failureOf(act: () => void): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error instanceof ProtocolError ? undefined : error;
  }
}

const header = fc.dictionary(fc.string(), fc.jsonValue(), {
  noNullPrototype: true,
});
const text = fc.string({ unit: 'grapheme' });

describe('frames', () => {
  it('come out as they went in, however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ header, text }), { maxLength: 5 }),
        fc.integer({ min: 1, max: 50 }),
        (frames, size) => {
          const bytes = Buffer.concat(
            frames.map(frame => encodeFrame(frame.header, frame.text)),
          );
          const expected = frames.map(frame => ({
            header: JSON.parse(JSON.stringify(frame.header)),
            text: frame.text,
          }));
          expect(read(cut(bytes, size))).toEqual(expected);
        },
      ),
    );
  });

  it('are refused with a ProtocolError when bytes are arbitrary, and nothing else happens', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 10 }),
        chunks => {
          const bytes = chunks.map(chunk => Buffer.from(chunk));
          expect(failureOf(() => read(bytes))).toBe(undefined);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are refused when a byte of them was changed, or come out as frames', () => {
    const frame = encodeFrame({ kind: 'log', id: 1, level: 'log' }, 'text');
    fc.assert(
      fc.property(
        fc.nat(frame.length - 1),
        fc.integer({ min: 0, max: 255 }),
        (at, byte) => {
          const changed = Buffer.from(frame);
          changed[at] = byte;
          expect(
            failureOf(() => read([changed]).forEach(parseSandboxMessage)),
          ).toBe(undefined);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('are refused by their length, before they are read', () => {
    const reader = new FrameReader(MAX, () => {});
    const prefix = Buffer.alloc(4);
    prefix.writeUInt32LE(MAX + 1);
    expect(() => reader.push(prefix)).toThrow(ProtocolError);
  });
});

describe('messages of a sandbox', () => {
  it('are what they should be, or a ProtocolError', () => {
    const kind = fc.constantFrom(
      'ready',
      'pong',
      'turn',
      'log',
      'call',
      'ended',
      'x',
    );
    const anything = fc.anything({ maxDepth: 3 });
    const message = fc.record(
      {
        kind,
        id: fc.oneof(fc.nat(), anything),
        operation: fc.oneof(fc.nat(), anything),
        number: fc.oneof(fc.nat(), anything),
        level: fc.oneof(fc.constant('log'), anything),
        tool: fc.oneof(fc.string(), anything),
        recorded: fc.oneof(
          fc.record({
            dates: fc.array(fc.tuple(fc.nat(), fc.nat())),
            turns: fc.array(fc.nat()),
            lookups: fc.nat(),
          }),
          anything,
        ),
        error: anything,
        cpuMs: fc.oneof(fc.float(), anything),
      },
      { requiredKeys: ['kind'] },
    );
    let accepted = 0;
    fc.assert(
      fc.property(message, fields => {
        const failure = failureOf(() => {
          parseSandboxMessage({ header: fields, text: '' });
          accepted += 1;
        });
        expect(failure).toBe(undefined);
      }),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(100);
  });
});
