/**
 * What a picture costs at most with Claude before Opus 4.7 (1,600 tokens), and about as
 * much as with GPT in high detail (1,445) and Gemini 3 in high resolution (1,120).
 */
export const IMAGE_TOKENS = 1_600;

/** Two pages of a PDF, text and picture; also for files of which only a reference is sent. */
export const DOCUMENT_TOKENS = 3_000;

// Bytes for a token, such that usual files cost less than estimated: a page of a PDF
// seldom has fewer than 30 kB for its 1,500 tokens; Gemini takes 32 tokens a second of
// sound, of which speech at 24 kbit/s has 94 bytes for each, and 300 of video.
const DOCUMENT_BYTES = 20;
const AUDIO_BYTES = 90;
const VIDEO_BYTES = 200;

/**
 * Estimates the tokens of something that is not text.
 *
 * @param mediaType - such as `image/png`; anything else counts as a document
 * @param bytes - its size, where it is in the request
 */
export function mediaTokens(mediaType: string, bytes: number): number {
  if (mediaType.startsWith('image/')) {
    return IMAGE_TOKENS;
  }
  if (mediaType.startsWith('audio/')) {
    return Math.ceil(bytes / AUDIO_BYTES);
  }
  if (mediaType.startsWith('video/')) {
    return Math.max(DOCUMENT_TOKENS, Math.ceil(bytes / VIDEO_BYTES));
  }
  return Math.max(DOCUMENT_TOKENS, Math.ceil(bytes / DOCUMENT_BYTES));
}

/** How many bytes base64 of a length stands for, about. */
export function decodedBytes(base64Length: number): number {
  return Math.ceil((base64Length * 3) / 4);
}

/** Tokens of a `data:` URL; undefined when it is none. */
export function dataUrlTokens(url: string): number | undefined {
  if (!url.startsWith('data:')) {
    return undefined;
  }
  const comma = url.slice(0, 200).indexOf(',');
  const mediaType = url.slice('data:'.length, Math.max(comma, 'data:'.length));
  return mediaTokens(mediaType, decodedBytes(url.length - comma - 1));
}
