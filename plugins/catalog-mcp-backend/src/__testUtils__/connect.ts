import {
  Client,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client';
import { asUser, Portal } from './startPortal';

/** The answer of a tool: an object, or the text of an error. */
export type Answer = Record<string, any>;

/** A client of the endpoint that is signed in as somebody. */
export interface SignedIn {
  client: Client;
  /** Calls a tool that must succeed. */
  ask(tool: string, input?: object): Promise<Answer>;
  /** Calls a tool that must fail, and returns what it says. */
  fail(tool: string, input?: object): Promise<string>;
}

/**
 * Connects the MCP client as a user. It checks every answer against the tool's output schema.
 *
 * @param authorization - header to send; default: that of Linus
 */
export async function connect(
  portal: Portal,
  authorization = asUser('user:default/linus'),
): Promise<SignedIn> {
  const client = new Client(
    { name: 'test', version: '1.0.0' },
    { versionNegotiation: { mode: 'auto' } },
  );
  await client.connect(
    new StreamableHTTPClientTransport(new URL(portal.endpoint), {
      requestInit: { headers: { authorization } },
    }),
  );
  await client.listTools();
  const call = (tool: string, input: object = {}) =>
    client.callTool({
      name: tool,
      arguments: input as Record<string, unknown>,
    });
  return {
    client,
    async ask(tool, input) {
      const result = await call(tool, input);
      expect(result.content).toEqual([
        { type: 'text', text: JSON.stringify(result.structuredContent) },
      ]);
      expect(result.isError).toBeFalsy();
      return result.structuredContent as Answer;
    },
    async fail(tool, input) {
      const result = await call(tool, input);
      expect(result.isError).toBe(true);
      return (result.content as Array<{ text: string }>)[0].text;
    },
  };
}
