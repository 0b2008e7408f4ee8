import type { ApiSpecifications } from '../ApiSpecifications';

/** For tests of servers that are no APIs. */
export const noApis: Pick<ApiSpecifications, 'of'> = {
  async of() {
    throw new Error('There are no APIs here');
  },
};
