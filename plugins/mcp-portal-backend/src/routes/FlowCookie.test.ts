import express from 'express';
import request from 'supertest';
import { FlowCookie } from './FlowCookie';

const FLOW = 'a'.repeat(64);

describe('FlowCookie', () => {
  async function setBy(baseUrl: string) {
    const cookie = new FlowCookie(baseUrl);
    const app = express();
    app.get('/', (_request, response) => {
      cookie.set(response, FLOW, 'secret');
      response.end();
    });
    app.get('/read', (incoming, response) => {
      response.json(cookie.read(incoming, FLOW) ?? null);
    });
    const [set] = (await request(app).get('/')).get('Set-Cookie')!;
    const read = async (header: string) =>
      (await request(app).get('/read').set('cookie', header)).body;
    return { set, read };
  }

  it('is refused by browsers when another host or a plain connection sets it', async () => {
    const { set } = await setBy('https://portal.example.com/api/mcp-portal');
    expect(set).toMatch(
      /^__Host-mcp-portal-flow-a{16}=secret; Max-Age=600; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(set).not.toContain('Domain');
  });

  it('is read among others, and by its own name only', async () => {
    const { read } = await setBy('https://portal.example.com');
    const name = `__Host-mcp-portal-flow-${'a'.repeat(16)}`;
    expect(await read(`x=1; ${name}=abc; y=2`)).toBe('abc');
    expect(await read(`mcp-portal-flow-${'a'.repeat(16)}=abc`)).toBeNull();
    expect(await read(`x${name}=abc; ${name}x=abc`)).toBeNull();
  });
});
