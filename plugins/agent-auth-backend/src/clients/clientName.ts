/** Longest name of a client, in UTF-16 units; the database's columns hold twice as much. */
export const MAX_CLIENT_NAME_LENGTH = 100;

/** Characters that show nothing, among them those that reverse the direction of what follows. */
const INVISIBLE = /[\p{C}\p{Zl}\p{Zp}]/u;

/** Whether a text holds characters that show nothing. */
export function hasInvisible(text: string): boolean {
  return INVISIBLE.test(text);
}

/** A text as a user would read it: without what shows nothing, spaces collapsed. */
export function toVisible(text: string): string {
  return text
    .normalize('NFC')
    .replace(/\s+/g, ' ')
    .replace(new RegExp(INVISIBLE, 'gu'), '')
    .trim();
}

/** A host in place of a name; of a long one the end, where its owner stands. */
export function nameOfHost(host: string): string {
  return host.length > MAX_CLIENT_NAME_LENGTH
    ? `…${host.slice(1 - MAX_CLIENT_NAME_LENGTH)}`
    : host;
}
