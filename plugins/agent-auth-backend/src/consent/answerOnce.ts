import { ConflictError } from '@backstage/errors';
import type { OAuthRecords } from '../records/OAuthRecords';

/**
 * Answers a request, unless it is being answered or has been: two answers at
 * once would leave a connection that nobody knows of. When answering fails, it
 * can be tried again.
 *
 * @param requestId - kind and id of the request
 * @throws ConflictError when it is not the first answer, and what `answer` does
 */
export async function answerOnce<T>(
  records: OAuthRecords,
  requestId: string,
  answer: () => Promise<T>,
): Promise<T> {
  if (!(await records.claim(requestId))) {
    throw new ConflictError(
      'This request has been answered. Start again in the program that brought you here',
    );
  }
  try {
    return await answer();
  } catch (error) {
    await records.unclaim(requestId);
    throw error;
  }
}
