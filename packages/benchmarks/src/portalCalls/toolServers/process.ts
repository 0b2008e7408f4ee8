import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { toNodeHandler } from '@modelcontextprotocol/node';
import { createMcpHandler, Server } from '@modelcontextprotocol/server';
import { runProcess } from '../../children/runProcess';
import { PORTALS } from '../sizes';
import { ANSWERS, ANSWER_SIZES, answerOf, CALLED_TOOLS } from './answers';
import { defineTools } from './definitions';

/** Where each server listens, by its name. */
export interface ToolServers {
  urls: Record<string, string>;
}

/** By tool and number, made before anything is measured. */
const ANSWER_TEXTS = new Map(
  ANSWER_SIZES.map(size => [
    CALLED_TOOLS[size] as string,
    Array.from({ length: ANSWERS }, (_, number) => answerOf(size, number)),
  ]),
);

/** Runs all MCP servers that are behind the portal. This file is the entry point of a child process. */
async function run(): Promise<ToolServers> {
  const urls: Record<string, string> = {};
  for (const { servers, toolsPerServer } of PORTALS) {
    for (const name of servers) {
      urls[name] = await serve(name, toolsPerServer);
    }
  }
  return { urls };
}

/** An MCP server as its own SDK makes it, of both protocol eras, without sessions. */
async function serve(name: string, toolCount: number): Promise<string> {
  const tools = defineTools(name, toolCount);
  const handler = toNodeHandler(
    createMcpHandler(() => {
      const server = new Server(
        { name, version: '1.0.0' },
        // As servers with lists do: mcp-proxy keeps a stream open for changes, and asks for it with every request otherwise.
        { capabilities: { tools: { listChanged: true } } },
      );
      server.setRequestHandler('tools/list', () => ({
        tools: tools as never[],
      }));
      server.setRequestHandler('tools/call', ({ params }) => ({
        content: [
          { type: 'text', text: textOf(params.name, params.arguments ?? {}) },
        ],
      }));
      return server;
    }),
  );
  const http = createServer((request, response) =>
    handler(request, response),
  ).listen(0, '127.0.0.1');
  await once(http, 'listening');
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}/mcp`;
}

function textOf(tool: string, args: Record<string, unknown>): string {
  const texts = ANSWER_TEXTS.get(tool);
  return texts
    ? texts[Number(args.number) % ANSWERS]
    : JSON.stringify({ tool, args });
}

runProcess(run);
