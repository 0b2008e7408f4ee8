import { entropyOf } from '../../text/entropy';
import type { TextView } from '../../text/TextView';
import { anchoredPattern } from '../anchored';
import type { Detector, Span } from '../Detector';
import { isPlaceholder, isRandom } from './placeholders';

/** Secrets without a shape of their own, told by what stands before them. */
export const NAMED_SECRETS: Detector[] = [
  anchoredPattern({
    id: 'secret.url-password',
    category: 'secret',
    severity: 'high',
    description:
      'Finds passwords in URLs, such as connection strings (RFC 3986, section 3.2.1).',
    anchors: ['://'],
    pattern:
      /:\/\/[^\s:/?#@"'<>]{0,64}:(?<value>[^\s/?#@"'<>]{3,128})@(?=[A-Za-z0-9[_-])/,
    accept: value =>
      !isReference(value) && !isPlaceholder(value) && !isWordForPassword(value),
  }),
  anchoredPattern({
    id: 'secret.authorization-header',
    category: 'secret',
    severity: 'high',
    description:
      'Finds bearer and basic credentials of HTTP (RFC 6750, RFC 7617).',
    anchors: ['bearer', 'basic'],
    pattern:
      /(?<![A-Za-z])(?:bearer[ :=]{1,3}(?<value>[A-Za-z0-9._~+/-]{20,2000}={0,2})|(?<=authorization["']?\s{0,2}[:=]\s{0,2}["']?)basic (?:[A-Za-z0-9+/]{4}){3,200}={0,2})/i,
    accept: value =>
      /^basic /i.test(value)
        ? isBasicCredential(value.slice(6))
        : /\d/.test(value) && isRandom(value, 3.4),
  }),
  {
    kind: 'anchored',
    id: 'secret.assignment',
    category: 'secret',
    severity: 'high',
    description:
      'Finds values that are assigned to names such as password, api_key and client_secret, when they look random.',
    anchors: [
      'password',
      'passwd',
      'passphrase',
      'pwd',
      'secret',
      'token',
      'api_key',
      'apikey',
      'api-key',
      'api key',
      'access_key',
      'access-key',
      'accesskey',
      'private_key',
      'auth_key',
      'credential',
      'passwort',
      'kennwort',
      'contraseña',
      'mot de passe',
      'senha',
      'пароль',
      '密码',
      'パスワード',
    ],
    find: findAssignment,
  },
];

/** What may stand between a name and its value, and the value. */
const ASSIGNED =
  /(?:[_-]?(?:key|token|value|base64))?["'\]]{0,2}\s{0,4}(?::=|=>|[:=：]|\bis\b|\bist\b)\s{0,4}(?:"(?<double>[^"\n]{6,200})"|'(?<single>[^'\n]{6,200})'|(?<bare>[^\s"',;<>(){}[\]`|&]{6,200})(?![^\s"',;<>}\]`|&]))/iy;

/** Tokens that say where to go on, or name something, and open nothing. */
const HARMLESS_TOKEN =
  /(?:page|cursor|continuation|continue|sync|csrf|xsrf|pagination|scroll|resume|cancel\w{0,8}|push|device|progress|idempotency)[ _-]?(?:token)?$/i;

function findAssignment(
  view: TextView,
  start: number,
  end: number,
): Span | undefined {
  ASSIGNED.lastIndex = end;
  const groups = ASSIGNED.exec(view.text)?.groups;
  if (!groups) {
    return undefined;
  }
  const { double, single, bare } = groups;
  const name = view.text.slice(start, end);
  const value = double ?? single ?? bare;
  const before = view.text.slice(Math.max(0, start - 16), start);
  const isHarmless = /^token$/i.test(name) && HARMLESS_TOKEN.test(before);
  if (isHarmless || !isSecretValue(name, value)) {
    return undefined;
  }
  const valueEnd = ASSIGNED.lastIndex - (bare ? 0 : 1);
  return { start: valueEnd - value.length, end: valueEnd };
}

/** A property's value whose name says that it is secret, in JSON: `{"password": "…"}`. */
export const SECRET_LABEL =
  /^(?:.*[_-])?(?:password|passwd|passphrase|pwd|secret|client_?secret|api_?-?key|apikey|access_?token|auth_?token|refresh_?token|private_?key(?:_?id)?|secret_?(?:access_?)?key|token)$/i;

/** Names that are followed by passwords, which people choose, so that they are less random than tokens. */
const PASSWORD_NAME = /pass|pwd|kennwort|contrase|senha|[^ -~]/i;

/**
 * @returns true when a value can be the secret that its name promises
 */
export function isSecretValue(name: string, value: string): boolean {
  if (isReference(value) || isPlaceholder(value) || /^\s|\s{2}/.test(value)) {
    return false;
  }
  if (PASSWORD_NAME.test(name)) {
    return isPassword(value);
  }
  return (
    value.length >= 16 &&
    !/\s/.test(value) &&
    /\d/.test(value) &&
    /[A-Za-z]/.test(value) &&
    entropyOf(value) >= 3.3 &&
    !isIdentifier(value)
  );
}

function isPassword(value: string): boolean {
  if (value.length < 8 || value.length > 100) {
    return false;
  }
  if (/\s/.test(value)) {
    return false;
  }
  const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^A-Za-z0-9]/].filter(kind =>
    kind.test(value),
  ).length;
  return kinds >= 2 && /[\d!@#$%^&*]/.test(value) && !isIdentifier(value);
}

/** Code, templates and references to where the secret is. */
const REFERENCE =
  /\$\{|\$\(|\{\{|^\$[A-Za-z_]|^%[A-Za-z_]+%$|^<.*>$|^\[.*\]$|^@|\(|\)$|::|=>|->|process\.env|os\.|environ|getenv|secrets?\.|vault:|ssm:|arn:|secretKeyRef|^https?:|^file:|^\/|^~\//i;

function isReference(value: string): boolean {
  return REFERENCE.test(value);
}

/** `my-database-secret`, `user.profile.name`, `tokenEndpoint2`: words put together. */
function isIdentifier(value: string): boolean {
  const words = value.split(/[-_./:]/);
  return (
    (words.length > 1 &&
      words.every(word =>
        /^(?:[A-Za-z]?[a-z]*\d{0,3}|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*|[A-Z]+|v?\d{1,4})$/.test(
          word,
        ),
      )) ||
    /^[A-Z]?[a-z]+\d{0,2}(?:[A-Z][a-z]+)*\d{0,3}$/.test(value) ||
    /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i.test(value)
  );
}

function isWordForPassword(value: string): boolean {
  return /^(?:\w{0,12}pass(?:word|wd)?\d{0,3}|pwd|secret|token|user|port|foo|bar|baz|\*+|x+|\d{2,5})$/i.test(
    value,
  );
}

function isBasicCredential(encoded: string): boolean {
  const decoded = Buffer.from(encoded, 'base64').toString('latin1');
  return /^[\x20-\x7e]{1,64}:[\x20-\x7e]{3,}$/.test(decoded);
}

/** @returns the whole value when its property's name says that it is secret */
export function findLabelledSecret(view: TextView): Span | undefined {
  if (
    !SECRET_LABEL.test(view.label) ||
    HARMLESS_TOKEN.test(view.label) ||
    !isSecretValue(view.label, view.text)
  ) {
    return undefined;
  }
  return { start: 0, end: view.text.length };
}
