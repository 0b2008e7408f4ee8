const PART = /^[a-z0-9](?:[\w.-]*[a-z0-9])?$/i;

/**
 * Whether a text is a full entity ref, `kind:namespace/name`, of the characters
 * that the catalog allows. Only such a ref may become part of a URL.
 */
export function isEntityRef(text: string): boolean {
  const [kind, rest, ...more] = text.split(':');
  const parts = [kind, ...(rest ?? '').split('/')];
  return (
    more.length === 0 && parts.length === 3 && parts.every(isEntityRefPart)
  );
}

/** Whether a text can be the kind, namespace or name in an entity ref. */
export function isEntityRefPart(text: string): boolean {
  return text.length <= 63 && PART.test(text);
}
