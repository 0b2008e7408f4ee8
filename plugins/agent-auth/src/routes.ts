import { createRouteRef } from '@backstage/frontend-plugin-api';

/** "Agent access", with its tabs. */
export const rootRouteRef = createRouteRef();

/** Where a client's authorization request is approved; the backend sends browsers here. */
export const consentRouteRef = createRouteRef({ params: ['interactionId'] });

/** Where the code that a device shows is entered. */
export const deviceRouteRef = createRouteRef();
