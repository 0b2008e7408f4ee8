import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';

/**
 * Sends a request, and waits for its answer however long it takes, which
 * `fetch` does not: a phase may take longer than its 5 minutes.
 *
 * @param options.agent - that keeps connections
 * @param options.body - to be sent as JSON
 */
export function send(
  url: string,
  options: {
    method?: string;
    agent?: Agent;
    token?: string;
    body?: object;
  } = {},
): Promise<{ status: number; body: string }> {
  const { method = 'GET', agent, token, body } = options;
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      {
        method,
        agent,
        headers: {
          'content-type': 'application/json',
          ...(token && { authorization: `Bearer ${token}` }),
        },
      },
      answer =>
        text(answer).then(
          content => resolve({ status: answer.statusCode!, body: content }),
          reject,
        ),
    );
    sent.on('error', reject);
    sent.end(body && JSON.stringify(body));
  });
}
