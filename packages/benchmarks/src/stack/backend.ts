/* eslint-disable @backstage/no-mixed-plugin-imports -- they are what is measured */
import {
  catalogModuleScaleOrganisation,
  generateOrganisation,
} from '../organisation';
import { ChildOptions, createChildBackend, runChild } from './childBackend';

/** What the benchmark tells the process that runs the backend. */
export interface BackendOptions extends ChildOptions {
  /** Of the organisation. */
  scale: number;
  /** Whether to install our own plugins, besides their peers. */
  ownPlugins: boolean;
}

/**
 * Runs one backend that has every contender in it. This file is the entry
 * point of a child process.
 */
async function run(options: BackendOptions): Promise<void> {
  const backend = createChildBackend(options);
  backend.add(
    catalogModuleScaleOrganisation(
      options.load ? generateOrganisation({ scale: options.scale }) : undefined,
    ),
  );
  backend.add(import('@backstage/plugin-mcp-actions-backend'));
  if (options.ownPlugins) {
    backend.add(import('@prompt-corner/plugin-agent-auth-backend'));
    backend.add(import('@prompt-corner/plugin-catalog-mcp-backend'));
  }
  await backend.start();
}

runChild(run);
