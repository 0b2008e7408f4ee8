/** One red pixel. */
export const IMAGE = {
  type: 'image',
  data: 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC',
  mimeType: 'image/png',
} as const;

/** A recording of one sample. */
export const AUDIO = {
  type: 'audio',
  data: 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAA=',
  mimeType: 'audio/wav',
} as const;

/** A block of text. */
export function text(value: string) {
  return { type: 'text', text: value } as const;
}

/** A block with a resource in it. */
export function embedded(uri: string, mimeType: string, value: string) {
  return {
    type: 'resource',
    resource: { uri, mimeType, text: value },
  } as const;
}

/** The arguments of a tool that has none. */
export const NO_ARGUMENTS = { type: 'object', properties: {} } as const;
