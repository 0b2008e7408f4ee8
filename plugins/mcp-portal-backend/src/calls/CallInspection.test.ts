import { ConfigReader } from '@backstage/config';
import { ProtocolError, Result } from '@modelcontextprotocol/client';
import { readGuards } from '../guards';
import type { ViewedDefinition } from '../views';
import { CallInspection } from './CallInspection';
import type { CallRecord } from './CallRecord';
import type { PortalCall } from './PortalCall';

const SECRET = `ghp_${'x9Kq2mV7pLwR4tYzB8nC'.repeat(2).slice(0, 36)}`;

const QUESTION = {
  method: 'elicitation/create',
  params: { message: 'Who are you?' },
};

/** What a server gets that asks a client which answers so. */
async function answerTo(
  answer: () => Promise<Result>,
  guardrails: object = {},
): Promise<unknown> {
  const { guards } = readGuards(
    new ConfigReader({ mcpPortal: { guardrails: guardrails as never } }),
    { publicPortals: new Set() },
  );
  const { onRequest } = new CallInspection({ guards }).guardedListeners(
    { portal: { name: 'main' }, onQuestion: answer } as never as PortalCall,
    { server: { name: 'tracker' }, key: 'ask' } as ViewedDefinition,
    { inspected: () => {} } as never as CallRecord,
  );
  return onRequest!(QUESTION).catch(error => error);
}

describe('an error in place of the answer to a question', () => {
  it('tells the server nothing of what failed in the portal', async () => {
    const failed = await answerTo(async () => {
      throw Object.assign(new Error('insert into "client_messages" failed'), {
        data: { host: 'db.internal' },
      });
    });
    expect(failed).toBeInstanceOf(ProtocolError);
    expect(failed).toMatchObject({
      code: -32603,
      message: 'The client did not answer',
      data: undefined,
    });
  });

  it('reaches the server without what has to be taken out', async () => {
    const taken = await answerTo(
      async () => {
        throw new ProtocolError(-32000, `Not with ${SECRET}`, [SECRET]);
      },
      { actions: [{ category: 'secret', action: 'redact' }] },
    );
    expect(taken).toMatchObject({
      code: -32000,
      message: expect.stringMatching(/^Not with \[redacted/),
      data: [expect.stringMatching(/^\[redacted/)],
    });
  });
});
