import type { AnchoredDetector } from '../Detector';

/** Endings of file names and code that look like top-level domains. */
const NOT_A_DOMAIN =
  /\.(?:png|jpe?g|gif|svg|webp|avif|ico|pdf|js|mjs|cjs|ts|tsx|jsx|css|scss|json|ya?ml|toml|lock|md|txt|html?|xml|sh|py|rb|go|rs|java|kt|cs|php|sql|csv|log|zip|gz|tgz|tar|whl|jar|local|internal|lan|svc|cluster|service|socket|timer|target)$/i;

/** An address that a machine is reached by, or a message's or a commit's id. */
const OTHER_USE =
  /(?:\/\/[^\s/]{0,60}|\b(?:ssh|scp|sftp|rsync)\b[^\n]{0,60}|(?:message-id|in-reply-to|references): ?<[^>]{0,60}|[/@])$/i;

const LOCAL = /[A-Za-z0-9._%+'-]/;
const DOMAIN =
  /@((?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})(?![A-Za-z0-9_@]|-[A-Za-z0-9]|\.[A-Za-z0-9]|:[^\s]|\/)/y;

const MAX_LOCAL = 64;

/** Addresses of mail (RFC 5321, in the forms that are used). */
export const EMAIL: AnchoredDetector = {
  kind: 'anchored',
  id: 'personal.email',
  category: 'personal-data',
  severity: 'low',
  description:
    'Finds e-mail addresses; not user@host of ssh and git, nor names of packages.',
  anchors: ['@'],
  find: (view, at) => {
    const { text } = view;
    let start = at;
    while (start > 0 && at - start < MAX_LOCAL && LOCAL.test(text[start - 1])) {
      start--;
    }
    while (start < at && /[.'%+-]/.test(text[start])) {
      start++;
    }
    if (start === at || text[at - 1] === '.') {
      return undefined;
    }
    DOMAIN.lastIndex = at;
    const match = DOMAIN.exec(text);
    if (!match || NOT_A_DOMAIN.test(match[1])) {
      return undefined;
    }
    const before = text.slice(Math.max(0, start - 64), start);
    return OTHER_USE.test(before)
      ? undefined
      : { start, end: at + match[0].length };
  },
};
