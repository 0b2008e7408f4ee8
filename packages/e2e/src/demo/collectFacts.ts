const RETRIEVER = 'catalogHealthFactRetriever';

/**
 * Has the portal collect the facts that its checks need. It does so by itself
 * only every quarter of an hour, by the clock.
 *
 * @param url - base URL of the portal
 * @param token - token of any user
 */
export async function collectFacts(url: string, token: string): Promise<void> {
  const response = await fetch(
    `${url}/api/tech-insights/.backstage/scheduler/v1/tasks/${RETRIEVER}/trigger`,
    { method: 'POST', headers: { authorization: `Bearer ${token}` } },
  );
  // 409: it is running already.
  if (!response.ok && response.status !== 409) {
    throw new Error(
      `Could not run ${RETRIEVER} (${
        response.status
      }): ${await response.text()}`,
    );
  }
}
