import { cacheSh } from './sh/cache';
import { jsonSh } from './sh/json';
import { requestsSh } from './sh/requests';
import { tokensSh } from './sh/tokens';

const head = String.raw`#!/bin/sh
# Signs in to Prompt Corner and prints an access token. For how: --help

ISSUER=@ISSUER@
CLIENT_ID=@CLIENT_ID@
RESOURCE=@RESOURCE@
SCOPE=@SCOPE@

NEWLINE='
'

usage() {
  cat <<'END'
Signs in to Prompt Corner in a browser, and prints an access token on standard
output. Run again, it prints the same token while that is valid, or a new one,
without a browser, until the connection ends or is revoked.

  --resource <url>   what the token is for
  --scope <scopes>   what the token may do, separated by spaces
  --no-browser       do not open a browser (also: PROMPT_CORNER_NO_BROWSER=1)
  --no-cache         keep nothing on this machine
  --logout           end the connection, and forget it
  --help
END
}

say() {
  printf '%s\n' "$1" >&2
}

fail() {
  say "prompt-corner: $1"
  exit 1
}

# Text of others, without what could do something to a terminal.
plain() {
  LC_ALL=C tr -cd '\040-\176' | cut -c 1-300
}
`;

const main = String.raw`main() {
  umask 077
  NO_BROWSER=$PROMPT_CORNER_NO_BROWSER
  use_cache=1
  action=login
  CACHE=
  LOCKED=
  while [ $# -gt 0 ]; do
    case $1 in
      --resource | --scope)
        [ $# -gt 1 ] || fail "$1 needs a value; see --help"
        if [ "$1" = --scope ]; then SCOPE=$2; else RESOURCE=$2; fi
        shift
        ;;
      --no-browser) NO_BROWSER=1 ;;
      --no-cache) use_cache= ;;
      --logout) action=logout ;;
      --help | -h) usage; exit 0 ;;
      *) fail "Unknown option $(printf '%s' "$1" | plain); see --help" ;;
    esac
    shift
  done
  [ -z "$RESOURCE" ] || is_url "$RESOURCE" || fail '--resource has to be a URL that begins with https://'
  case $SCOPE in
    *[!a-z:_\ -]*) fail '--scope has to be names of scopes, separated by spaces' ;;
  esac
  command -v curl >/dev/null 2>&1 || fail 'This needs curl. Install it and run this again.'

  trap unlock EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM

  [ -z "$use_cache" ] || locate_cache
  if [ "$action" = logout ]; then
    logout
    exit 0
  fi
  read_cache
  if ! is_fresh; then
    if [ -n "$CACHE" ]; then
      lock
      # Another process may have been faster.
      read_cache
    fi
    is_fresh || refresh || device_flow
  fi
  printf '%s\n' "$ACCESS"
}

# Last, so that nothing happens when only a part of this arrives.
main "$@"
`;

/**
 * For POSIX shells with curl: runs in dash, bash and busybox. It uses no
 * parameter expansion with braces, as those mean something in a template too.
 * Secrets go to other programs on their standard input only, as arguments can
 * be seen by other users of a machine.
 */
export const loginSh = [head, jsonSh, requestsSh, cacheSh, tokensSh, main].join(
  '\n',
);
