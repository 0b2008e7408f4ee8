import { ConfigReader } from '@backstage/config';
import { readPromptGuards } from './config';

const SECRET = `ghp_${'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'}`;
const LONG = 'The order of the shop is kept for thirty days. '.repeat(40);

function guardsOf(guardrails: object | false = {}) {
  return readPromptGuards(new ConfigReader({ aiProxy: { guardrails } }))!;
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
      const { changed, blocked, detectors } = guards.inspect(body);
      expect(blocked).toBe(false);
      expect(detectors).toHaveLength(1);
      expect(JSON.stringify(changed)).not.toContain(SECRET);
      expect((changed as typeof body).messages[0].content).toBe(LONG);
    }
  });

  it('finds in a known conversation what is new', () => {
    const guards = guardsOf();
    const first = { messages: [{ content: LONG }] };
    expect(guards.inspect(first).changed).toBeUndefined();
    expect(guards.inspect(first).changed).toBeUndefined();
    const second = { messages: [{ content: LONG }, { content: SECRET }] };
    const { changed } = guards.inspect(second);
    expect(JSON.stringify(changed)).not.toContain(SECRET);
    expect(JSON.stringify(changed)).toContain(LONG);
  });

  it('takes no text for known under another name', () => {
    const text = 'correct-horse-battery-9 '.repeat(30);
    const guards = guardsOf();
    const named = () => guards.inspect({ password: text }).detectors;
    const before = named();
    for (let turn = 0; turn < 2; turn++) {
      guards.inspect({ note: text });
      guards.inspect({ password: { 0: text } });
    }
    expect(named()).toEqual(before);
  });

  it('leaves alone what the provider wrote and wants back', () => {
    const body = {
      messages: [
        { content: [{ type: 'thinking', signature: SECRET, thinking: '' }] },
      ],
    };
    expect(guardsOf().inspect(body).changed).toBeUndefined();
  });

  it('puts that back where something else has to go', () => {
    const body = {
      messages: [{ content: [{ signature: SECRET }, { text: SECRET }] }],
    };
    const { changed } = guardsOf().inspect(body) as any;
    expect(changed.messages[0].content[0].signature).toBe(SECRET);
    expect(changed.messages[0].content[1].text).not.toContain(SECRET);
  });

  it('blocks what is to be blocked, and says what without saying it', () => {
    const guards = guardsOf({
      actions: [{ category: 'secret', action: 'block' }],
    });
    const { blocked, summary } = guards.inspect({ text: `${LONG}${SECRET}` });
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
    expect(guards.inspect(body).blocked).toBe(false);
    expect(guards.inspect(body).blocked).toBe(false);
    expect(guards.inspect({ text: 'Poems, please' }).blocked).toBe(true);
  });

  it('can be switched off', () => {
    expect(guardsOf(false)).toBeUndefined();
  });
});
