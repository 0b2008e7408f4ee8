/** What is kept on the machine, and the lock around it. */
export const cacheSh = String.raw`# --- What is kept on this machine: who it is for, access token, its end, refresh token; a line each.

locate_cache() {
  IDENTITY="$ISSUER|$CLIENT_ID|$RESOURCE|$SCOPE"
  state=$XDG_STATE_HOME
  [ -n "$state" ] || state=$HOME/.local/state
  FOLDER=$state/prompt-corner
  CACHE=$FOLDER/$(printf '%s' "$IDENTITY" | cksum | tr ' ' '-')
  LOCK=$CACHE.lock
  { mkdir -p "$FOLDER" && chmod 700 "$FOLDER"; } 2>/dev/null ||
    fail "Cannot write to $FOLDER. Make it writable, or use --no-cache."
}

read_cache() {
  ACCESS=
  EXPIRES=0
  REFRESH=
  [ -n "$CACHE" ] && [ -f "$CACHE" ] || return 0
  identity=
  { read -r identity; read -r access; read -r expires; read -r refresh; } <"$CACHE"
  [ "$identity" = "$IDENTITY" ] || return 0
  ! is_token "$access" || ACCESS=$access
  EXPIRES=$(number "$expires" 0 999999999999)
  ! is_token "$refresh" || REFRESH=$refresh
}

write_cache() {
  [ -n "$CACHE" ] || return 0
  if printf '%s\n' "$IDENTITY" "$ACCESS" "$EXPIRES" "$REFRESH" >"$CACHE.$$" &&
    mv -f "$CACHE.$$" "$CACHE"; then
    return 0
  fi
  rm -f "$CACHE.$$"
  say "prompt-corner: Could not write $CACHE; the next run will ask to sign in again."
}

# A refresh token may be used once, so one process at a time. Who dies leaves its lock behind:
# without a sign of life for a minute it does not count.
lock() {
  waited=0
  unsigned=
  until mkdir "$LOCK" 2>/dev/null; do
    since=$(number "$(cat "$LOCK/since" 2>/dev/null)" '' 999999999999)
    if [ -z "$since" ]; then
      # Just made, or whoever made it died at once.
      [ -n "$unsigned" ] || unsigned=$(date +%s)
      since=$unsigned
    fi
    if [ $(($(date +%s) - since)) -gt 60 ]; then
      # Whoever succeeds in moving it away may remove it.
      mv "$LOCK" "$LOCK.$$" 2>/dev/null && rm -rf "$LOCK.$$"
      unsigned=
      continue
    fi
    [ "$waited" -ne 3 ] || say 'prompt-corner: Waiting for another sign-in on this machine'
    [ "$waited" -lt 900 ] || fail "Another sign-in does not end. Remove $LOCK and run this again."
    waited=$((waited + 1))
    sleep 1
  done
  LOCKED=1
  alive
}

alive() {
  [ -z "$LOCKED" ] || date +%s >"$LOCK/since"
}

unlock() {
  [ -z "$LOCKED" ] || rm -rf "$LOCK"
  LOCKED=
}

is_fresh() {
  [ -n "$ACCESS" ] && [ $((EXPIRES - $(date +%s))) -gt 60 ]
}
`;
