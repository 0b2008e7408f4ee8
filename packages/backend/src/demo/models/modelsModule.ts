import http from 'node:http';
import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { startModel } from './startModel';

const MOUNT_PATH = '/demo-models';

/** As in app-config.demo.yaml; whoever has it can only talk to a model that repeats. */
const KEY = 'demo-model-key';

/**
 * The model provider of the demo on the backend's own port, which lets in only
 * the proxy.
 */
export const modelsModule = createBackendModule({
  pluginId: 'ai-proxy',
  moduleId: 'demo-models',
  register(reg) {
    reg.registerInit({
      deps: {
        httpRouter: coreServices.rootHttpRouter,
        lifecycle: coreServices.rootLifecycle,
      },
      async init({ httpRouter, lifecycle }) {
        const model = await startModel();
        lifecycle.addShutdownHook(() => model.stop());
        const { hostname, port } = new URL(model.url);

        httpRouter.use(MOUNT_PATH, (request, response) => {
          const { headers, method, url: path } = request;
          const keys = [
            headers.authorization?.replace('Bearer ', ''),
            headers['x-api-key'],
            headers['x-goog-api-key'],
          ];
          if (!keys.includes(KEY)) {
            response.status(401).json({ error: { message: 'Wrong key' } });
            return;
          }
          const asked = http.request(
            { hostname, port, method, path, headers },
            answer => {
              response.writeHead(answer.statusCode!, {
                ...answer.headers,
                'cache-control': 'no-transform',
              });
              answer.pipe(response);
            },
          );
          asked.on('error', () => response.destroy());
          response.on('close', () => asked.destroy());
          request.pipe(asked);
        });
      },
    });
  },
});
