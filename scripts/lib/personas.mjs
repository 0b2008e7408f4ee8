/**
 * Asks the running demo which personas one can sign in as.
 *
 * @param {string} url base URL of the portal
 * @returns {Promise<{ id: string, name: string, role: string, tryThis: string }[]>}
 * @throws {Error} when the portal is not the demo or does not answer
 */
export async function fetchPersonas(url) {
  const response = await fetch(`${url}/demo-idp/personas`);
  if (!response.ok) {
    throw new Error(
      `${url} has no demo personas (${response.status}): it is not the demo`,
    );
  }
  return await response.json();
}
