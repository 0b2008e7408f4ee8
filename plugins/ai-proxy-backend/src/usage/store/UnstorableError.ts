import { CustomErrorBase } from '@backstage/errors';

/** The database does not take what is in a batch. To try it again is of no use. */
export class UnstorableError extends CustomErrorBase {
  name = 'UnstorableError' as const;
}
