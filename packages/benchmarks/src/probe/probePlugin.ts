import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import express from 'express';
import Router from 'express-promise-router';
import { readUse } from '../children/runProcess';
import type { BackendUse, ProfileRequest } from './Probe';

/** Often enough to see what takes a tenth of a millisecond a call, in 10 seconds of calls. */
const SAMPLING_INTERVAL_MICROSECONDS = 250;

/**
 * Tells what the backend uses, and where its time goes.
 *
 * For benchmarks only: whoever reaches it can write files.
 */
export const probePlugin = createBackendPlugin({
  pluginId: 'probe',
  register(env) {
    env.registerInit({
      deps: { httpRouter: coreServices.httpRouter },
      async init({ httpRouter }) {
        const profiler = new Session();
        const router = Router();
        router.use(express.json());
        router.get('/use', async (_, response) => {
          response.json(readUse());
        });
        router.get('/memory', async (_, response) => {
          const collect = exposedCollector();
          collect();
          const use: BackendUse = {
            ...readUse(),
            heapMib: process.memoryUsage().heapUsed / 2 ** 20,
          };
          response.json(use);
        });
        router.post('/profile/start', async (_, response) => {
          profiler.connect();
          await profiler.post('Profiler.enable');
          await profiler.post('Profiler.setSamplingInterval', {
            interval: SAMPLING_INTERVAL_MICROSECONDS,
          });
          await profiler.post('Profiler.start');
          response.json({});
        });
        router.post('/profile/stop', async (request, response) => {
          const { file }: ProfileRequest = request.body;
          const { profile } = await profiler.post('Profiler.stop');
          profiler.disconnect();
          writeFileSync(file, JSON.stringify(profile));
          response.json({});
        });
        httpRouter.addAuthPolicy({ path: '/', allow: 'unauthenticated' });
        httpRouter.use(router);
      },
    });
  },
});

/** Collects garbage, so that memory that is in use can be told from what is not. */
function exposedCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
}
