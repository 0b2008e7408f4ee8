import { entropyOf } from '../../text/entropy';
import { anchoredPattern } from '../anchored';
import type { Detector } from '../Detector';
import { carriesData } from './encodedValue';

/** Parameters that are long and random by design. */
const SIGNED =
  /[?&](?:x-amz-|x-goog-|sig=|signature=|se=|token=|code=|state=|samlrequest=|samlresponse=|id_token=|nonce=|code_challenge=|__cf)/i;

/** URLs that carry data away. */
export const URL_DETECTORS: Detector[] = [
  anchoredPattern({
    id: 'exfiltration.url',
    category: 'exfiltration',
    severity: 'high',
    description:
      'Finds URLs whose path, query or host name carries encoded text, or long random data.',
    anchors: ['://'],
    // Up to the next "://", which is looked at by itself.
    pattern:
      /(?<=https?|wss?|ftp):\/\/(?:[^\s"'<>\\^`{}|:]|:(?!\/\/)){24,4000}/i,
    accept: urlCarriesData,
  }),
  anchoredPattern({
    id: 'exfiltration.markdown-link',
    category: 'exfiltration',
    severity: 'critical',
    description:
      'Finds images and links of Markdown and HTML whose address has a place for data, which a client would send when it shows them.',
    anchors: [
      '](http',
      '](//',
      ']: http',
      'src="http',
      "src='http",
      'src=http',
    ],
    pattern:
      /(?:(?:(?<=!\[[^\]\n]{0,100})\]\(|src=["']?)(?:https?:)?\/\/[^\s)"'>]{3,300}[?&/#=]|(?:\]\(|\]: )(?:https?:)?\/\/[^\s)"'>?]{3,200}\?)(?:[^\s)"'>]{0,200}?)(?:\{\{?[ \w.-]{2,60}\}?\}|\$\{[ \w.()-]{2,60}\}|%7B[\w.%-]{2,60}%7D|<[ \w.-]{3,60}>|\[[ \w.'-]{4,60}\]|(?:INSERT|YOUR|THE|USER|SECRET|SUMMARY|CONVERSATION|CHAT|DATA|PROMPT)_[A-Z_]{2,40})/i,
    accept: found => !isBadge(found),
  }),
  anchoredPattern({
    id: 'exfiltration.collector',
    category: 'exfiltration',
    severity: 'medium',
    description:
      'Finds hosts that are made to collect requests, such as webhook.site.',
    anchors: [
      'webhook.site',
      'requestbin',
      'pipedream.net',
      'oast.',
      'interact.sh',
      'burpcollaborator',
      'oastify.com',
      'requestcatcher.com',
      'beeceptor.com',
      'hookbin.com',
      'canarytokens.',
      'dnslog.cn',
      'ceye.io',
    ],
    pattern:
      /(?:webhook\.site\/[\w-]{8,}|requestbin\.(?:com|net)|(?<=[\w-]{3,40}\.(?:m\.)?)pipedream\.net|(?<=[a-z0-9]{8,60}\.)oast\.(?:pro|live|site|online|fun|me)|(?<=[a-z0-9]{8,60}\.)interact\.sh|(?<=[a-z0-9]{8,60}\.)(?:burpcollaborator\.net|oastify\.com)|(?<=[\w-]{3,40}\.)(?:requestcatcher\.com|beeceptor\.com)|hookbin\.com\/\w{4,}|canarytokens\.(?:com|org)\/\w{4,}|(?<=[a-z0-9-]{3,40}\.)(?:dnslog\.cn|ceye\.io))/i,
  }),
];

/**
 * A part of a host's name, or of what follows it, that is long enough to carry data:
 * most URLs have none. It begins at a separator, so that this is tried only there.
 */
const LONG_PART = /[/?#&;,.](?:[^/?#&;,.]{24}|(?<!\.)[^/?#&;,]{32})/;

function urlCarriesData(url: string): boolean {
  if (!LONG_PART.test(url)) {
    return false;
  }
  const [authority, ...path] = url.slice(3).split(/[/?#]/);
  if (isEncodedHost(authority)) {
    return true;
  }
  if (SIGNED.test(url)) {
    return false;
  }
  const parts = path.join('/').split(/[/&;,]|\.(?=[A-Za-z0-9]{1,5}$)/);
  return parts.some(
    part => carriesData(part.slice(part.indexOf('=') + 1)) || carriesData(part),
  );
}

/**
 * Data leaves by DNS in labels before a short domain: several long labels, or
 * one that is longer than names are, and random.
 */
function isEncodedHost(authority: string): boolean {
  const labels = authority
    .replace(/^.*@|:\d+$/g, '')
    .split('.')
    .slice(0, -2);
  const encoded = labels.filter(
    label =>
      label.length >= 24 &&
      /^[a-z0-9_-]+$/i.test(label) &&
      /\d/.test(label) &&
      !/[a-z]{4,}-[a-z]{3,}|-[0-9a-f]{8,10}-/i.test(label) &&
      entropyOf(label) > 3,
  );
  return encoded.length > 1 || encoded.some(label => label.length >= 40);
}

/** Templates of badges and documentation have places for names. */
function isBadge(found: string): boolean {
  return /img\.shields\.io|badge|codecov\.io|travis-ci|github\.com\/|gitlab\.com\/|localhost/i.test(
    found,
  );
}
