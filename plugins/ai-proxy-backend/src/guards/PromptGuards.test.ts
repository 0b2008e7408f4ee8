import { ConfigReader } from '@backstage/config';
import { createGuardrails } from '@prompt-corner/guardrails';
import fc from 'fast-check';
import { promptOf } from '../prompts';
import { readPromptGuards } from './config';
import { PromptGuards } from './PromptGuards';

const SECRET = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const LONG = 'The order of the shop is kept for thirty days. '.repeat(40);

function guardsOf(guardrails: object | false = {}) {
  return readPromptGuards(new ConfigReader({ aiProxy: { guardrails } }))!;
}

/** What comes of an inspection, with what is sent as an object. */
function inspect(guards: PromptGuards, body: object) {
  const { changed, ...rest } = guards.inspect(
    promptOf(Buffer.from(JSON.stringify(body))),
  );
  return {
    ...rest,
    blocked: rest.blockedBy !== undefined,
    changed: changed?.text.value as any,
  };
}

describe('PromptGuards', () => {
  it('takes secrets out, each time a conversation is sent', () => {
    const guards = guardsOf();
    const body = {
      model: 'm',
      messages: [
        { role: 'user', content: LONG },
        { role: 'user', content: `${LONG} ${SECRET}` },
      ],
    };
    for (let turn = 0; turn < 3; turn++) {
      const { changed, blocked, detectors } = inspect(guards, body);
      expect(blocked).toBe(false);
      expect(detectors).toHaveLength(1);
      expect(JSON.stringify(changed)).not.toContain(SECRET);
      expect(changed.messages[0].content).toBe(LONG);
    }
  });

  it('finds in a known conversation what is new', () => {
    const guards = guardsOf();
    const first = { messages: [{ content: LONG }] };
    expect(inspect(guards, first).changed).toBeUndefined();
    expect(inspect(guards, first).changed).toBeUndefined();
    const second = { messages: [{ content: LONG }, { content: SECRET }] };
    const { changed } = inspect(guards, second);
    expect(JSON.stringify(changed)).not.toContain(SECRET);
    expect(JSON.stringify(changed)).toContain(LONG);
  });

  it('takes no text for known under another name', () => {
    const text = 'correct-horse-battery-9 '.repeat(30);
    const guards = guardsOf();
    const named = () => inspect(guards, { password: text }).detectors;
    const before = named();
    for (let turn = 0; turn < 2; turn++) {
      inspect(guards, { note: text });
      inspect(guards, { password: { 0: text } });
    }
    expect(named()).toEqual(before);
  });

  it('leaves alone what the provider wrote and wants back', () => {
    const body = {
      messages: [
        { content: [{ type: 'thinking', signature: SECRET, thinking: '' }] },
      ],
    };
    expect(inspect(guardsOf(), body).changed).toBeUndefined();
  });

  it('puts that back where something else has to go', () => {
    const body = {
      messages: [{ content: [{ signature: SECRET }, { text: SECRET }] }],
    };
    const { changed } = inspect(guardsOf(), body);
    expect(changed.messages[0].content[0].signature).toBe(SECRET);
    expect(changed.messages[0].content[1].text).not.toContain(SECRET);
  });

  it('blocks what is to be blocked, and says what without saying it', () => {
    const guards = guardsOf({
      actions: [{ category: 'secret', action: 'block' }],
    });
    const { blocked, summary } = inspect(guards, { text: `${LONG}${SECRET}` });
    expect(blocked).toBe(true);
    expect(summary).toContain('secret.');
    expect(summary).not.toContain(SECRET);
  });

  it('looks at all of a request for a topic that it has to have', () => {
    const guards = guardsOf({
      topics: [{ id: 'shop', rule: 'allow', words: ['shop'] }],
      actions: [{ category: 'topic', action: 'block' }],
    });
    const body = { text: LONG };
    expect(inspect(guards, body).blocked).toBe(false);
    expect(inspect(guards, body).blocked).toBe(false);
    expect(inspect(guards, { text: 'Poems, please' }).blocked).toBe(true);
  });

  it('changes a part in which something is, and no other byte', () => {
    const json = (text: string) =>
      `{ "messages":[ {"role":"user","content":"${text}"},\n {"n":1.50} ],"seed" : 1e2}`;
    const { changed } = guardsOf().inspect(promptOf(Buffer.from(json(SECRET))));
    const text = changed!.text.value as any;
    expect(changed!.text.bytes.toString()).toBe(json(text.messages[0].content));
  });

  it('takes out what comes behind more findings than are listed', () => {
    const emails = Array.from({ length: 1_100 }, (_, n) => `a${n}@example.com`);
    const body = { messages: [{ content: [...emails, SECRET] }] };
    const { changed } = inspect(guardsOf(), body);
    expect(JSON.stringify(changed)).not.toContain(SECRET);
  });

  it('takes secrets out of names as well', () => {
    const { changed } = inspect(guardsOf(), { [SECRET]: 1, model: 'm' });
    expect(JSON.stringify(changed)).not.toContain(SECRET);
    expect(changed.model).toBe('m');
  });

  it('inspects only what is new in a conversation', () => {
    const guardrails = createGuardrails();
    const inspected: unknown[] = [];
    const guards = new PromptGuards(
      {
        ...guardrails,
        inspectJson: (value, context) => {
          inspected.push(value);
          return guardrails.inspectJson(value, context);
        },
      },
      { byPart: true },
    );
    const messages = [{ content: LONG }, { content: 'ask jane@example.com' }];
    inspect(guards, { tools: [], messages });
    inspected.length = 0;

    const next = { content: 'What else?' };
    const { detectors } = inspect(guards, {
      tools: [],
      messages: [...messages, next],
    });

    expect(inspected).toEqual([{ messages: [next] }]);
    expect(detectors).toHaveLength(1);
  });

  it('comes to the same by parts, again and again, as for the whole', () => {
    const guardrails = createGuardrails({
      actions: [{ category: 'secret', action: 'redact' }],
    });
    const whole = new PromptGuards(guardrails, { byPart: false });
    const byPart = new PromptGuards(guardrails, { byPart: true });
    const text = fc.oneof(
      fc.string(),
      fc.constantFrom(SECRET, `a ${SECRET}`, 'jane@example.com', LONG),
    );
    const { value } = fc.letrec(tie => ({
      value: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double({ noNaN: true, noDefaultInfinity: true }),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom('content', 'signature', 'text', 'password', SECRET),
          tie('value'),
          { maxKeys: 4 },
        ),
      ),
    }));
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.oneof(
            fc.constantFrom('messages', 'input', 'system', '__proto__'),
            fc.string(),
          ),
          value,
          { maxKeys: 4 },
        ),
        body => {
          const sort = ({
            detectors,
            ...rest
          }: ReturnType<typeof inspect>) => ({
            blocked: rest.blocked,
            changed: rest.changed,
            detectors: detectors.sort(),
          });
          const expected = sort(inspect(whole, body));
          expect(sort(inspect(byPart, body))).toEqual(expected);
          expect(sort(inspect(byPart, body))).toEqual(expected);
        },
      ),
    );
  });

  it('can be switched off', () => {
    expect(guardsOf(false)).toBeUndefined();
  });

  it.each([
    [
      'what a tool answered, of Gemini',
      {
        contents: [
          { parts: [{ functionResponse: { response: { data: SECRET } } }] },
        ],
      },
    ],
    [
      'what a tool was called with, of Gemini',
      { contents: [{ parts: [{ functionCall: { args: { data: SECRET } } }] }] },
    ],
    [
      'what a tool was called with, of Anthropic',
      {
        messages: [
          { content: [{ type: 'tool_use', input: { signature: SECRET } }] },
        ],
      },
    ],
    [
      'a document that is plain text, of Anthropic',
      {
        messages: [
          {
            content: [
              {
                type: 'document',
                source: {
                  type: 'text',
                  media_type: 'text/plain',
                  data: `The token is ${SECRET} for now`,
                },
              },
            ],
          },
        ],
      },
    ],
  ])('takes secrets out of %s', (_, body) => {
    const { changed } = inspect(guardsOf(), body);
    expect(JSON.stringify(changed ?? body)).not.toContain(SECRET);
  });
});
