/** Gets tokens: for a kept connection (RFC 6749, section 6) or by the device flow (RFC 8628). */
export const tokensSh = String.raw`# --- Tokens

# Takes the tokens of the answer.
take_tokens() {
  ACCESS=$(field access_token)
  refresh=$(field refresh_token)
  is_token "$ACCESS" ||
    fail "$ISSUER answered without a usable token. Ask the administrators of the portal."
  EXPIRES=$(($(date +%s) + $(number "$(field expires_in)" 0 31536000)))
  if is_token "$refresh"; then
    REFRESH=$refresh
  fi
  write_cache
}

# A new token for the kept connection. Fails when that has ended.
refresh() {
  [ -n "$REFRESH" ] || return 1
  form
  post token "$FORM&grant_type=refresh_token&refresh_token=$REFRESH" || unreachable
  case $STATUS in
    200) take_tokens ;;
    400 | 401)
      ACCESS=
      REFRESH=
      [ -z "$CACHE" ] || rm -f "$CACHE"
      return 1
      ;;
    *) refused ;;
  esac
}

open_browser() {
  [ -z "$NO_BROWSER" ] || return 0
  if [ "$(uname -s)" = Darwin ]; then
    opener=open
  elif command -v wslview >/dev/null 2>&1; then
    opener=wslview
  elif [ -n "$DISPLAY$WAYLAND_DISPLAY" ]; then
    opener=xdg-open
  else
    return 0
  fi
  command -v "$opener" >/dev/null 2>&1 || return 0
  "$opener" "$1" </dev/null >/dev/null 2>&1 &
}

device_flow() {
  form
  post device_authorization "$FORM&scope=$(encode "$SCOPE")" || unreachable
  [ "$STATUS" = 200 ] || refused

  device_code=$(field device_code)
  user_code=$(field user_code)
  uri=$(field verification_uri_complete)
  [ -n "$uri" ] || uri=$(field verification_uri)
  interval=$(number "$(field interval)" 5 30)
  [ "$interval" -gt 0 ] || interval=1
  end=$(($(date +%s) + $(number "$(field expires_in)" 600 3600)))
  if ! is_token "$device_code" || ! is_token "$user_code" || ! is_url "$uri"; then
    fail "$ISSUER did not answer as a sign-in does. Its address may have changed: get this script again from the portal."
  fi

  line='------------------------------------------------------------'
  say "$NEWLINE$line$NEWLINE  Sign in with a browser, on this or another device:$NEWLINE"
  say "    $uri$NEWLINE"
  say "  Approve only if the page shows this code:  $user_code$NEWLINE$line$NEWLINE"
  open_browser "$uri"

  failures=0
  while sleep "$interval" && [ "$(date +%s)" -lt "$end" ]; do
    alive
    form
    post token "$FORM&grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&device_code=$device_code"
    case $STATUS in
      200) take_tokens; return ;;
      0 | 5??)
        failures=$((failures + 1))
        if [ "$failures" -ge 3 ]; then
          if [ "$STATUS" = 0 ]; then unreachable; else refused; fi
        fi
        continue
        ;;
    esac
    failures=0
    case $(field error) in
      authorization_pending) ;;
      slow_down) interval=$((interval + 5)) ;;
      access_denied) fail 'You refused the sign-in. Run this again if that was a mistake.' ;;
      expired_token) break ;;
      *) refused ;;
    esac
  done
  fail 'The sign-in was not approved in time. Run this again.'
}

logout() {
  [ -n "$CACHE" ] || fail '--logout needs what --no-cache does without. Use one of them.'
  lock
  read_cache
  rm -f "$CACHE"
  token=$REFRESH
  [ -n "$token" ] || token=$ACCESS
  if [ -z "$token" ]; then
    say 'prompt-corner: You were not signed in.'
    return
  fi
  form
  if ! post revoke "$FORM&token=$token" || [ "$STATUS" != 200 ]; then
    fail "Signed out on this machine, but $ISSUER could not be told (HTTP $STATUS). End the connection on the portal's page. $PROBLEM"
  fi
  say 'prompt-corner: Signed out.'
}
`;
