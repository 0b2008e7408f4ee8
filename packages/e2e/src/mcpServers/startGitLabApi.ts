import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** As much of the API of GitLab as creating an issue needs. */
export interface GitLabApi {
  /** Its base URL. */
  url: string;
  /** Requests that it has got. */
  asked: Array<{ method: string; path: string; body: any }>;
  stop(): Promise<void>;
}

/** Starts an API that answers every request with the issue that it was given. */
export async function startGitLabApi(): Promise<GitLabApi> {
  const asked: GitLabApi['asked'] = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) {
      text += chunk;
    }
    const body = text ? JSON.parse(text) : undefined;
    asked.push({ method: request.method!, path: request.url!, body });
    const person = {
      id: 1,
      username: 'bot',
      name: 'Bot',
      state: 'active',
      avatar_url: null,
      web_url: 'https://gitlab.lantern.example/bot',
    };
    response.writeHead(201, { 'content-type': 'application/json' }).end(
      JSON.stringify({
        id: 70,
        iid: 1,
        project_id: 7,
        title: body?.title,
        description: null,
        state: 'opened',
        created_at: '2026-11-20T09:00:00Z',
        updated_at: '2026-11-20T09:00:00Z',
        closed_at: null,
        labels: [],
        milestone: null,
        assignees: [],
        author: person,
        web_url: 'https://gitlab.lantern.example/ledger/-/issues/1',
      }),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v4`,
    asked,
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
