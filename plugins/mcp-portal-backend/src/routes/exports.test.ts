import {
  mockCredentials,
  mockErrorHandler,
} from '@backstage/backend-test-utils';
import express from 'express';
import request from 'supertest';
import { pageUsers } from '../__testUtils__/pageUsers';
import { createExportsRouter } from './exports';

function start() {
  const app = express();
  app.use(
    createExportsRouter({
      portalsFor: async ({ principal }) => [
        {
          name: principal.userEntityRef.split('/')[1],
          title: 'Portal',
          url: 'https://portal.example.com/mcp',
        },
      ],
      users: pageUsers(() => false),
    }),
  );
  app.use(mockErrorHandler());
  return {
    app,
    get: (path: string) =>
      request(app)
        .get(path)
        .set('authorization', mockCredentials.user.header('user:default/ada')),
  };
}

describe('Exports', () => {
  it('are files with the portals of the user', async () => {
    const { get } = start();
    const codex = await get('/exports/codex').buffer(true);
    expect(codex.headers).toMatchObject({
      'content-type': 'application/toml; charset=utf-8',
      'content-disposition': 'attachment; filename="config.toml"',
      'cache-control': 'no-store',
    });
    expect(codex.text).toBe(
      '[mcp_servers.ada]\nurl = "https://portal.example.com/mcp"\n',
    );
    const vscode = await get('/exports/vscode');
    expect(vscode.headers['content-type']).toMatch(/^application\/json/);
    expect(vscode.body.servers.ada.url).toBe('https://portal.example.com/mcp');
  });

  it('are listed', async () => {
    const { get } = start();
    const { items } = (await get('/exports')).body;
    for (const { id, fileName } of items) {
      const { headers } = await get(`/exports/${id}`);
      expect(headers['content-disposition']).toContain(`"${fileName}"`);
    }
    expect((await get('/exports/emacs')).status).toBe(404);
  });

  it('need a signed-in user', async () => {
    const { app } = start();
    expect((await request(app).get('/exports/codex')).status).toBe(401);
    expect((await request(app).get('/exports')).status).toBe(401);
    const service = await request(app)
      .get('/exports/codex')
      .set('authorization', mockCredentials.service.header());
    expect(service.status).toBe(403);
  });
});
