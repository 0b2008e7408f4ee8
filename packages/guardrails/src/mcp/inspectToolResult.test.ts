import { createGuardrails } from '../engine/createGuardrails';
import { inspectToolResult } from './inspectToolResult';

const TOKEN = ['ghp', 'a8Fk3LmQ9xZ2bV7cN4pR6tY1wE5uI0oJhGdS'].join('_');
const REDACTED = '[redacted: secret.github-token]';
const base64 = (text: string) => Buffer.from(text).toString('base64');

describe('inspectToolResult', () => {
  const guardrails = createGuardrails();

  it('looks at every kind of content', () => {
    const result = {
      content: [
        { type: 'text', text: `a ${TOKEN}` },
        {
          type: 'resource',
          resource: {
            uri: 'file:///a.txt',
            mimeType: 'text/plain',
            text: `b ${TOKEN}`,
          },
        },
        {
          type: 'resource',
          resource: {
            uri: 'file:///b.bin',
            mimeType: 'application/octet-stream',
            blob: base64(`c ${TOKEN}`),
          },
        },
        { type: 'image', mimeType: 'image/png', data: base64(`d ${TOKEN}`) },
        {
          type: 'resource_link',
          uri: `https://x.example/?t=${TOKEN}`,
          name: 'l',
          description: `e ${TOKEN}`,
        },
      ],
      _meta: { note: TOKEN },
    };
    const before = structuredClone(result);
    const { action, findings, value } = inspectToolResult(guardrails, result);
    expect(result).toEqual(before);
    expect(action).toBe('redact');
    expect(findings.map(({ pointer }) => pointer)).toEqual([
      '/content/0/text',
      '/content/1/resource/text',
      '/content/2/resource/blob',
      '/content/3/data',
      '/content/4/uri',
      '/content/4/description',
      '/_meta/note',
    ]);
    expect(value).toEqual({
      content: [
        { type: 'text', text: `a ${REDACTED}` },
        {
          type: 'resource',
          resource: {
            uri: 'file:///a.txt',
            mimeType: 'text/plain',
            text: `b ${REDACTED}`,
          },
        },
        {
          type: 'resource',
          resource: {
            uri: 'file:///b.bin',
            mimeType: 'application/octet-stream',
            blob: base64(`c ${REDACTED}`),
          },
        },
        {
          type: 'image',
          mimeType: 'image/png',
          data: base64(`d ${REDACTED}`),
        },
        {
          type: 'resource_link',
          uri: `https://x.example/?t=${REDACTED}`,
          name: 'l',
          description: `e ${REDACTED}`,
        },
      ],
      _meta: { note: REDACTED },
    });
  });

  it('leaves true images alone, also when something else is taken out', () => {
    const data = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1, 2, 255]).toString(
      'base64',
    );
    const image = { type: 'image', mimeType: 'image/png', data };
    const { value } = inspectToolResult(guardrails, {
      content: [image, { type: 'text', text: TOKEN }],
    });
    expect(value.content).toEqual([image, { type: 'text', text: REDACTED }]);
  });

  it('gives back a harmless result as the same reference', () => {
    const result = {
      content: [{ type: 'text', text: '{"a":1}' }],
      structuredContent: { a: 1 },
    };
    expect(inspectToolResult(guardrails, result)).toEqual({
      action: 'pass',
      findings: [],
      value: result,
    });
    expect(inspectToolResult(guardrails, result).value).toBe(result);
  });

  it.each([0, 2])(
    'keeps structuredContent and its copy as text the same, indented by %d',
    indent => {
      // Only the name of the property tells that this is a password.
      const structuredContent = { user: 'ada', password: 'kJ8s!dk39sl2' };
      const { value, findings } = inspectToolResult(guardrails, {
        content: [
          {
            type: 'text',
            text: JSON.stringify(structuredContent, null, indent),
          },
        ],
        structuredContent,
      });
      const redacted = {
        user: 'ada',
        password: '[redacted: secret.assignment]',
      };
      expect(findings.map(({ pointer }) => pointer)).toEqual([
        '/content/0/text',
        '/structuredContent/password',
      ]);
      expect(value.structuredContent).toEqual(redacted);
      expect(value.content[0].text).toBe(
        JSON.stringify(redacted, null, indent),
      );
    },
  );

  it.each([
    ['has a name twice', `{"note":"${TOKEN}","note":"fine"}`],
    [
      'has a name twice, indented',
      `{\n  "note": "${TOKEN}",\n  "note": "fine"\n}`,
    ],
  ])('looks at a text that reads as structuredContent and %s', (_, text) => {
    const { action, value } = inspectToolResult(guardrails, {
      content: [{ type: 'text', text }],
      structuredContent: { note: 'fine' },
    });
    expect(action).toBe('redact');
    expect(value).toEqual({
      content: [{ type: 'text', text: text.replace(TOKEN, REDACTED) }],
      structuredContent: { note: 'fine' },
    });
  });

  it('does not put back into a copy what only the text shows', () => {
    const ownPattern = createGuardrails({
      patterns: [{ id: 'pair', pattern: '"code":"[0-9]{4}"' }],
      actions: [{ detector: 'pattern.pair', action: 'redact' }],
    });
    const structuredContent = { code: '1234', token: TOKEN };
    const { value } = inspectToolResult(ownPattern, {
      content: [{ type: 'text', text: JSON.stringify(structuredContent) }],
      structuredContent,
    });
    expect(value.content[0].text).toBe(
      `{[redacted: pattern.pair],"token":"${REDACTED}"}`,
    );
    expect(value.structuredContent.token).toBe(REDACTED);
  });

  it('takes what is a secret in one place out of every other', () => {
    const { value } = inspectToolResult(guardrails, {
      content: [{ type: 'text', text: 'The word for ada is kJ8s!dk39sl2.' }],
      structuredContent: { password: 'kJ8s!dk39sl2' },
    });
    expect(value.content[0].text).toBe(
      'The word for ada is [redacted: secret.assignment].',
    );
  });

  it('reads prompts and resources as well', () => {
    const { value } = inspectToolResult(guardrails, {
      messages: [
        {
          role: 'user',
          content: { type: 'resource', resource: { blob: base64(TOKEN) } },
        },
      ],
      contents: [{ uri: 'x:y', blob: base64(TOKEN) }],
    });
    expect(value.messages[0].content.resource.blob).toBe(base64(REDACTED));
    expect(value.contents[0].blob).toBe(base64(REDACTED));
  });

  it('survives structured content that is nested far too deep', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const { action } = inspectToolResult(guardrails, {
      content: [
        { type: 'text', text: deep },
        { type: 'text', text: TOKEN },
      ],
      structuredContent: JSON.parse(deep),
    });
    expect(action).toBe('block');
  });
});
